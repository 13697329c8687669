"""The site behind a real ASGI server on loopback, with the simulator behind the site."""

import socket
import threading
import time
from collections.abc import Iterator

import openai
import pytest
import uvicorn

from careerai.accounts.models import User
from careerai.accounts.tokens import create_token
from careerai.asgi import application


@pytest.fixture
def live_url(transactional_db: None) -> Iterator[str]:
    """Serve the site as `manage.py serve` does, in a thread, and yield its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        application, log_config=None, access_log=False, lifespan="off", ws="none", timeout_graceful_shutdown=3
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=[[listener]], daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listener.close()


@pytest.fixture
def token(owner: User, live_url: str) -> str:
    return create_token(user=owner, name="program")[1]


@pytest.fixture
def client(live_url: str, token: str, simulator) -> Iterator[openai.OpenAI]:
    """OpenAI's own SDK, told nothing but another address and token."""
    with openai.OpenAI(base_url=f"{live_url}/v1", api_key=token, max_retries=0) as client:
        yield client

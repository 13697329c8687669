"""The fixture that puts the provider simulator behind the application."""

from collections.abc import Iterator

import pytest

from ai_router.loop import close_provider_loop
from tests.providers.simulator import Simulator


@pytest.fixture
def simulator(settings) -> Iterator[Simulator]:
    """A provider on loopback, with OpenAI switched on and pointed at it."""
    server = Simulator()
    server.start()
    settings.AI_PROVIDERS = {
        "openai": {"api_key": "simulated", "base_url": server.base_url, "model": "gpt-5.4-mini"},
    }
    settings.DEFAULT_AI_PROVIDER = ""
    settings.DEFAULT_AI_MODEL = ""
    yield server
    close_provider_loop()
    server.stop()

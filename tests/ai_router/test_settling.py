"""Calls that are given up while they begin."""

import asyncio
import threading

import pytest

from ai_router import conversations
from ai_router.conversations import Conversation, aconverse
from ai_router.naming import find_target
from ai_router.planning import open_plan
from ai_router.types import Message
from usage.models import Call

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("times", [1, 2])
async def test_a_call_that_is_given_up_while_it_is_opened_holds_nothing(times, simulator, monkeypatch):
    has_opened, may_go_on = threading.Event(), threading.Event()

    def open_slowly(*args, **named):
        plan = open_plan(*args, **named)
        has_opened.set()
        may_go_on.wait(10)
        return plan

    monkeypatch.setattr(conversations, "open_plan", open_slowly)
    target = await asyncio.to_thread(find_target, "openai/gpt-5.4-mini")
    conversation = Conversation((Message("user", "Say hello."),), max_output_tokens=20)
    asking = asyncio.create_task(aconverse(conversation, target, user=None))
    await asyncio.to_thread(has_opened.wait, 10)

    for _ in range(times):
        asking.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await asking

    async with asyncio.timeout(20):
        while await Call.objects.filter(status="open").aexists():
            await asyncio.sleep(0.01)
    call = await Call.objects.aget()
    assert (call.status, call.cost_nanousd) == ("cancelled", 0)
    assert not simulator.closed_books()

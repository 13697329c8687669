"""What really leaves: the provider's books hold no personal data, and the caller gets it back."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from pydantic import BaseModel

from ai_router import router
from ai_router.conversations import Conversation, converse
from ai_router.errors import PrivacyError
from ai_router.naming import find_target
from ai_router.types import AnswerForm, Message, PersonalKind, Sampling, StreamEnded, TaskType, TextDelta, Tool
from tests.ai_router.books import assert_books_agree
from tests.ai_router.conftest import OFFLINE_TEXT, Verse
from tests.providers.simulator import Reply
from usage.behind import close_behind
from usage.ledger import forget_outbound_texts
from usage.models import Call, OutboundText

pytestmark = pytest.mark.django_db(transaction=True)


class Letter(BaseModel):
    """A subject that names a person."""

    topic: str = "Jane Doe grows roses. Write to jane@example.org or +44 20 7946 0999, Jane!"
    name: str = "Jane Doe"


@pytest.fixture
def spec(spec):
    return replace(spec, personal={"name": PersonalKind.NAME}, finish=lambda _inputs, answer: str(answer))


def sent(simulator) -> str:
    return json.dumps([entry.request for entry in simulator.closed_books()], ensure_ascii=False)


def assert_nothing_personal(text: str) -> None:
    for word in ("Jane", "Doe", "jane@example.org", "7946"):
        assert word not in text


def test_placeholders_leave_and_the_person_comes_back(spec, simulator):
    simulator.script(Reply(text="[NAME_1] grows roses; ask [EMAIL_1]. [NAME_1b]"))

    result = router.run(spec, Letter())

    assert result.output == "Jane Doe grows roses; ask jane@example.org. Jane"
    assert "[NAME_1] grows roses" in sent(simulator)
    assert_nothing_personal(sent(simulator))
    assert_books_agree(simulator)


async def test_a_stream_is_restored_while_it_is_shown(spec, simulator):
    simulator.script(Reply(text="Dear [NAME_1], all the best to [NAME_1b] and NAME_9"))

    events = [event async for event in router.stream(spec, Letter())]

    text = "Dear Jane Doe, all the best to Jane and NAME_9"
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == text
    assert isinstance(events[-1], StreamEnded)
    assert events[-1].result.output == text


def test_a_form_is_restored_as_json(form_spec, simulator):
    spec = replace(form_spec, personal={"name": PersonalKind.NAME})
    inputs = Letter(topic='On Jo "Ace" Neil', name='Jo "Ace" Neil')
    simulator.script(Reply(text=json.dumps(Verse(title="To [NAME_1]", lines=["x"]).model_dump())))

    assert router.run(spec, inputs).output == 'To Jo "Ace" Neil\nx'


def test_a_repair_sends_placeholders_too(spec, simulator):
    spec = replace(spec, verify=lambda _inputs, text: ["Jane Doe is praised"] if "best" in text else [])
    simulator.script(Reply(text="[NAME_1] is the best"), Reply(text="[NAME_1] grows roses"))

    assert router.run(spec, Letter()).output == "Jane Doe grows roses"
    assert "[NAME_1] is praised" in sent(simulator)
    assert_nothing_personal(sent(simulator))


def test_free_prompts_are_searched_by_form(simulator):
    simulator.script(Reply(text="Wrote to [EMAIL_1]"))

    result = router.generate(task_type=TaskType.EMAIL_DRAFTING, prompt="Write to jane@example.org")

    assert result.output == "Wrote to jane@example.org"
    assert_nothing_personal(sent(simulator))


def test_what_cannot_be_hidden_is_not_sent(spec, simulator):
    inputs = Letter(topic="J\u200bane D\u200boe")

    result = router.run(spec, inputs)

    assert result.output == OFFLINE_TEXT
    assert simulator.books == []
    assert ["openai/gpt-5.4-mini", "personal data could not be hidden"] in Call.objects.get().decision["passed_over"]
    with pytest.raises(PrivacyError):
        router.run(spec, inputs, provider="openai")
    assert simulator.books == []


def test_a_provider_that_the_site_trusts_gets_the_text_as_it_is(spec, simulator, settings):
    settings.AI_PRIVACY_EXEMPT = ["openai"]
    simulator.script(Reply(text="[NAME_1] grows roses"))

    assert router.run(spec, Letter()).output == "[NAME_1] grows roses"
    assert "Jane Doe grows roses" in sent(simulator)


def test_placeholders_can_be_switched_off(spec, simulator, settings):
    settings.AI_PRIVACY = False

    router.run(spec, Letter())

    assert "Jane Doe grows roses" in sent(simulator)


@pytest.fixture
def jane(django_user_model):
    return django_user_model.objects.create_user("jane", "jane@example.org", "long-password")


def test_a_person_sees_word_for_word_what_left(spec, simulator, jane, client, django_user_model):
    call = router.run(spec, Letter(), user=jane)
    client.force_login(jane)

    listed = client.get("/usage/").content.decode()
    page = client.get(f"/usage/calls/{call.call_id}/").content.decode()

    assert f"/usage/calls/{call.call_id}/" in listed
    assert "openai/gpt-5.4-mini" in page
    assert "1 name, 1 e-mail address, 1 phone number" in page
    assert "<mark>[NAME_1]</mark> grows roses" in page
    left = OutboundText.objects.get()
    assert [said for _, said in left.messages] == [
        m["content"] for m in simulator.closed_books()[0].request["messages"]
    ]
    client.force_login(django_user_model.objects.create_user("joe", "joe@example.org", "long-password"))
    assert client.get(f"/usage/calls/{call.call_id}/").status_code == 404


def test_what_goes_out_beside_the_messages_is_in_the_log_as_it_left(simulator, jane, client):
    schema = {"type": "object", "properties": {"who": {"const": "jane@example.org"}}}
    talk = Conversation(
        (Message("user", "Write to jane@example.org."),),
        50,
        form=AnswerForm("answer", schema, is_strict=False),
        tools=(
            Tool("send", "Sends to jane@example.org.", schema),
            *(Tool(f"pad_{number}", "pad " * 3_000, {}) for number in range(5)),
        ),
        sampling=Sampling(stop=("jane@example.org",)),
    )
    simulator.script(Reply(text="{}"))

    call = converse(talk, find_target("openai/gpt-5.4-mini"), user=jane)
    client.force_login(jane)
    page = client.get(f"/usage/calls/{call.call_id}/").content.decode()

    messages = OutboundText.objects.get().messages
    form, send, pad, *_, last_pad, stop = beside = messages[-8:]
    assert [role for role, _ in beside] == ["form", *["tool definition"] * 6, "stop words"]
    assert "jane@example.org" not in str(messages)
    assert json.loads(form[1]) == {"type": "object", "properties": {"who": {"const": "[EMAIL_1]"}}}
    assert (send[1].count("[EMAIL_1]"), stop[1]) == (2, "\n… and 9 characters more")
    assert pad[1].endswith("… and 2,009 characters more")
    assert last_pad[1] == "\n… and 12,009 characters more"
    assert sum(len(said) for _, said in beside) < 41_000
    assert "A tool that could be called" in page
    assert "The form that the answer was to have" in page


def test_what_never_left_is_not_in_the_log(spec, simulator, jane, settings):
    router.run(spec, Letter(), user=jane, provider="embedded")
    router.run(spec, Letter())
    settings.AI_OUTBOUND_DAYS = 0
    router.run(spec, Letter(), user=jane)

    assert not OutboundText.objects.exists()


def test_what_left_is_forgotten_in_time_and_with_the_person(spec, simulator, jane):
    router.run(spec, Letter(), user=jane)
    now = timezone.now()

    assert forget_outbound_texts(now=now + timedelta(days=29)) == 0
    assert forget_outbound_texts(now=now + timedelta(days=31)) == 1
    router.run(spec, Letter(topic="Other roses, Jane"), user=jane)
    jane.delete()
    assert not OutboundText.objects.exists()


@pytest.mark.parametrize("mode", ["durable", "fast"])
def test_the_log_is_written_in_every_mode_of_the_ledger(spec, simulator, jane, settings, mode):
    settings.AI_LEDGER = mode
    router.run(spec, Letter(), user=jane)
    close_behind()

    assert OutboundText.objects.get().hidden == {"NAME": 1, "EMAIL": 1, "PHONE": 1}


def test_signs_that_no_database_keeps_do_not_stop_the_booking(simulator, jane):
    call = router.generate(task_type=TaskType.FAST_SUMMARY, prompt="Roses\x00 grow.", user=jane)

    booked = Call.objects.get()
    assert (booked.status, booked.cost_nanousd) == ("succeeded", call.cost_nanousd)
    assert OutboundText.objects.get().messages == [["user", "Roses\N{REPLACEMENT CHARACTER} grow."]]
    assert_books_agree(simulator)


def test_what_another_program_sends_beside_its_messages_is_hidden_too(simulator, jane):
    tool = Tool(
        "write_mail",
        "Writes a mail to jane@example.org, or calls +44 20 7946 0999.",
        {
            "type": "object",
            "title": "A mail to jane@example.org",
            "properties": {
                "to": {"type": "string", "enum": ["jane@example.org", "all"], "default": "jane@example.org"},
                "jane@example.org": {"type": "string"},
                "description": {"type": "string", "examples": [["Call +44 20 7946 0999"]]},
            },
            "required": ["jane@example.org"],
        },
    )
    form = AnswerForm("mail", {"type": "object", "description": "For jane@example.org"}, is_strict=False)
    conversation = Conversation(
        (Message("user", "Mail [EMAIL_3] her."),),
        50,
        form=form,
        tools=(tool,),
        sampling=Sampling(stop=("jane@example.org",)),
    )
    simulator.script(Reply(tool_calls=[{"name": "write_mail", "arguments": {"to": "[EMAIL_4]", "n": "[PHONE_4]"}}]))

    result = converse(conversation, find_target("openai/gpt-4.1-mini"), user=jane)

    (entry,) = simulator.closed_books()
    function = entry.request["tools"][0]["function"]
    assert function["name"] == "write_mail"
    assert function["description"] == "Writes a mail to [EMAIL_4], or calls [PHONE_4]."
    assert list(function["parameters"]["properties"]) == ["to", "jane@example.org", "description"]
    assert function["parameters"]["properties"]["to"]["enum"] == ["[EMAIL_4]", "all"]
    assert entry.request["stop"] == ["[EMAIL_4]"]
    names = (
        json.dumps(entry.request).replace('"jane@example.org": {', "").replace('"required": ["jane@example.org"]', "")
    )
    assert_nothing_personal(names)
    assert "stand for personal data" in names
    (call,) = result.output.tool_calls
    assert json.loads(call.arguments) == {"to": "jane@example.org", "n": "+44 20 7946 0999"}
    assert_books_agree(simulator)


def test_a_program_without_personal_data_has_its_terms_as_they_are(simulator, jane):
    conversation = Conversation(
        (Message("user", "Rain?"),),
        50,
        tools=(Tool("weather", "Tells the weather.", {"type": "object", "properties": {}}),),
        sampling=Sampling(stop=("END",)),
    )

    converse(conversation, find_target("openai/gpt-4.1-mini"), user=jane)

    (entry,) = simulator.closed_books()
    assert [message["role"] for message in entry.request["messages"]] == ["user"]
    assert entry.request["stop"] == ["END"]
    assert entry.request["tools"][0]["function"]["description"] == "Tells the weather."

"""From a provider's answer to the checked output: broken JSON is read where it can be, and the ledger says so."""

import pytest

from ai_router import router
from tests.ai_router.conftest import OFFLINE_TEXT, Subject
from tests.providers.simulator import Reply
from usage.models import Call

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "text",
    [
        'Here you are:\n```json\n{"title": "Garden", "lines": ["Roses",]}\n```',
        "{'title': 'Garden', 'lines': ['Roses']",
    ],
)
def test_broken_json_is_read_without_asking_again(text, form_spec, simulator):
    simulator.script(Reply(text=text))

    result = router.run(form_spec, Subject())

    assert result.output == "Garden\nRoses"
    assert len(simulator.closed_books()) == 1
    assert Call.objects.get(id=result.call_id).decision["repaired"] == ["openai/gpt-5.4-mini"]


def test_whole_json_is_not_said_to_be_repaired(form_spec, simulator):
    simulator.script(Reply(text='{"title": "Garden", "lines": ["Roses"]}'))

    result = router.run(form_spec, Subject())

    assert "repaired" not in Call.objects.get(id=result.call_id).decision


def test_an_answer_that_was_cut_at_its_bound_is_not_closed(form_spec, simulator):
    simulator.script(Reply(text='{"title": "Garden", "lines": ["Roses", "Vio', finish_reason="length"))

    result = router.run(form_spec, Subject())

    assert result.output == OFFLINE_TEXT
    assert "repaired" not in Call.objects.get(id=result.call_id).decision


def test_what_is_no_json_is_sent_back_once(form_spec, simulator):
    simulator.script(Reply(text="I would rather not."), Reply(text='{"title": "Garden", "lines": ["Roses"]}'))

    result = router.run(form_spec, Subject())

    assert result.output == "Garden\nRoses"
    assert [attempt.status for attempt in result.attempts] == ["rejected", "succeeded"]

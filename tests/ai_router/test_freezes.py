"""Calls that are stopped: refused with a message that helps, or left to free candidates; let go within seconds."""

import openai
import pytest

from ai_router import router
from ai_router.copies import forget_copies
from ai_router.freezes import STOPS
from ai_router.types import TaskType
from careerai.accounts.tokens import create_token
from tests.ai_router.api import conftest
from tests.ai_router.conftest import OFFLINE_TEXT, Subject
from tests.providers.simulator import Reply
from usage import watch
from usage.errors import FrozenError
from usage.freezes import freeze, lift
from usage.models import Alert, AlertRule, Call, Freeze
from usage.types import AlertKind, FreezeLevel, RuleAction, SubjectKind, Watched

# The gateway behind a real server, as its own tests have it.
client, live_url, token = conftest.client, conftest.live_url, conftest.token
HELLO = [{"role": "user", "content": "Say hello."}]


def _run_away(client, simulator):
    """Ask again and again until that is refused; returns how often it was not, and the error."""
    for made in range(500):
        simulator.script(Reply(text="Hello."))
        # Every process looks every few seconds; a test has no time for that.
        STOPS.forget()
        try:
            client.chat.completions.create(model="auto", messages=HELLO)
        except openai.PermissionDeniedError as error:
            return made, error
    pytest.fail("nobody stopped it")


@pytest.mark.django_db(transaction=True)
def test_a_runaway_script_is_stopped_while_it_runs_and_goes_on_when_it_is_let_go(
    client, simulator, owner, staff, settings
):
    settings.AI_USER_REQUESTS_PER_MINUTE = 0
    AlertRule.objects.all().delete()
    AlertRule.objects.create(
        name="Runaway token", kind=AlertKind.RUNAWAY, measure=Watched.VOLUME, subject_kind=SubjectKind.TOKEN, limit=5,
        fewest=5, action=RuleAction.FREEZE, action_limit=10,
    )  # fmt: skip
    watching = watch.Watch("test", watch.watch_once, round_seconds=0.1)
    watching.start()
    try:
        made, refused = _run_away(client, simulator)
    finally:
        watching.stop()

    row = Freeze.objects.get()
    assert made >= 10
    assert refused.body["code"] == "frozen"
    assert "API token “program” are stopped" in refused.body["message"]
    assert refused.response.headers["x-should-retry"] == "false"
    assert Call.objects.filter(token_id=int(row.subject_key)).count() == made
    assert Alert.objects.get().freeze == row
    other = create_token(user=owner, name="another program")[1]
    client.with_options(api_key=other).chat.completions.create(model="auto", messages=HELLO)

    lift(row, by=staff)
    forget_copies()
    assert client.chat.completions.create(model="auto", messages=HELLO).choices


@pytest.mark.django_db(transaction=True)
def test_a_person_who_is_stopped_is_told_why_and_nothing_is_held(simulator, spec, owner, stranger):
    freeze(("user", str(owner.pk)), level=FreezeLevel.FREEZE, message="You made 900 calls. Call us.")

    with pytest.raises(FrozenError, match="calls are stopped") as refused:
        router.run(spec, Subject(), user=owner)

    assert refused.value.user_message == "You made 900 calls. Call us."
    assert refused.value.status_code == 403
    assert not Call.objects.exists()
    assert router.run(spec, Subject(), user=stranger).output
    with pytest.raises(FrozenError):
        router.embed(["text"], user=owner)


@pytest.mark.django_db(transaction=True)
def test_who_is_left_to_free_candidates_is_answered_offline_and_pays_nothing(simulator, spec, owner):
    freeze(("task", TaskType.COVER_LETTER.value), level=FreezeLevel.DOWNGRADE, message="Free engines only.")

    result = router.run(spec, Subject(), user=owner)

    assert (result.output, result.provider, result.cost_nanousd) == (OFFLINE_TEXT, "embedded", 0)
    line = Call.objects.get()
    assert [reason for _, reason in line.decision["passed_over"] if reason == "only free candidates"]
    assert line.held_nanousd == 0
    with pytest.raises(FrozenError, match="calls are stopped"):
        router.generate(task_type=TaskType.COVER_LETTER, prompt="Hi", user=owner)
    assert router.embed(["text"], user=owner).vectors


@pytest.mark.django_db(transaction=True)
def test_looking_takes_no_query_while_the_copy_is_fresh(owner, django_assert_num_queries):
    STOPS.get()

    with django_assert_num_queries(0):
        assert STOPS.get().find(token_id=1, user_id=owner.pk, task_type="chat") is None

"""The command that empties the caches."""

import json

import pytest
from django.core.management import CommandError, call_command

from ai_router import router
from tests.ai_router.conftest import Subject
from usage.savings import summarise_savings

pytestmark = pytest.mark.django_db


def test_the_answers_of_a_user_are_counted_and_forgotten(spec, simulator, owner, stranger, capsys):
    for user in (owner, stranger):
        router.run(spec, Subject(), user=user)

    call_command("clear_ai_cache", "--user", "owner", "--dry-run", "--json")
    assert json.loads(capsys.readouterr().out) == {"answers": 1, "is_dry_run": True}
    call_command("clear_ai_cache", "--user", "owner", "--task", "cover_letter")
    assert capsys.readouterr().out == "Forgot 1 kept answers.\n"

    assert not router.run(spec, Subject(), user=owner).is_cached
    assert router.run(spec, Subject(), user=stranger).is_cached


@pytest.mark.parametrize("arguments", [["--user", "nobody"], ["--task", "nothing"]])
def test_what_does_not_exist_is_said_in_a_line(arguments, db):
    with pytest.raises(CommandError, match=arguments[1]):
        call_command("clear_ai_cache", *arguments)


def test_the_savings_tell_hits_misses_and_money(spec, simulator, owner, stranger):
    first = router.run(spec, Subject(), user=owner)
    for _ in range(2):
        router.run(spec, Subject(), user=owner)
    router.run(spec, Subject(), user=owner, use_cache=False)

    (row,) = summarise_savings(hours=1, user_id=owner.pk)

    assert (row.task_type, row.hits, row.misses) == ("cover_letter", 2, 1)
    assert row.saved_nanousd == 2 * first.cost_nanousd > 0
    assert row.hit_rate == pytest.approx(2 / 3)
    assert summarise_savings(hours=1, user_id=stranger.pk) == []

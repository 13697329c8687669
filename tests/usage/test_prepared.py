"""Statements by the driver's own cursor: the same as by Django's."""

from uuid import uuid4

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from usage import statements
from usage.models import Call
from usage.prepared import run

pytestmark = pytest.mark.django_db


def both_ways(statement: str, values: list[object]):
    """Run it as in service, and watched."""
    plain = run(statement, values, returns=True)
    with CaptureQueriesContext(connection) as watched:
        seen = run(statement, values, returns=True)
    assert len(watched) == 1
    return plain, seen


@pytest.mark.parametrize("text", ["", "100 % of it", "quote ' and \\", "ß 日本 \N{GRINNING FACE}", "$1 ? %s"])
def test_values_arrive_as_they_are(text):
    plain, seen = both_ways("SELECT CAST(%s AS text), '7 %%', CAST(%s AS bigint)", [text, 2**40])
    assert plain == seen == (plain[0], [(text, "7 %", 2**40)])


def test_rows_that_were_changed_are_counted():
    call_id = uuid4()
    line = {"id": call_id, "task_type": "email", "created_at": timezone.now(), "expires_at": timezone.now()}
    assert statements.insert_call(line, unless_known=True)
    assert not statements.insert_call(line, unless_known=True)
    assert Call.objects.get().pk == call_id


def test_errors_are_django_s():
    line = {"id": uuid4(), "task_type": "email", "created_at": timezone.now(), "expires_at": timezone.now()}
    statements.insert_call(line)
    with pytest.raises(IntegrityError), transaction.atomic():
        statements.insert_call(line)


def test_a_text_that_is_too_long_is_refused_and_never_cut():
    line = {"id": uuid4(), "task_type": "x" * 41, "created_at": timezone.now(), "expires_at": timezone.now()}
    try:
        with transaction.atomic():
            statements.insert_call(line, unless_budgeted=True)
    except DataError:
        assert connection.vendor == "postgresql"
    else:
        assert Call.objects.get().task_type == "x" * 41

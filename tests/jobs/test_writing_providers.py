"""Writing through a provider, over its real SDK and a real connection: lies, cut streams, repairs, and the books."""

import json

import pytest

from jobs.models import WorkStatus
from jobs.services import emails, letters, tailoring
from tests.ai_router.books import assert_books_agree
from tests.providers.simulator import Reply
from usage.models import Call

pytestmark = pytest.mark.django_db(transaction=True)

TRUE = """Dear Maria Steiner,

Globex is looking for a Senior Backend Engineer to design and run payment services in Python. At Northwind Bank I developed a billing service in Python and PostgreSQL that cut invoice errors by 30%.

At Harbour Systems I introduced automated regression tests with Pytest and Jenkins for 40 releases a year.

I would be glad to discuss this with your team.

Kind regards,
Ada Quill"""
LIE = "At Northwind Bank I led 15 engineers and cut costs by $2M."
LYING = TRUE.replace("\n\nI would", f" {LIE}\n\nI would")


@pytest.fixture
def letter(owner, cv, globex):
    return letters.start_letter(owner=owner, cv=cv, posting=globex)


def test_a_true_letter_of_a_provider_is_stored_with_its_evidence(letter, worker, simulator):
    simulator.script(Reply(text=TRUE))

    worker(letter, letters.do_letter)

    assert letter.status == WorkStatus.DONE
    assert letter.text.split() == TRUE.split()
    assert [bool(s["evidence_ids"]) for s in letter.sentences if s["role"] == "claim"] == [True, True]
    assert Call.objects.get(pk=letter.call_id).provider == "openai"
    assert_books_agree(simulator)


def test_a_lie_is_sent_back_once_and_a_repaired_letter_is_taken(letter, worker, simulator):
    simulator.script(Reply(text=LYING), Reply(text=TRUE))

    worker(letter, letters.do_letter)

    asked_again = json.dumps(simulator.books[1].request)
    assert "15 engineers" in asked_again
    assert letter.removed == []
    assert "15 engineers" not in letter.text
    assert_books_agree(simulator)


def test_a_lie_that_is_repeated_is_taken_out_and_listed(letter, worker, simulator):
    simulator.script(Reply(text=LYING), Reply(text=LYING))

    worker(letter, letters.do_letter)

    assert letter.status == WorkStatus.DONE
    assert len(simulator.books) == 2
    assert LIE not in letter.text
    assert [claim["text"] for claim in letter.removed] == [LIE]
    assert "billing service" in letter.text
    assert_books_agree(simulator)


def test_a_provider_that_only_lies_is_followed_by_the_embedded_engine(letter, worker, simulator):
    nonsense = "Dear Maria Steiner,\n\nI have ten years of Rust. I founded three companies.\n\nKind regards,\nAda Quill"
    simulator.script(*[Reply(text=nonsense)] * 6)

    worker(letter, letters.do_letter)

    assert letter.status == WorkStatus.DONE
    assert "Rust" not in letter.text
    assert Call.objects.get(pk=letter.call_id).provider == "embedded"
    assert_books_agree(simulator)


def test_a_stream_that_is_cut_is_finished_by_the_next_candidate(letter, worker, simulator):
    simulator.script(*[Reply(text=TRUE, fault="cut", pieces=12)] * 6)

    worker(letter, letters.do_letter)

    assert letter.status == WorkStatus.DONE
    assert letter.text.endswith("Kind regards,\nAda Quill")
    assert letter.text.count("Dear Maria Steiner") == 1
    assert Call.objects.get(pk=letter.call_id).provider == "embedded"
    assert_books_agree(simulator)


def test_a_cut_stream_without_a_next_candidate_is_marked_incomplete(owner, cv, globex, worker, simulator):
    row = letters.start_letter(owner=owner, cv=cv, posting=globex, provider="openai")
    simulator.script(*[Reply(text=TRUE, fault="cut", pieces=60)] * 6)

    worker(row, letters.do_letter)

    assert row.status == WorkStatus.INCOMPLETE
    assert row.text
    assert not row.text.endswith("Ada Quill")


def test_a_providers_changes_pass_the_gate_or_are_listed(owner, cv, globex, worker, simulator):
    line = next(i for i in cv.current_version.resume.items() if getattr(i, "text", "").startswith("Led a team"))
    change = {
        "kind": "rephrase",
        "target_id": line.id,
        "field": "text",
        "evidence_ids": [line.id],
        "requirement_ids": ["r4"],
        "reason": "Shorter.",
    }
    answer = {
        "changes": [
            change | {"after": "Led 5 testers across two sites"},
            change | {"after": "Owned quality for 50 testers"},
        ]
    }
    simulator.script(*[Reply(text=json.dumps(answer))] * 2)
    row = tailoring.start_tailoring(owner=owner, cv=cv, posting=globex)

    worker(row, tailoring.do_tailoring)

    assert [made.after for made in row.changes.all()] == ["Led 5 testers across two sites"]
    assert [item["change"]["after"] for item in row.refused] == ["Owned quality for 50 testers"]
    assert "ada.quill@example.org" not in json.dumps(simulator.books[0].request)
    assert_books_agree(simulator)


def test_an_email_is_drafted_by_its_route(owner, cv, globex, worker, simulator):
    row = emails.start_email(owner=owner, cv=cv, posting=globex, provider="openai")
    simulator.script(Reply(text=json.dumps({"subject": "Hire me, the best!", "body": TRUE})))

    worker(row, emails.do_email)

    assert row.status == WorkStatus.DONE
    assert row.subject == "Application: Senior Backend Engineer, Ada Quill"
    assert "billing service" in row.text


def test_another_version_is_written_anew_and_not_read_from_what_is_kept(letter, worker, simulator):
    other = TRUE.replace("I would be glad", "I would be happy")
    simulator.script(Reply(text=TRUE), Reply(text=other), Reply(text=TRUE))
    worker(letter, letters.do_letter)

    same = letters.start_letter(owner=letter.owner, cv=letter.resume_version.cv, posting=letter.posting)
    worker(same, letters.do_letter)
    again = letters.write_again(letter=same)
    worker(again, letters.do_letter)

    assert len(simulator.books) == 3
    assert "I would be happy" in same.text
    assert not Call.objects.filter(is_cached=True).exists()


def test_a_letter_that_is_taken_up_again_after_a_crash_is_not_paid_twice(letter, worker, simulator, monkeypatch):
    simulator.script(Reply(text=TRUE))
    with monkeypatch.context() as patch:
        patch.setattr(letters, "_store", _die)
        with pytest.raises(ConnectionAbortedError):
            worker(letter, letters.do_letter)

    letter.background_task.refresh_from_db()
    letter.background_task.state = "queued"
    letter.background_task.run_after = None
    letter.background_task.save()
    worker(letter, letters.do_letter)

    assert letter.status == WorkStatus.DONE
    assert letter.text.split() == TRUE.split()
    assert len(simulator.books) == 1
    assert Call.objects.get(pk=letter.call_id).is_cached


def _die(*_: object) -> None:
    raise ConnectionAbortedError

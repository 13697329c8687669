"""The person's own words, other openings, translations; and requests that are refused without a trace."""

import pytest
from django.urls import reverse

from cv.models import CV
from jobs.emails import DRAFT_EMAIL, email_inputs
from jobs.letters import WRITE_LETTER, letter_inputs
from jobs.letters.checking import read_letter
from jobs.models import CoverLetter, Email, EmailKind
from jobs.services import letters
from tests.jobs.samples import POSTING_TEXT, match_report, posting_analysis, resume_of_ada

BASE = "/api/v1/cover-letters/"
JSON = "application/json"
RESUME = resume_of_ada()
ANALYSIS = posting_analysis()
MOTIVE = "I want to live near my family. Your market is one that I shop at myself."


def inputs(**more):
    return letter_inputs(RESUME, ANALYSIS, match_report(RESUME, ANALYSIS), posting_text=POSTING_TEXT, **more)


@pytest.fixture
def api(client_for, owner):
    return client_for(owner)


@pytest.fixture
def pair(cv, globex):
    return {"cv": cv.pk, "job": globex.pk}


def test_a_motive_stands_in_the_first_paragraph_and_the_length_holds():
    letter = WRITE_LETTER.embedded(inputs(motive=MOTIVE))

    assert letter.removed == []
    assert MOTIVE in letter.text.split("\n\n")[1]
    assert letter.body_words <= 160


@pytest.mark.parametrize(
    "lie",
    [
        "I led 40 people at Barts Hospital.",
        "I have ten years of experience with this.",
        "I hold a doctorate.",
        "I built your market's first shop.",
    ],
)
def test_a_motive_that_claims_deeds_is_left_out_and_shown(lie):
    letter = WRITE_LETTER.embedded(inputs(motive=f"I want to live near my family. {lie}"))

    assert lie not in letter.text
    assert [claim.text for claim in letter.removed] == [lie]


def test_a_providers_letter_may_use_the_persons_own_words_and_no_others():
    own, invented = "I want to live near my family.", "I want to live near my old school."

    letter = read_letter(f"Dear Maria Steiner,\n\n{own} {invented}", inputs(motive=own))

    assert own in letter.text
    assert [claim.text for claim in letter.removed] == [invented]


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "pt", "nl", "pl"])
def test_another_opening_is_another_one(language):
    first = WRITE_LETTER.embedded(inputs(language=language))
    second = WRITE_LETTER.embedded(inputs(language=language, wish="other_opening", previous_text=first.text))

    assert second.removed == []
    assert second.sentences[1].text != first.sentences[1].text


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "it", "pt", "nl", "pl"])
def test_a_referral_is_asked_of_an_acquaintance(language):
    draft = DRAFT_EMAIL.embedded(email_inputs(inputs(language=language), EmailKind.REFERRAL))

    assert "Steiner" not in draft.text
    assert "{" not in draft.subject + draft.text
    assert any(sentence.evidence_ids for sentence in draft.sentences)


def test_wishes_over_rest(api, pair, worker):
    made = api.post(BASE, {**pair, "motive": MOTIVE}, content_type=JSON)
    worker(CoverLetter.objects.get(), letters.do_letter)
    one = made["Location"]
    assert MOTIVE in api.get(one).json()["text"]

    translated = api.post(f"{one}revise/", {"wish": "translate", "language": "de"}, content_type=JSON)
    row = CoverLetter.objects.get(pk=translated.json()["id"])
    worker(row, letters.do_letter)

    assert api.get(translated["Location"]).json()["language"] == "de"
    assert "Mit freundlichen Grüßen" in api.get(translated["Location"]).json()["text"]
    count = CoverLetter.objects.count()
    for wish in ({"wish": "translate"}, {"wish": "shorter", "language": "de"}, {"wish": "sing"}):
        refused = api.post(f"{one}revise/", wish, content_type=JSON)
        assert refused.status_code == 400
        assert refused.json()["error"]["fields"]
    assert CoverLetter.objects.count() == count


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"tone": "furious"}, "tone"),
        ({"length": "endless"}, "length"),
        ({"language": "tlh"}, "language"),
        ({"cv": None}, "cv"),
        ({"cv": 999_999}, "cv"),
        ({"job": 999_999}, "job"),
        ({"cv": "mine"}, "cv"),
        ({"tailored_cv": 999_999}, "tailored_cv"),
        ({"motive": "x" * 401}, "motive"),
        ({"never_mention": "Marlow"}, "never_mention"),
    ],
)
def test_a_wrong_request_is_answered_in_the_error_form_and_creates_nothing(api, pair, given, field):
    answer = api.post(BASE, {**pair, **given}, content_type=JSON)

    error = answer.json()["error"]
    assert answer.status_code == 400
    assert set(error) >= {"code", "message", "fields", "request_id"}
    assert field in error["fields"]
    assert not CoverLetter.objects.exists()


def test_anothers_cv_is_as_unknown_as_one_that_does_not_exist(api, pair, stranger):
    theirs = CV.objects.create(owner=stranger, title="Theirs")

    foreign = api.post(BASE, {**pair, "cv": theirs.pk}, content_type=JSON).json()["error"]
    unknown = api.post(BASE, {**pair, "cv": 999_999}, content_type=JSON).json()["error"]

    assert foreign["code"] == unknown["code"]
    assert foreign["fields"]["cv"][0].replace(str(theirs.pk), "N") == unknown["fields"]["cv"][0].replace("999999", "N")
    assert not CoverLetter.objects.exists()


def test_an_empty_posting_is_no_job(api):
    for body in ({"text": ""}, {"text": "   "}, {"text": "Job"}, {}):
        answer = api.post("/api/v1/jobs/", body, content_type=JSON)
        assert answer.status_code in {400, 422}
        assert answer.json()["error"]["message"]
    assert api.get("/api/v1/jobs/").json()["results"] == []


def test_a_stranger_is_not_asked(client_for, stranger, cv, globex):
    address = f"{reverse('jobs:new_letter')}?cv={cv.pk}&posting={globex.pk}"

    assert client_for(stranger).get(address).status_code == 404


def test_no_key_is_too_long_for_an_answer(api, cv, globex):
    pair = f"cv={cv.pk}&posting={globex.pk}"

    assert api.get(f"{reverse('jobs:new_letter')}?{pair}&tailored_cv={'9' * 5_000}").status_code == 404
    assert api.post(reverse("jobs:track"), {"posting": "9" * 5_000}).status_code == 404


def test_what_is_too_long_for_a_letter_is_said_and_stays_in_the_form(api, cv, globex):
    form = {"cv": cv.pk, "posting": globex.pk, "motive": f"{MOTIVE} " * 20, "focus": "the booking system"}

    answer = api.post(reverse("jobs:write_letter"), form)

    assert answer.status_code == 422
    assert "at most 400 characters" in answer.content.decode()
    assert MOTIVE in answer.content.decode()
    assert not CoverLetter.objects.exists()


def test_the_page_asks_before_it_writes(api, cv, globex, worker):
    address = f"{reverse('jobs:new_letter')}?cv={cv.pk}&posting={globex.pk}"
    assert "What draws you to this job" in api.get(address).content.decode()

    form = {"cv": cv.pk, "posting": globex.pk, "motive": MOTIVE, "never_mention": "Kubernetes, Marlow", "tone": "warm"}
    api.post(reverse("jobs:write_letter"), form)
    letter = CoverLetter.objects.get()
    worker(letter, letters.do_letter)
    letter.refresh_from_db()

    assert (letter.tone, letter.motive, letter.never_mention) == ("warm", MOTIVE, ["Kubernetes", "Marlow"])
    assert MOTIVE in letter.text
    assert "Kubernetes" not in letter.text
    page = api.get(reverse("jobs:letter", args=[letter.pk])).content.decode()
    assert "Another opening" in page
    api.post(reverse("jobs:revise_letter", args=[letter.pk]), {"wish": "translate", "language": "fr"})
    assert CoverLetter.objects.get(revises=letter).language == "fr"
    assert api.post(reverse("jobs:revise_letter", args=[letter.pk]), {"wish": "translate"}).status_code == 404
    api.post(reverse("jobs:write_email"), {"cv": cv.pk, "posting": globex.pk, "kind": "referral"})
    assert Email.objects.get().kind == EmailKind.REFERRAL

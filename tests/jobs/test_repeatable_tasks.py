"""Every task that shadow traffic may ask again survives being written down."""

from ai_router.shadows import REPEATABLE
from cv.parsing.rules import parse_with_rules
from cv.parsing.task import inputs_of
from jobs.analysis.task import PostingInputs
from jobs.emails import email_inputs
from jobs.letters import letter_inputs
from jobs.models import EmailKind
from jobs.tailoring import tailoring_inputs
from tests.cv.parsing_samples import document_of
from tests.jobs.samples import POSTING_TEXT, match_report, posting_analysis, resume_of_ada


def test_inputs_come_back_as_they_were():
    resume, analysis = resume_of_ada(), posting_analysis()
    report = match_report(resume, analysis)
    letter = letter_inputs(resume, analysis, report, posting_text=POSTING_TEXT)
    document = document_of("Ada Quill\nada@example.org\n\nExperience\nEngineer, Globex, 2019 - 2021\n- Built a thing")
    inputs = {
        "cv_parsing/v1": inputs_of(document, parse_with_rules(document)),
        "job_analysis/v1": PostingInputs(text=POSTING_TEXT),
        "cv_tailoring/v1": tailoring_inputs(resume, analysis, report),
        "cover_letter/v2": letter,
        "email_drafting/v1": email_inputs(letter, EmailKind.FOLLOW_UP),
    }

    assert set(inputs) <= set(REPEATABLE)
    for prompt, given in inputs.items():
        repeatable = REPEATABLE[prompt]
        assert repeatable.make_spec().prompt == prompt
        again = repeatable.inputs.model_validate_json(given.model_dump_json())
        assert again == given
        assert type(again) is type(given)

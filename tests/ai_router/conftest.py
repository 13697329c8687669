"""A small task for the tests of the router: short text or a form, with rules that answer offline."""

from collections.abc import Sequence

import pytest
from pydantic import BaseModel

from ai_router import prompts
from ai_router.types import TaskSpec, TaskType


class Subject(BaseModel):
    """What is to be written about."""

    topic: str = "gardens"


class Verse(BaseModel):
    """A form to fill."""

    title: str
    lines: list[str]


OFFLINE_TEXT = "Written offline.\nIn two lines."


def write_offline(inputs: Subject) -> str:
    return OFFLINE_TEXT


def text_of(_inputs: Subject, answer: BaseModel | str) -> str:
    return str(answer)


def verse_text(_inputs: Subject, answer: BaseModel | str) -> str:
    assert isinstance(answer, Verse)
    if not answer.lines:
        raise ValueError("a verse needs lines")
    return "\n".join([answer.title, *answer.lines])


def reject_forbidden(_inputs: Subject, output: str) -> Sequence[str]:
    return ["the word 'forbidden' is not allowed"] if "forbidden" in output else []


@pytest.fixture(autouse=True)
def _prompts_of_these_tests(settings, tmp_path):
    """A folder of templates that holds the prompts of the tests."""
    folder = tmp_path / "templates"
    (folder / "prompts" / "verse").mkdir(parents=True)
    (folder / "prompts" / "verse" / "v1.md").write_text(
        'You write verse.\n---\nWrite about {{ topic|data:"topic" }}\n', encoding="utf-8"
    )
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [folder, *settings.TEMPLATES[0]["DIRS"]]}]
    prompts._engine.cache_clear()
    prompts._compile_once.cache_clear()
    yield
    prompts._engine.cache_clear()
    prompts._compile_once.cache_clear()


@pytest.fixture
def spec() -> TaskSpec[Subject, str]:
    """A text that may be shown while it is written."""
    return TaskSpec(
        TaskType.COVER_LETTER,
        prompt="verse/v1",
        embedded=write_offline,
        finish=text_of,
        verify=reject_forbidden,
        max_output_tokens=200,
        may_stream=True,
    )


@pytest.fixture
def form_spec() -> TaskSpec[Subject, str]:
    """A form."""
    return TaskSpec(
        TaskType.CV_PARSING,
        prompt="verse/v1",
        embedded=write_offline,
        finish=verse_text,
        answer_schema=Verse,
        verify=reject_forbidden,
        max_output_tokens=200,
    )

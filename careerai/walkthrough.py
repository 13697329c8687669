"""The main job from end to end, in one process: read, match, tailor, write, export, and what it cost."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ai_router.models import BackgroundTask, TaskState
from careerai.accounts.models import User
from careerai.first_steps import read_cv
from careerai.inline import finish
from cv.models import CV, ResumeVersion
from cv.resume import Resume
from cv.services import MAIN_FORMATS, delete_cv, export_resume, upload_cv
from jobs.models import CoverLetter, Decision, Match, Posting, TailoredCV
from jobs.services.letters import LETTER_FORMATS, export_letter, start_letter
from jobs.services.matches import match_cv
from jobs.services.postings import create_posting, delete_posting
from jobs.services.tailoring import decide_all, export_tailored, score_after, start_tailoring
from usage.models import Call
from usage.money import format_usd, usd_number


class StepFailedError(Exception):
    """A step did not succeed; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the summary."""

    name: str
    seconds: float
    result: str


@dataclass
class Walkthrough:
    """Does the main job for one CV and one posting, and writes every result into a folder."""

    user: User
    output: Path
    provider: str = "auto"
    say: Callable[[str], None] = lambda _: None
    steps: list[Step] = field(default_factory=list)
    calls_before: frozenset[Any] = frozenset()

    def run(self, *, cv_data: bytes, cv_name: str, posting_text: str) -> list[Step]:
        """Do all steps; what was written before a failure stays.

        Raises:
            StepFailedError: A background task failed.
            CVError: The CV cannot be used.
            JobsError: The posting cannot be used, or a text is not supported by the CV.
            RouterError: No candidate answered.
        """
        self.calls_before = frozenset(Call.objects.filter(user=self.user).values_list("pk", flat=True))
        self.output.mkdir(parents=True, exist_ok=True)
        cv = posting = None
        try:
            with self._step("Read the CV") as result:
                cv = upload_cv(owner=self.user, data=cv_data, file_name=cv_name, provider=self.provider)
                version = self._read(cv)
                result.append(_contents(version.resume))
            with self._step("Match with the posting") as result:
                posting = create_posting(owner=self.user, text=posting_text, provider=self.provider)
                match = self._match(version, posting)
                result.append(_matched(match))
            with self._step("Tailor the CV") as result:
                tailored = self._tailor(cv, posting)
                result.append(_tailored(tailored))
            with self._step("Write the letter") as result:
                result.append(_written(self._write(cv, posting, tailored)))
            with self._step("Add up the cost") as result:
                result.append(self._costs())
        finally:
            # The ledger keeps its lines; the documents leave with the run.
            if cv is not None:
                delete_cv(cv=cv)
            if posting is not None:
                delete_posting(posting=posting)
        return self.steps

    @contextmanager
    def _step(self, name: str) -> Iterator[list[str]]:
        self.say(f"{name} …")
        started, result = time.monotonic(), list[str]()
        yield result
        self.steps.append(Step(name, time.monotonic() - started, " ".join(result)))

    def _read(self, cv: CV) -> ResumeVersion:
        if cv.current_version is None:
            _require_done(read_cv(cv).background_task)
        version = cv.current_version
        if version is None:
            message = "The CV was read, but has no version."
            raise StepFailedError(message)
        self._save("cv.json", export_resume(version.resume, format_name="json").data)
        return version

    def _match(self, version: ResumeVersion, posting: Posting) -> Match:
        match = match_cv(owner=self.user, version=version, posting=posting)
        described = {"title": posting.title, "employer": posting.employer, "location": posting.location}
        self._save_json("match.json", {"posting": described, "analysis": posting.analysis, **match.report})
        return match

    def _tailor(self, cv: CV, posting: Posting) -> TailoredCV:
        tailored = start_tailoring(owner=self.user, cv=cv, posting=posting, provider=self.provider)
        finish(tailored.background_task)
        tailored.refresh_from_db()
        _require_done(tailored.background_task)
        decide_all(tailored=tailored, decision=Decision.ACCEPTED)
        for format_name in MAIN_FORMATS:
            file = export_tailored(tailored=tailored, format_name=format_name)
            self._save(f"tailored-cv.{format_name}", file.data)
        return tailored

    def _write(self, cv: CV, posting: Posting, tailored: TailoredCV) -> CoverLetter:
        letter = start_letter(owner=self.user, cv=cv, posting=posting, tailored_cv=tailored, provider=self.provider)
        finish(letter.background_task)
        letter.refresh_from_db()
        _require_done(letter.background_task)
        for format_name in LETTER_FORMATS:
            self._save(f"cover-letter.{format_name}", export_letter(letter=letter, format_name=format_name).data)
        return letter

    def _costs(self) -> str:
        calls = Call.objects.filter(user=self.user).exclude(pk__in=self.calls_before).order_by("created_at")
        lines = [_line(call) for call in calls]
        known = [call.cost_nanousd for call in calls if call.cost_nanousd is not None]
        totals = {
            "calls": len(lines),
            "input_tokens": sum(line["input_tokens"] for line in lines),
            "output_tokens": sum(line["output_tokens"] for line in lines),
            "cost_usd": usd_number(sum(known)),
            "calls_of_unknown_price": len(lines) - len(known),
        }
        self._save_json("costs.json", {"calls": lines, "total": totals})
        unknown = f", {totals['calls_of_unknown_price']} of unknown price" if len(known) < len(lines) else ""
        return f"{len(lines)} calls, {format_usd(sum(known))}{unknown}"

    def _save(self, name: str, data: bytes) -> None:
        (self.output / name).write_bytes(data)

    def _save_json(self, name: str, value: object) -> None:
        self._save(name, json.dumps(value, ensure_ascii=False, indent=2).encode())


def _require_done(task: BackgroundTask | None) -> None:
    if task is not None:
        task.refresh_from_db()
        if task.state != TaskState.DONE:
            raise StepFailedError(task.error_message or f"This ended as {task.get_state_display().lower()}.")


def _contents(resume: Resume) -> str:
    positions = sum(len(employer.positions) for employer in resume.employers)
    skills = sum(len(group.skills) for group in resume.skills)
    return f"{positions} positions, {len(resume.education)} degrees, {skills} skills, {len(resume.languages)} languages"


def _matched(match: Match) -> str:
    requirements = match.report["requirements"]
    missing = sum(row["coverage"] == "missing" for row in requirements)
    score = "no score" if match.score is None else f"{match.score} of 100"
    return f"{score} ({match.band}), {len(requirements)} requirements, {missing} without evidence"


def _tailored(tailored: TailoredCV) -> str:
    accepted = tailored.changes.filter(decision=Decision.ACCEPTED).count()
    return f"{accepted} changes accepted, score {tailored.score_before} → {score_after(tailored)}"


def _written(letter: CoverLetter) -> str:
    cited = sum(bool(sentence.get("evidence_ids")) for sentence in letter.sentences)
    return f"{len(letter.text.split())} words, {cited} sentences with evidence"


def _line(call: Call) -> dict[str, Any]:
    return {
        "task": call.task_type,
        "provider": call.provider,
        "model": call.model,
        "status": call.status,
        "input_tokens": call.total_input_tokens,
        "output_tokens": call.total_output_tokens,
        "cost_usd": None if call.cost_nanousd is None else usd_number(call.cost_nanousd),
        "latency_ms": call.latency_ms,
    }

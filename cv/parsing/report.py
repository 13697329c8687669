"""What is to be said about a reading: engine, completeness, hidden text, disagreements."""

from collections.abc import Sequence
from dataclasses import asdict

from cv.extraction.injection import find_injections
from cv.extraction.types import ExtractedDocument
from cv.parsing.merging import Disagreement
from cv.resume import Resume

LOW_CONFIDENCE = 0.6


def make_report(
    document: ExtractedDocument,
    resume: Resume,
    *,
    provider: str,
    model: str,
    disagreements: Sequence[Disagreement] = (),
) -> dict[str, object]:
    """Return the report of a reading, as JSON data.

    `injection` lists passages, hidden ones included, that talk to a language model. `completeness` is the share of the visible lines' text that some field holds; `missing` names the main parts
    of a CV that were not found; `doubtful` counts the values below a confidence of 0.6.
    """
    visible = document.visible_lines
    total = sum(len(line.text) for line in visible)
    left = sum(len(line.text) for line in resume.unassigned)
    metas = [meta for item in resume.items() for meta in item.meta.values()]
    return {
        "engine": f"{provider}/{model}",
        "extraction": document.engine,
        "language": resume.language,
        "pages": len(document.pages),
        "lines": len(visible),
        "completeness": round(1 - min(1.0, left / total), 3) if total else 0.0,
        "missing": _missing(resume),
        "unassigned": len(resume.unassigned),
        "doubtful": sum(meta.confidence < LOW_CONFIDENCE for meta in metas),
        "hidden_lines": [
            {"id": line.id, "reason": line.hidden, "text": line.text} for line in document.lines if line.hidden
        ],
        "injection": [asdict(finding) for finding in find_injections(document.lines)],
        "disagreements": [item.as_dict() for item in disagreements],
        "warnings": list(document.warnings),
    }


def _missing(resume: Resume) -> list[str]:
    person = resume.person
    found = {
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "work": resume.employers,
        "education": resume.education,
        "skills": resume.skills,
    }
    return [name for name, value in found.items() if not value]

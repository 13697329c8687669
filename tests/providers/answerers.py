"""What the simulator says when nobody has told it: answers made from the request alone, as a modest model would.

An answerer gets the request's JSON and returns the text of the answer. `ANSWERERS` maps the name of a request's JSON
schema (or `text`, for a request without one) to its answerer; anything else is answered from its schema. They know the
prompts of the tasks only by what stands between the fences.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

Answerer = Callable[[dict[str, Any]], str]

LETTER = (
    "Dear hiring team,\n\n"
    "I am writing about the position that you advertised. In my present work I answer for the same tasks that your "
    "posting describes, and I would be glad to show you how I approach them.\n\n"
    "Kind regards\n"
)
_WORDS = re.compile(r"[^\W\d_]{3,}")
_FENCED = re.compile(r'<data name="(\w+)">\n(.*?)\n</data>', re.DOTALL)
_LINE = re.compile(r"^(\S+) \| (.*)$", re.MULTILINE)
_FACT = re.compile(r"^(\S+) \((\w+)\)(?: \[(.*?)\])?: (.+)$", re.MULTILINE)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_BULLET = re.compile(r"^\W*[•▪‣*–-]\s+")
_PERIOD = re.compile(
    r"(?:[^\W\d_]{3,9}\.? |\d\d[./])?(?:19|20)\d\d(?:\s*(?:-|–|—|to)\s*(?:(?:[^\W\d_]{3,9}\.? |\d\d[./])?(?:19|20)\d\d|\w+))?"
)
_SECTIONS = {
    "work": re.compile(r"^(work |professional )?(experience|employment|work)( history)?$", re.IGNORECASE),
    "education": re.compile(r"^education( and training)?$", re.IGNORECASE),
    "skills": re.compile(r"^((technical|key|core) )?skills( & tools)?$", re.IGNORECASE),
    "other": re.compile(
        r"^(summary|profile|about me|languages|certificates?|certifications|projects|interests|awards|references|"
        r"publications|volunteering)$",
        re.IGNORECASE,
    ),
}


def answer(request: dict[str, Any]) -> str:
    """Return an answer that fits the request."""
    form = (request.get("response_format") or {}).get("json_schema")
    if form is None:
        return ANSWERERS["text"](request)
    answerer = ANSWERERS.get(form["name"])
    if answerer is not None:
        return answerer(request)
    return json.dumps(sample(form["schema"], form["schema"], words_of(request)))


def asked(request: dict[str, Any]) -> str:
    """Return the first user message: later ones only ask for repairs."""
    return next((message["content"] for message in request["messages"] if message["role"] == "user"), "")


def words_of(request: dict[str, Any]) -> list[str]:
    """Return some words of the request, to make answers from."""
    return _WORDS.findall(asked(request))[:8] or ["word"]


def sample(node: Mapping[str, Any], root: Mapping[str, Any], words: list[str]) -> Any:
    """Return the smallest value that a JSON schema takes, with one item in each list."""
    if "$ref" in node:
        return sample(root["$defs"][node["$ref"].rpartition("/")[2]], root, words)
    if "const" in node:
        return node["const"]
    if "enum" in node:
        return node["enum"][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in node:
            return sample(next((n for n in node[key] if n.get("type") != "null"), node[key][0]), root, words)
    return _sample_of_type(node, root, words)


def _sample_of_type(node: Mapping[str, Any], root: Mapping[str, Any], words: list[str]) -> Any:
    kind = node.get("type", "string")
    if kind == "object":
        return {name: sample(child, root, words) for name, child in node.get("properties", {}).items()}
    if kind == "array":
        return [sample(node.get("items", {}), root, words)] * max(1, node.get("minItems", 0))
    plain = {"boolean": False, "null": None, "integer": node.get("minimum", 0), "number": node.get("minimum", 0.5)}
    return plain[kind] if kind in plain else " ".join(words)


def mark_up_cv(request: dict[str, Any]) -> str:
    """Cite lines of the CV: the first as the name, positions and studies where years stand, bullets, skills."""
    lines = _LINE.findall(asked(request))
    found: dict[str, Any] = {"name": _reference(lines[0][0]) if lines else _reference()}
    found |= {"work": [], "education": [], "skills": []}
    section = ""
    for line_id, text in lines[1:]:
        heading = next((name for name, pattern in _SECTIONS.items() if pattern.match(text.strip(" :\t"))), "")
        section = heading or section
        if not heading and section in found:
            _ADD[section](found[section], line_id, text)
    schema = request["response_format"]["json_schema"]["schema"]
    return json.dumps({name: found.get(name, _nothing(child)) for name, child in schema["properties"].items()})


def _reference(*line_ids: str, text: str = "") -> dict[str, Any]:
    return {"line_ids": list(line_ids), "text": text}


def _nothing(node: Mapping[str, Any]) -> Any:
    return [] if node.get("type") == "array" else _reference()


def _add_work(entries: list[Any], line_id: str, text: str) -> None:
    if _BULLET.match(text):
        if entries:
            entries[-1]["highlights"].append(_reference(line_id, text=_BULLET.sub("", text)))
    elif _YEAR.search(text):
        names = ("employer", "title", "location", "period", "summary")
        entry: dict[str, Any] = {name: _reference() for name in names} | {"highlights": []}
        period = _PERIOD.search(text)
        entry["period"] = _reference(line_id, text=period[0] if period else "")
        title = re.split(r"\t|,|\||\(| - | – ", text)[0].strip()
        if title and not _YEAR.search(title):
            entry["title"] = _reference(line_id, text=title)
        entries.append(entry)


def _add_education(entries: list[Any], line_id: str, text: str) -> None:
    period = _PERIOD.search(text)
    if period is None or _BULLET.match(text):
        return
    names = ("institution", "degree", "area", "location", "score", "period")
    entry: dict[str, Any] = {name: _reference() for name in names} | {"courses": [], "highlights": []}
    entry["period"] = _reference(line_id, text=period[0])
    degree = re.split(r"\t|,|\||\(| - | – ", text)[0].strip()
    entry["degree"] = _reference(line_id, text=degree) if degree and not _YEAR.search(degree) else _reference()
    entries.append(entry)


def _add_skills(entries: list[Any], line_id: str, text: str) -> None:
    name, colon, rest = text.partition(":")
    skills = [part.strip() for part in re.split(r"[,;•|\t]", rest if colon else _BULLET.sub("", text)) if part.strip()]
    group = _reference(line_id, text=_BULLET.sub("", name).strip()) if colon else _reference()
    entries.append({"name": group, "skills": [_reference(line_id, text=skill) for skill in skills]})


_ADD = {"work": _add_work, "education": _add_education, "skills": _add_skills}


def mark_up_posting(request: dict[str, Any]) -> str:
    """Quote the posting's bullets as demands."""
    bullets = [line for line in asked(request).splitlines() if _BULLET.match(line.strip())]
    requirements = [
        {"quotation": _BULLET.sub("", line.strip()), "kind": "must", "category": "skill"} for line in bullets[:20]
    ]
    return json.dumps({"title": "", "employer": "", "location": "", "contact_name": "", "requirements": requirements})


def propose_changes(request: dict[str, Any]) -> str:
    """Propose to end the first lines of the CV with a full stop, or without one where they have it."""
    fenced = dict(_FENCED.findall(asked(request)))
    places = re.findall(r"^(\S+) \| text \| (.+)$", fenced.get("cv", ""), re.MULTILINE)
    changes = [
        {
            "kind": "rephrase",
            "target_id": line_id,
            "field": "text",
            "after": text[:-1] if text.endswith(".") else f"{text}.",
            "evidence_ids": [line_id],
            "requirement_ids": [],
            "reason": "Lines of a CV end alike.",
        }
        for line_id, text in places[:3]
    ]
    return json.dumps({"changes": changes})


def write_letter(request: dict[str, Any]) -> str:
    """Write a letter of sentences that repeat lines of the CV; a plain one where none are given."""
    facts = [fact for fact in _FACT.findall(asked(request)) if fact[1] in {"highlight", "line", "work", "project"}]
    if not facts:
        return LETTER
    sentences = []
    for _, _, place, text in facts[:4]:
        said = text.rstrip(".")
        # "title, employer, years": the part before the years is where it was.
        parts = [part.strip() for part in place.split(",") if not _YEAR.search(part)]
        where = f"At {parts[-1]} I " if parts else "I "
        sentences.append(f"{where}{said[:1].lower()}{said[1:]}.")
    name = dict(_FENCED.findall(asked(request))).get("name", "")
    return f"Dear hiring team,\n\n{' '.join(sentences)}\n\nKind regards\n{name}\n"


ANSWERERS: dict[str, Answerer] = {
    "text": write_letter,
    "ParsingAnswer": mark_up_cv,
    "AnalysisAnswer": mark_up_posting,
    "TailoringAnswer": propose_changes,
}

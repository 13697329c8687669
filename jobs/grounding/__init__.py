"""The gate: claims are checked against the CV in code, and what it does not support is refused."""

from jobs.grounding.evidence import check_claim, check_document, find_evidence
from jobs.grounding.gate import Context, check_text, has_content
from jobs.grounding.types import ClaimCheck, Sentence, Verdict

__all__ = [
    "ClaimCheck",
    "Context",
    "Sentence",
    "Verdict",
    "check_claim",
    "check_document",
    "check_text",
    "find_evidence",
    "has_content",
]

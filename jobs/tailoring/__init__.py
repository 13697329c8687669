"""Tailoring a CV to a posting: changes to addressed lines, each with its evidence, decided one by one by the person."""

from jobs.tailoring.applying import apply_changes, conflicts
from jobs.tailoring.checking import ChangeGate
from jobs.tailoring.task import TAILOR_CV, run_tailoring, tailor, tailoring_inputs, tailoring_task
from jobs.tailoring.types import ProposedChange, RefusedChange, TailoringInputs, TailoringOutput

__all__ = [
    "TAILOR_CV",
    "ChangeGate",
    "ProposedChange",
    "RefusedChange",
    "TailoringInputs",
    "TailoringOutput",
    "apply_changes",
    "conflicts",
    "run_tailoring",
    "tailor",
    "tailoring_inputs",
    "tailoring_task",
]

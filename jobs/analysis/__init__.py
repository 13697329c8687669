"""From the text of a posting to its requirements."""

from jobs.analysis.rules import analyse_with_rules
from jobs.analysis.task import ANALYSE_POSTING, analyse_posting, posting_inputs

__all__ = ["ANALYSE_POSTING", "analyse_posting", "analyse_with_rules", "posting_inputs"]

"""Lines of a document → a résumé with the source of every value.

`parse_document` goes through the router; `parse_with_rules` is the embedded engine alone.
"""

from cv.parsing.rules import parse_with_rules
from cv.parsing.task import PARSE_CV, inputs_of, parse_document
from cv.parsing.types import ParsedResume

__all__ = ["PARSE_CV", "ParsedResume", "inputs_of", "parse_document", "parse_with_rules"]

"""Lines of formats that have no pages: text is written as it comes, and cut into lines and blocks."""

from cv.extraction.lines import build_line, number_lines
from cv.extraction.types import Span, TextLine

HIDDEN_WARNING = "The file holds text that a person cannot see. It is shown to you and not used."


class Flow:
    """Collects text with its look into lines."""

    def __init__(self, *, max_characters: int) -> None:
        """Begin empty; beyond `max_characters` nothing more is taken."""
        self.lines: list[TextLine] = []
        self.is_full = False
        self._room = max_characters
        self._block = 1
        self._waiting: list[tuple[str, Span]] = []

    def write(self, span: Span, *, hidden: str = "") -> None:
        """Add text to the current line; `hidden` says why it can't be seen, if so."""
        self.is_full = self.is_full or len(span.text) > self._room
        if not self.is_full:
            self._room -= len(span.text)
            self._waiting.append((hidden, span))

    def end_line(self, *, bullet: str = "", level: int = 0, indent: float = 0.0) -> bool:
        """Finish the current line and return whether it had text; hidden text becomes lines of its own."""
        written = False
        for reason in dict.fromkeys(["", *(hidden for hidden, _ in self._waiting)]):
            spans = [span for hidden, span in self._waiting if hidden == reason]
            line = build_line(
                spans,
                block=self._block,
                bullet="" if reason else bullet,
                level=level,
                indent=indent,
                hidden=reason,
            )
            if line is not None:
                self.lines.append(line)
                written = written or not reason
        self._waiting = []
        return written

    def end_block(self) -> None:
        """Let the next line begin a new paragraph."""
        self._block += 1

    def join_row(self, cells: list[int]) -> None:
        """Make one table row of the lines since the first of `cells`, which are the lines' places where cells begin.

        A cell of one line is a label or a date of its neighbour, and both become one line with a tab between; cells
        of several lines each are columns, read one after the other.
        """
        parts = [self.lines[start:end] for start, end in zip(cells, [*cells[1:], len(self.lines)], strict=True)]
        parts = [part for part in parts if part]
        if len(parts) < 2 or any(line.hidden for part in parts for line in part):
            return
        if sum(len(part) > 1 for part in parts) > 1:
            return
        first = parts[0][0].model_copy(deep=True)
        for part in parts[1:]:
            first.spans += [Span(text="\t"), *part[0].spans]
        first.text = "".join(span.text for span in first.spans)
        first.level = max(part[0].level for part in parts)
        self.lines[cells[0] :] = [first, *(line for part in parts for line in part[1:])]

    def finish(self) -> tuple[list[TextLine], list[str]]:
        """Return the numbered lines and what the person should know."""
        self.end_line()
        number_lines(self.lines)
        warnings = []
        if self.is_full:
            warnings.append("The file is very long: only its first part was read.")
        if any(line.hidden for line in self.lines):
            warnings.append(HIDDEN_WARNING)
        return self.lines, warnings

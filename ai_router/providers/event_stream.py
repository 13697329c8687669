"""Server-sent events as bytes bring them, read with no more work than a stream of JSON needs.

Source of the form: https://html.spec.whatwg.org/multipage/server-sent-events.html. Names, ids and times for coming back
are left out: the vendors' streams say all in their data.
"""

# What some servers write before all text that is UTF-8; no part of it.
MARK = b"\xef\xbb\xbf"


class EventReader:
    """Puts events together from pieces that are cut anywhere; a text is gone through once, however small its pieces are."""

    def __init__(self) -> None:
        """Begin a stream."""
        self._begun: list[bytes] = []
        self._data: list[bytes] = []
        self._is_after_return = False
        self._is_at_start = True

    def feed(self, piece: bytes) -> list[bytes]:
        """Return the data of each event that this piece ends; an event without data is none."""
        if self._is_after_return and piece.startswith(b"\n"):
            # The other half of a line's end.
            piece = piece[1:]
        if not piece:
            self._is_after_return = False
            return []
        self._is_after_return = piece.endswith(b"\r")
        lines = piece.splitlines()
        is_open = not piece.endswith((b"\n", b"\r"))
        if is_open and len(lines) == 1:
            self._begun += lines
            return []
        lines[0] = b"".join([*self._begun, lines[0]])
        self._begun = [lines.pop()] if is_open else []
        return self._read(lines)

    def _read(self, lines: list[bytes]) -> list[bytes]:
        """Read whole lines; an empty one ends an event."""
        events = []
        if self._is_at_start:
            self._is_at_start = False
            lines[0] = lines[0].removeprefix(MARK)
        for line in lines:
            name, _, value = line.partition(b":")
            if name == b"data":
                self._data.append(value.removeprefix(b" "))
            elif not line and self._data:
                events.append(b"\n".join(self._data))
                self._data = []
        return events

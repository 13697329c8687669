"""What a person can see: contrast and size."""

import re

# Below 2 points no one can read print; WCAG 2.2 asks for a contrast of 4.5, and from 1.25 down even large
# letters fade into their ground.
MIN_VISIBLE_POINTS = 2.0
MIN_VISIBLE_CONTRAST = 1.25
WHITE = "#ffffff"


def hidden_reason(color: str, ground: str, size: float) -> str:
    """Return `white` or `tiny` for text that can't be seen, else an empty string; unknown colours count as seen.

    `ground` is the colour behind the text, white where empty.
    """
    if 0 < size < MIN_VISIBLE_POINTS:
        return "tiny"
    if is_color(color) and is_color(ground or WHITE) and contrast(color, ground or WHITE) < MIN_VISIBLE_CONTRAST:
        return "white"
    return ""


def is_color(text: str) -> bool:
    """Whether `text` is a colour as `#rrggbb`."""
    return re.fullmatch(r"#[0-9a-f]{6}", text) is not None


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours by WCAG 2.2: 1 for equal ones, 21 for black on white."""
    bright, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    """Return the relative luminance by WCAG 2.2, in [0, 1]."""
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

"""How a line is set: base line, size and weight, measured on its ink."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Shares of the em in common fonts: how far letters reach above and below the base line.
X_HEIGHT = 0.5
CAP_HEIGHT = 0.72
ROUND_BRACKET = (0.74, 0.2)
DESCENT = 0.21
DESCENDERS = frozenset("gjpqyçşţțąęģķļņŗþQ")
LOW_SIGNS = frozenset(",;_")
BRACKETS = frozenset("()[]{}|/\\@§$")
FLAT = frozenset("acemnorsuvwxzæœøı-–—•·.:=~+<>")
# A line whose strokes, measured in ems, are so much wider than the usual ones is bold.
BOLD_FACTOR = 1.28
# Of the fullest rows' ink: rows with more are letters for sure, rows with less are specks.
CORE_SHARE = 0.3
SPECK_SHARE = 0.003
# Of the square of the line's height: connected ink that is less is dust; a full stop has about three times as much.
SPECK_AREA = 0.004
# In pixels, at 200 dots an inch.
BLUR = 2.4
# Sizes that differ by less than this share are one size.
SAME_SIZE = 0.15


@dataclass(frozen=True, slots=True)
class Look:
    """Measures as shares of the line picture's height; `stroke` is a share of the em."""

    base: float
    size: float
    stroke: float


def measure(line: Any, text: str) -> Look:
    """Measure a line given as a BGR array."""
    import cv2
    import numpy as np

    gray = cv2.cvtColor(line, cv2.COLOR_BGR2GRAY)
    height = gray.shape[0]
    _, ink = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    # Paper is what there is more of at the edges.
    edge = np.concatenate([ink[0], ink[-1]])
    if edge.mean() > 127:
        ink = 255 - ink
    ink = _without_specks(ink)
    rows = (ink > 0).sum(axis=1).astype(float)
    if not rows.any():
        return Look(base=0.8, size=0.75, stroke=0.0)
    top, bottom = _extent(rows)
    rise, fall = _reach(text)
    em = min((bottom - top) / (rise + fall), height * 1.1)
    stroke = 4 * float(cv2.distanceTransform(ink, cv2.DIST_L2, 3)[ink > 0].mean())
    # What is left of the width of a stroke without the blur of scanning, which adds to thin and thick ones alike.
    return Look(base=(bottom - fall * em) / height, size=em / height, stroke=max(0.0, stroke - BLUR) / max(em, 1.0))


def _without_specks(ink: Any) -> Any:
    """Return the ink without dust, and without rules that run under or over the letters."""
    import cv2
    import numpy as np

    height = ink.shape[0]
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    is_dust = stats[:, cv2.CC_STAT_AREA] < SPECK_AREA * height**2
    is_rule = (stats[:, cv2.CC_STAT_WIDTH] > 3 * height) & (stats[:, cv2.CC_STAT_HEIGHT] < 0.15 * height)
    dropped = is_dust | is_rule
    dropped[0] = True
    return np.where(dropped[labels], 0, 255).astype(np.uint8)


def _extent(rows: Any) -> tuple[int, int]:
    """Return the first and the last row of the letters, without specks and what hangs in from other lines."""
    import numpy as np

    full = float(np.percentile(rows[rows > 0], 85))
    core = np.flatnonzero(rows >= CORE_SHARE * full)
    top, bottom = int(core[0]), int(core[-1]) + 1
    while top > 0 and rows[top - 1] > SPECK_SHARE * full:
        top -= 1
    while bottom < len(rows) and rows[bottom] > SPECK_SHARE * full:
        bottom += 1
    return top, bottom


def _reach(text: str) -> tuple[float, float]:
    """Return how far the text's letters reach above and below the base line, as shares of the em."""
    if sum("\u2e80" <= sign <= "\u9fff" for sign in text) * 2 > len(text):
        return 0.82, 0.1
    rise, fall = X_HEIGHT, 0.0
    for sign in text:
        if sign in BRACKETS:
            rise, fall = max(rise, ROUND_BRACKET[0]), max(fall, ROUND_BRACKET[1])
        elif sign in LOW_SIGNS:
            fall = max(fall, 0.12)
        elif not sign.isspace() and sign not in FLAT:
            rise = max(rise, X_HEIGHT if sign in "gpqyçşąęjņ" and sign != "j" else CAP_HEIGHT)
            fall = max(fall, DESCENT if sign in DESCENDERS else 0.0)
    return rise, fall


def unite_sizes(weights: Mapping[float, int]) -> dict[float, float]:
    """Return what each size stands for: ink can't be measured exactly, so sizes near a common one are that one.

    `weights` says how many letters have each size.
    """
    united: dict[float, float] = {}
    left = dict(weights)
    while left:
        # The size with most letters near it, and of equals the smaller one.
        heart = max(left, key=lambda size: (_letters_near(size, left), -size))
        near = [size for size in left if _is_near(size, heart)]
        letters = sum(left[size] for size in near)
        middle = round(sum(size * left[size] for size in near) / letters, 1)
        for size in near:
            united[size] = middle
            del left[size]
    return united


def _letters_near(size: float, weights: Mapping[float, int]) -> int:
    return sum(letters for other, letters in weights.items() if _is_near(other, size))


def _is_near(size: float, heart: float) -> bool:
    return abs(size - heart) <= SAME_SIZE * heart

"""Lay a picture upright: quarter turns by the shape and the direction of its lines, small angles by their slope."""

import math
import statistics
from typing import Any

from cv.extraction.ocr.engine import Engine

# A line is judged by its shape if it is so many times longer than high.
LONG = 2.5
# So many lines vote on which way is up.
VOTERS = 12
# From this mean vote for "upside down" on, so many lines are read both ways.
DOUBT = 0.25
READERS = 4
# In degrees: smaller slopes are left to the coordinates, larger ones turn the picture itself.
MAX_SLOPE = 2.0


def find_upright(picture: Any, engine: Engine) -> tuple[Any, Any, int, float]:
    """Return the picture turned upright, the corners of its lines, and how it was turned.

    That is the number of quarter turns counter-clockwise, and the degrees by which it was levelled after them.
    """
    import cv2
    import numpy as np

    boxes = engine.find(picture)
    turn = 0
    lying = [
        _is_lying(box) for box in boxes if _length(box) > LONG * _height(box) or _height(box) > LONG * _length(box)
    ]
    if lying and sum(lying) * 2 < len(lying):
        picture = np.ascontiguousarray(np.rot90(picture))
        turn = 1
        boxes = engine.find(picture)
    if _stands_on_its_head(picture, boxes, engine):
        picture = np.ascontiguousarray(np.rot90(picture, 2))
        turn += 2
        boxes = _turned_over(boxes, picture)
    angle = slope(boxes)
    if abs(angle) <= MAX_SLOPE:
        angle = 0.0
    else:
        height, width = picture.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
        picture = cv2.warpAffine(
            picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        boxes = engine.find(picture)
    return picture, boxes, turn, angle


def slope(boxes: Any) -> float:
    """Return the angle of the longer lines in degrees, positive where they fall to the right."""
    lines = sorted((box for box in boxes if _length(box) > LONG * _height(box)), key=_length)[-VOTERS * 3 :]
    angles = [math.degrees(math.atan2(box[1][1] - box[0][1], box[1][0] - box[0][0])) for box in lines]
    return statistics.median(angles) if angles else 0.0


def _stands_on_its_head(picture: Any, boxes: Any, engine: Engine) -> bool:
    """Let the longest lines vote; where they doubt, the shorter of them are read both ways, as noise misleads the vote."""
    import numpy as np

    voters = sorted((box for box in boxes if _length(box) > LONG * _height(box)), key=_length)[-VOTERS:]
    if not voters:
        return False
    lines = engine.cut(picture, np.array(voters))
    if statistics.mean(engine.upside_down(lines)) < DOUBT:
        return False
    upright = engine.read(lines[:READERS])
    turned = engine.read([np.ascontiguousarray(np.rot90(line, 2)) for line in lines[:READERS]])
    return sum(line.score for line in turned) > sum(line.score for line in upright)


def _turned_over(boxes: Any, picture: Any) -> Any:
    height, width = picture.shape[:2]
    turned = boxes[:, [2, 3, 0, 1], :].copy()
    turned[..., 0] = width - turned[..., 0]
    turned[..., 1] = height - turned[..., 1]
    return turned


def _is_lying(box: Any) -> bool:
    return _length(box) >= _height(box)


def _length(box: Any) -> float:
    return math.dist(box[0], box[1])


def _height(box: Any) -> float:
    return math.dist(box[0], box[3])

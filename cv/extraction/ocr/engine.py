"""The models: where lines of text stand in a picture, which way up they are, and what they say.

Seam to the library RapidOCR with the models of PP-OCRv6 that its wheel holds. They know Latin, Greek, Chinese and
Japanese letters; Cyrillic, Arabic, Hebrew, Korean and Indic ones they do not.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

# In pixels: the picture is made smaller for the search of lines, and read in its own size.
SEARCH_SIDE = 1280
# A line is taken from this mean probability of its letters on.
MIN_SCORE = 0.5
# A letter that stands so many usual steps from the one before begins a new word.
FAR_STEPS = 3.5


@dataclass(frozen=True, slots=True)
class Word:
    """Letters without a blank between, and the middle of each as a share of its line's width."""

    text: str
    middles: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one line says; `score` is the mean probability of its letters."""

    words: tuple[Word, ...]
    score: float

    @property
    def text(self) -> str:
        """The line's words with a blank between."""
        return " ".join(word.text for word in self.words)


class Engine:
    """The loaded models; loading takes about a second."""

    def __init__(self) -> None:
        from rapidocr import RapidOCR

        _let_threads_sleep()
        self._models: Any = RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.return_word_box": True,
                "Det.limit_side_len": SEARCH_SIDE,
                "Det.limit_type": "max",
            }
        )

    def find(self, picture: Any) -> Any:
        """Return the corners of each line in a BGR array, as an array of shape (lines, 4, 2)."""
        import numpy as np

        found = self._models(picture, use_det=True, use_cls=False, use_rec=False)
        boxes = getattr(found, "boxes", None)
        return np.zeros((0, 4, 2), dtype=np.float32) if boxes is None else np.asarray(boxes, dtype=np.float32)

    def cut(self, picture: Any, boxes: Any) -> list[Any]:
        """Return each line as a picture of its own, laid level."""
        return list(self._models.crop_text_regions(picture, boxes))

    def upside_down(self, lines: Sequence[Any]) -> list[float]:
        """Return for each line how sure it is that it stands on its head: 1 sure, 0 surely upright."""
        _, found = self._models.cls_and_rotate(list(lines))
        return [float(score) if "180" in label else 1 - float(score) for label, score in found.cls_res]

    def read(self, lines: Sequence[Any]) -> list[Reading]:
        """Return what each line says."""
        if not lines:
            return []
        found = self._models.recognize_txt(list(lines))
        return [
            Reading(words=tuple(_words(text, info)), score=float(score))
            for text, info, score in zip(found.txts, found.word_results, found.scores, strict=True)
        ]


@cache
def _let_threads_sleep() -> None:
    """Have the models' threads sleep while they wait for each other, where they would run in circles.

    That takes a quarter of the processor time away, and more of the time on the clock where other processes want
    the processors too. The library hands no such setting on (3.10).
    """
    from rapidocr.inference_engine.onnxruntime.main import OrtInferSession

    make_options: Any = OrtInferSession._init_sess_opts  # noqa: SLF001 - see above

    def make_quiet_options(settings: Any) -> Any:
        options = make_options(settings)
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return options

    # Set by name, as type checkers know methods as constant.
    setattr(OrtInferSession, "_init_sess_opts", staticmethod(make_quiet_options))  # noqa: B010


def _words(text: str, info: Any) -> list[Word]:
    """Return a line's words, with the places of their letters.

    A word ends at a blank, and where the next letter stands far off though no blank was read.
    """
    width = info.line_txt_len or 1.0
    columns = [column for group in info.word_cols for column in group]
    signs = [sign for sign in text if not sign.isspace()]
    if len(columns) != len(signs):
        return []
    steps = [after - before for before, after in pairwise(columns)]
    far = FAR_STEPS * statistics.median(steps) if steps else 0.0
    words: list[tuple[str, list[float]]] = []
    place = 0
    begins = True
    for sign in text:
        if sign.isspace():
            begins = True
            continue
        if begins or columns[place] - columns[place - 1] > far:
            words.append(("", []))
        begins = False
        words[-1] = (words[-1][0] + sign, [*words[-1][1], min(1.0, (columns[place] + 0.5) / width)])
        place += 1
    return [Word(text=letters, middles=tuple(middles)) for letters, middles in words]

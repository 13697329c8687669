"""Vectors that are kept for the same text of the same person and the same model."""

import hashlib
import time
from array import array
from collections.abc import Mapping, Sequence

from django.conf import settings

from ai_router.cache import MEMORY, generation_of
from ai_router.cache_stores import Place, get_many, put_many, seal, site_secret, unseal
from ai_router.planning import needs_veil
from ai_router.types import Candidate, TaskType

Vector = tuple[float, ...]
# A vector for the same text and model never changes.
KEPT_TIMES = 30


def kept_vectors(
    candidate: Candidate, texts: Sequence[str], *, dimensions: int | None, user_id: int
) -> dict[int, Vector]:
    """Return the known vectors, by the place of their text."""
    places = [_place(candidate, text, dimensions, user_id) for text in texts]
    found: dict[int, bytes] = {}
    for number, place in enumerate(places):
        packed = MEMORY.get(place.key)
        if packed is not None:
            found[number] = packed
    missing = {places[number].key: places[number] for number in range(len(texts)) if number not in found}
    sealed = get_many(list(missing.values())) if missing else {}
    for number, place in enumerate(places):
        if number not in found and place.key in sealed:
            packed = unseal(place, sealed[place.key])
            if packed is not None:
                found[number] = packed
                MEMORY.put(place.key, packed, until=time.time() + settings.AI_CACHE_SECONDS)
    return {number: tuple(array("f", packed)) for number, packed in found.items()}


def keep_vectors(candidate: Candidate, vectors: Mapping[str, Vector], *, dimensions: int | None, user_id: int) -> None:
    """Keep the vectors of texts."""
    seconds = KEPT_TIMES * settings.AI_CACHE_SECONDS
    sealed: list[tuple[Place, bytes]] = []
    for text, vector in vectors.items():
        place = _place(candidate, text, dimensions, user_id)
        packed = array("f", vector).tobytes()
        MEMORY.put(place.key, packed, until=time.time() + settings.AI_CACHE_SECONDS)
        sealed.append((place, seal(place, packed)))
    put_many(sealed, seconds=seconds)


def _place(candidate: Candidate, text: str, dimensions: int | None, user_id: int) -> Place:
    """Return where a text's vector is kept; what gets placeholders has another vector than what does not."""
    task_type = TaskType.EMBEDDING.value
    parts = ("site", f"user:{user_id}", f"task:{task_type}")
    head = repr((user_id, str(candidate), dimensions, needs_veil(candidate.provider), generation_of(parts)))
    digest = hashlib.blake2b(f"{len(head)}:{head}".encode(), digest_size=32)
    digest.update(text.encode(errors="surrogatepass"))
    request = digest.digest()
    secret = hashlib.blake2b(request, digest_size=32, key=site_secret(), person=b"open").digest()
    key = hashlib.blake2b(request, digest_size=24, key=site_secret(), person=b"find vector").hexdigest()
    return Place(key, secret, task_type, user_id)

"""Which segment of an entry's head is what.

Each segment is judged by its words; then by what stands at the same place and in the same look in the other entries
of the section, for a CV writes all its entries in one order.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cv.parsing.heads import Segment

Scores = dict[str, float]
Judge = Callable[[Segment], Scores]
MAX_SEGMENTS = 6
SLOT_WEIGHT = 0.9


@dataclass(slots=True)
class Roles:
    """The segments of one entry by role, those without one, and how sure the choice is."""

    found: dict[str, Segment] = field(default_factory=dict)
    rest: list[Segment] = field(default_factory=list)
    margin: float = 0.0


def assign(heads: Sequence[list[Segment]], judge: Judge, required: Sequence[str], optional: Scores) -> list[Roles]:
    """Give the segments of every entry their roles.

    Args:
        heads: The segments of each entry of one section.
        judge: The scores of one segment by its own words and place, per role.
        required: Roles that should be filled when there is any segment left for them.
        optional: Roles that are filled only by a segment whose score is over the given one.
    """
    own = [[judge(segment) for segment in segments] for segments in heads]
    slots: dict[tuple[object, ...], list[Scores]] = defaultdict(list)
    for segments, scores in zip(heads, own, strict=True):
        for segment, score in zip(segments, scores, strict=True):
            slots[_slot(segment)].append(score)
    means = {slot: _mean(found) for slot, found in slots.items()}
    return [
        _best(segments, [_with_slot(score, means[_slot(segment)]) for segment, score in zip(segments, scores, strict=True)], required, optional)
        for segments, scores in zip(heads, own, strict=True)
    ]  # fmt: skip


def _slot(segment: Segment) -> tuple[object, ...]:
    look = segment.look
    return (min(segment.row, 5), min(segment.place, 3), look.size, look.bold, look.italic, look.color, segment.gap)


def _mean(scores: list[Scores]) -> Scores:
    return {role: sum(score.get(role, 0.0) for score in scores) / len(scores) for role in scores[0]}


def _with_slot(score: Scores, mean: Scores) -> Scores:
    return {role: value + SLOT_WEIGHT * mean.get(role, 0.0) for role, value in score.items()}


def _best(segments: list[Segment], scores: list[Scores], required: Sequence[str], optional: Scores) -> Roles:
    if not segments:
        return Roles()
    roles = [*required, *optional]
    count = min(len(segments), MAX_SEGMENTS)
    # What each choice is worth, role by role; -1 leaves a role empty.
    ranked: dict[tuple[int, ...], float] = {(): 0.0}
    for role in roles:
        gains = _gains(role, scores[:count], required, optional)
        ranked = {
            (*key, index): total + gain
            for key, total in ranked.items()
            for index, gain in enumerate(gains, start=-1)
            if index < 0 or index not in key
        }
    highest = max(ranked.values())
    best = min(key for key, total in ranked.items() if total == highest)
    runner_up = max(
        (value for key, value in ranked.items() if _swaps(key, best, len(required))), default=ranked[best] - 2
    )
    found = {role: segments[index] for role, index in zip(roles, best, strict=True) if index >= 0}
    rest = _rejoined(segments, best, found)
    return Roles(found, rest, margin=ranked[best] - runner_up)


def _rejoined(segments: list[Segment], best: tuple[int, ...], found: dict[str, Segment]) -> list[Segment]:
    """Put what was cut off at a comma and got no role back to the segment before it; return the others."""
    rest: list[Segment] = []
    for number, segment in enumerate(segments):
        if number in best:
            continue
        before = segments[number - 1] if number else None
        role = next((name for name, other in found.items() if other is before), "")
        if segment.after_comma and before is not None and role and role != "location" and not segment.bracketed:
            before.text = f"{before.text}, {segment.text}"
            segments[number] = before
        else:
            rest.append(segment)
    return rest


def _swaps(key: tuple[int, ...], best: tuple[int, ...], count: int) -> bool:
    return key[:count] != best[:count]


def _gains(role: str, scores: list[Scores], required: Sequence[str], optional: Scores) -> list[float]:
    """Return what it is worth to leave a role empty, and to give it to each segment."""
    is_required = role in required
    filled = [
        score.get(role, 0.0) - optional.get(role, 0.0) - 0.05 * index * is_required
        for index, score in enumerate(scores)
    ]
    return [-0.8 if is_required else 0.0, *filled]

"""`build_wordnet`: make the gate's lexicon of like meanings from the database files of Princeton WordNet 3."""

import re
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.grounding.wordlists import DATA_DIR

FILES = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
# Of the senses of a word only the commonest count: what a CV means by it is among them.
MOST_SENSES = {"n": 4, "v": 4, "a": 3, "r": 2}
WORD = re.compile(r"[a-z]{3,}")
# Lexicographer files of kinds that work is not told with: what is on top of all, animals, bodies, plants, shapes.
LEFT_OUT = {"03", "05", "08", "20", "25"}
# Those that work is told with: here rare words count too, as trades and tools are rare words.
OF_WORK = {"04", "06", "13", "14", "18", "21"}
PERSON = "18"
# How many levels up, of those that have a word of their own, a thing may be told.
MOST_LEVELS = {"n": 2, "v": 1, "a": 0, "r": 0}
HEADER = """\
# Made from WordNet 3.0 by `manage.py build_wordnet`; see NOTICE. Part of speech | words of like meaning | names of their kind, one way only.
# A row `d` holds a word and what is derived from it, as noun.word or verb.word.
"""


@dataclass(frozen=True, slots=True)
class Synset:
    """Words of one meaning, with the places of those of their kind, and what their words are derived from."""

    kind: str
    file: str
    words: tuple[str, ...]
    above: tuple[str, ...]
    derived: tuple[tuple[int, str, int], ...]


class Command(BaseCommand):
    help = "Make jobs/grounding/data/wordnet.txt from a folder with WordNet's database files (data.noun, index.noun, …, cntlist.rev)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where the database files are")

    def handle(self, *, folder: Path, **options: Any) -> None:
        if not (folder / "data.noun").is_file():
            raise CommandError(f"{str(folder)!r} has no data.noun.")
        ranks, used = _ranks(folder), _used(folder)
        synsets = {place: synset for letter in FILES for place, synset in _synsets(folder, letter)}
        kept = {place: _kept(place, synset, ranks) for place, synset in synsets.items()}
        rows = sorted({row for place in synsets if (row := _row(place, synsets, kept, used))})
        derived = sorted(_derived(synsets, kept, used))
        (DATA_DIR / "wordnet.txt").write_text(HEADER + "\n".join([*rows, *derived]) + "\n", encoding="utf-8")
        self.stdout.write(f"{len(rows)} meanings, {len(derived)} words with derived ones.")


def _lines(path: Path) -> Iterator[list[str]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("  "):
            yield line.split()


def _ranks(folder: Path) -> dict[tuple[str, str], int]:
    """Return how common a meaning is among those of a word, 1 for the commonest."""
    found = {}
    for letter, name in FILES.items():
        for fields in _lines(folder / f"index.{name}"):
            places = fields[-int(fields[2]) :]
            found.update({(fields[0], letter + place): rank for rank, place in enumerate(places, start=1)})
    return found


def _used(folder: Path) -> Counter[str]:
    """Return how often each word was met in WordNet's own texts."""
    found: Counter[str] = Counter()
    for key, _, count in _lines(folder / "cntlist.rev"):
        found[key.partition("%")[0]] += int(count)
    return found


def _synsets(folder: Path, letter: str) -> Iterator[tuple[str, Synset]]:
    for fields in _lines(folder / f"data.{FILES[letter]}"):
        count = int(fields[3], 16)
        words = tuple(fields[4 + 2 * number].partition("(")[0] for number in range(count))
        start = 4 + 2 * count
        pointers = [fields[start + 1 + 4 * number :][:4] for number in range(int(fields[start]))]
        above = tuple(kind.replace("s", "a") + place for sign, place, kind, _ in pointers if sign in {"@", "@i"})
        derived = tuple(
            (int(ends[:2], 16), kind.replace("s", "a") + place, int(ends[2:], 16))
            for sign, place, kind, ends in pointers
            if sign in {"+", "\\"}
        )
        yield letter + fields[0], Synset(letter, fields[1], words, above, derived)


def _kept(place: str, synset: Synset, ranks: dict[tuple[str, str], int]) -> tuple[str, ...]:
    """Return the words of which this is one of the commonest meanings."""
    if synset.kind == "n" and synset.file in LEFT_OUT:
        return ()
    most = MOST_SENSES[synset.kind]
    return tuple(word for word in synset.words if WORD.fullmatch(word) and ranks.get((word, place), most + 1) <= most)


def _row(place: str, synsets: dict[str, Synset], kept: dict[str, tuple[str, ...]], used: Counter[str]) -> str:
    kind, words = synsets[place].kind, kept[place]
    above = _above(place, synsets, kept)
    general = " ".join(dict.fromkeys(word for other in above for word in kept[other] if used[word]))
    is_met = any(used[word] for word in (*words, *(general.split() if synsets[place].file in OF_WORK else ())))
    if not words or (len(words) == 1 and not general) or not is_met:
        return ""
    return f"{kind}|{' '.join(words)}|{general}".rstrip("|")


def _above(place: str, synsets: dict[str, Synset], kept: dict[str, tuple[str, ...]]) -> list[str]:
    """Return the kinds that a meaning is of, up to so many levels; what has no word of its own is no level."""
    found: list[str] = []
    level = [place]
    for _ in range(MOST_LEVELS[synsets[place].kind]):
        level = [other for here in level for other in _next_above(here, synsets, kept)]
        found += level
    return found


def _next_above(place: str, synsets: dict[str, Synset], kept: dict[str, tuple[str, ...]]) -> Iterator[str]:
    for other in synsets[place].above:
        if kept[other]:
            yield other
        elif other in synsets:
            yield from _next_above(other, synsets, kept)


def _derived(synsets: dict[str, Synset], kept: dict[str, tuple[str, ...]], used: Counter[str]) -> Iterator[str]:
    """Yield each word with those derived from it; who does it is another matter, and no deed."""
    found: dict[str, set[str]] = defaultdict(set)
    for place, synset in synsets.items():
        for first, other, second in synset.derived:
            target = synsets[other]
            if not first or not second or PERSON in {synset.file if synset.kind == "n" else "", target.file}:
                continue
            one, two = synset.words[first - 1].partition("(")[0], target.words[second - 1].partition("(")[0]
            if one in kept[place] and two in kept[other] and one != two and used[one] and used[two]:
                found[f"{synset.kind}.{one}"].add(f"{target.kind}.{two}")
                found[f"{target.kind}.{two}"].add(f"{synset.kind}.{one}")
    return (f"d|{word}|{' '.join(sorted(others))}" for word, others in found.items())

"""One CV among 100,000 postings, one posting among 10,000 CVs: how long the index takes, a search, and how much is missed.

Run: `python -m benchmarks.search [--postings 100000] [--cvs 10000]`, with `DATABASE_URL` for PostgreSQL; without it a new SQLite file.
The postings are invented, of twenty trades: 2,000 texts are analysed, and each further posting asks for some of what those of its trade ask
for, as the index reads stored analyses. A search is timed from the call to the ranked reports, in a process that has searched before. What is missed is the
share of four CVs' ten best places, by `match_resume` over the first 10,000 postings, that the search fills with a lower score, and by how
many points on average of all places. Seconds depend on the machine: its load is
printed beside them.
"""

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

DISTINCT = 2_000
SEARCHES = 20
COMPARED = 10_000
COMPARED_CVS = 4


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postings", type=int, default=100_000)
    parser.add_argument("--cvs", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "careerai.settings", "CAREERAI_DATA_DIR": folder, "LOG_LEVEL": "ERROR"}
        print(json.dumps(_measure(options.postings, options.cvs), indent=2))


def _measure(postings: int, cvs: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.db import connection

    from benchmarks.rounds import load_of_the_machine
    from jobs.models import SearchKind
    from jobs.services.search import bring_up_to_date, rank_cvs, rank_postings

    call_command("migrate", verbosity=0)
    name = f"benchmark-{time.time_ns()}"
    user = get_user_model().objects.create_user(username=name)
    found: dict[str, Any] = {"database": connection.vendor, "postings": postings, "cvs": cvs}
    try:
        found["seconds_to_analyse_one_posting"], rows = _add_postings(user, postings)
        versions = _add_cvs(user, cvs)
        for kind in SearchKind:
            memory, begun = _resident(), time.perf_counter()
            bring_up_to_date(user=user, kind=kind)
            found[f"index_of_{kind.value}s_seconds"] = round(time.perf_counter() - begun, 1)
            found[f"index_of_{kind.value}s_memory_mb"] = round(_resident() - memory)
        draw = random.Random(1)  # noqa: S311 - reproducible on purpose
        asked = draw.sample(versions, SEARCHES)
        rank_postings(user=user, version=asked[0], top=10)
        memory = _resident()
        found["postings_for_a_cv_seconds"] = _times(lambda n: rank_postings(user=user, version=asked[n], top=10))
        found["cvs_for_a_posting_seconds"] = _times(lambda n: rank_cvs(user=user, posting=rows[n], top=10))
        found["searches_memory_mb"] = round(_resident() - memory)
        found["places_filled_lower"], found["points_lower"] = _missed(user, asked)
        found["load"] = load_of_the_machine()
    finally:
        user.delete()
    return found


def _add_postings(user: Any, count: int) -> tuple[float, list[Any]]:
    from jobs.evaluation.people import trades
    from jobs.evaluation.postings import invented_posting
    from jobs.importing import import_posting
    from jobs.models import Posting
    from jobs.services.postings import analyse_by_rules

    draw = random.Random(2)  # noqa: S311 - reproducible on purpose
    begun = time.perf_counter()
    made = []
    for number in range(min(DISTINCT, count)):
        posting = invented_posting(trades()[number % len(trades())], draw)
        made.append((posting, analyse_by_rules(import_posting(posting.text)).model_dump(mode="json")))
    seconds = (time.perf_counter() - begun) / len(made)
    asked: dict[str, list[Any]] = {}
    for posting, data in made:
        asked.setdefault(posting.trade.name, []).extend(data["requirements"])
    for start in range(0, count, DISTINCT):
        rows = []
        for number in range(start, min(start + DISTINCT, count)):
            posting, data = made[number % len(made)]
            if number >= len(made):
                texts = {one["text"]: one for one in draw.sample(asked[posting.trade.name], draw.randint(4, 12))}
                drawn = [one | {"id": f"r{place}"} for place, one in enumerate(texts.values())]
                data = data | {"requirements": drawn}
            rows.append(Posting(owner=user, title=posting.title, original="", text=posting.text, analysis=data))
        Posting.objects.bulk_create(rows)
    return round(seconds, 4), list(Posting.objects.filter(owner=user)[:SEARCHES])


def _add_cvs(user: Any, count: int) -> list[Any]:
    from cv.models import CV, ResumeVersion, VersionOrigin
    from jobs.evaluation.people import invented_people

    versions = []
    for number, person in enumerate(invented_people(count, seed=9)):
        cv = CV.objects.create(owner=user, title=f"CV {number}")
        data = person.resume.model_dump(mode="json")
        versions.append(ResumeVersion.objects.create(cv=cv, number=1, origin=VersionOrigin.IMPORTED, data=data))
        CV.objects.filter(pk=cv.pk).update(current_version=versions[-1])
    return versions


def _missed(user: Any, versions: list[Any]) -> tuple[float, float]:
    """Compare the search's ten scores with the ten best of all of the first postings, place by place."""
    from jobs.matching import Matcher
    from jobs.models import Posting
    from jobs.posting import PostingAnalysis
    from jobs.services.search import rank_postings

    rows = Posting.objects.filter(owner=user).order_by("pk")[:COMPARED]
    analyses = [PostingAnalysis.model_validate(row.analysis) for row in rows]
    short: list[int] = []
    for version in versions[:COMPARED_CVS]:
        matcher = Matcher(version.resume.assign_ids())
        best = sorted((matcher.match(analysis).score or 0 for analysis in analyses), reverse=True)[:10]
        got = [row.report.score or 0 for row in rank_postings(user=user, version=version, top=10)]
        short += [max(0, theirs - mine) for mine, theirs in zip(got, best, strict=False)]
    return round(sum(map(bool, short)) / len(short), 3), round(statistics.mean(short), 2)


def _times(search: Any) -> dict[str, float]:
    seconds = []
    for number in range(SEARCHES):
        begun = time.perf_counter()
        search(number)
        seconds.append(time.perf_counter() - begun)
    return {"median": round(statistics.median(seconds), 3), "most": round(max(seconds), 3)}


def _resident() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()

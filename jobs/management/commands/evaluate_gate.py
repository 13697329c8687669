"""`evaluate_gate`: how many planted lies the gate finds, and how many true rewordings it refuses."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jobs.evaluation.gate import (
    Rate,
    Report,
    Tally,
    benchmark_cases,
    cases_of,
    evaluate_bound,
    evaluate_by_hand,
    evaluate_free,
)
from jobs.management.inputs import read_cv


class Command(BaseCommand):
    help = "Measure the gate on invented CVs: recall of planted lies by class, false alarms on rewordings, and sentences written by hand."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--people", type=int, default=80, help="how many invented CVs (default: 80)")
        parser.add_argument("--seed", type=int, default=2026, help="chooses them (default: 2026)")
        parser.add_argument(
            "--show", type=int, default=0, metavar="N", help="print N wrong answers of each kind, of no set kept apart"
        )
        parser.add_argument(
            "--cv", nargs="+", type=Path, default=[], metavar="FILE", help="measure on the lines of these CVs as well"
        )
        parser.add_argument(
            "--every",
            type=int,
            default=1,
            metavar="N",
            help="of the sentences written by hand, one of N (default: all)",
        )
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *, people: int, seed: int, show: int, cv: list[Path], every: int, **options: Any) -> None:
        if people < 1:
            raise CommandError("--people must be 1 or more.")
        if every < 1:
            raise CommandError("--every must be 1 or more.")
        reports = {
            "written by hand": evaluate_by_hand(every=every),
            "written afresh, looked at": evaluate_by_hand("fresh", part="a", every=every),
            "written afresh, also looked at": evaluate_by_hand("fresh", part="b", every=every),
            "second set, looked at": evaluate_by_hand("second", part="a", every=every),
            "second set, kept apart": evaluate_by_hand("second", part="b", every=every),
            "third set, looked at": evaluate_by_hand("third", part="a", every=every),
            "third set, also looked at": evaluate_by_hand("third", part="b", every=every),
            "fourth set, also looked at": evaluate_by_hand("fourth", part="a", every=every),
            "fourth set, kept apart": evaluate_by_hand("fourth", part="b", every=every),
        }
        for part, kept_apart in (("open part", False), ("kept apart", True)):
            cases = list(benchmark_cases(people, seed=seed, kept_apart=kept_apart))
            reports[f"{part}, line cited"] = evaluate_bound(cases)
            reports[f"{part}, whole CV"] = evaluate_free(cases)
        if cv:
            own = [case for path in cv for case in cases_of(read_cv(path, provider="embedded"), seed=seed)]
            reports["given CVs, line cited"] = evaluate_bound(own)
        if options["json"]:
            self.stdout.write(json.dumps({name: _as_data(report) for name, report in reports.items()}, indent=2))
            return
        for name, report in reports.items():
            self.stdout.write(f"\n{name}")
            self._print("recall", report.lies)
            self._print("false alarms", report.alarms)
            for tally in (report.lies, report.alarms):
                # What is kept apart stays so: whoever mends the gate reads its figures only.
                for case, problems in tally.wrong[: 0 if "set, kept apart" in name else show]:
                    self.stdout.write(f"    {case.kind}: {case.text} [{case.fact.text}] {' '.join(problems)}")

    def _print(self, name: str, tally: Tally) -> None:
        self.stdout.write(f"  {name}: {_said(tally.overall)}, {tally.to_confirm} of them for the person to confirm")
        for kind, rate in tally.by_kind.items():
            self.stdout.write(f"    {kind}: {_said(rate)}")


def _said(rate: Rate) -> str:
    low, high = rate.interval
    return f"{rate.value:.4f} ({rate.hits} of {rate.total}; {low:.4f} to {high:.4f})"


def _as_data(report: Report) -> dict[str, Any]:
    tallies = {"recall": report.lies, "false_alarms": report.alarms}
    return {
        name: {
            "overall": _rate(tally.overall),
            "to_confirm": tally.to_confirm,
            "by_class": {kind: _rate(rate) for kind, rate in tally.by_kind.items()},
        }
        for name, tally in tallies.items()
    }


def _rate(rate: Rate) -> dict[str, Any]:
    return {"value": rate.value, "hits": rate.hits, "total": rate.total, "interval": rate.interval}

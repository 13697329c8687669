"""Whether the providers that are on would work, in the terminal."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ai_router.probing import Probe, probe_provider
from ai_router.providers import PROVIDERS
from usage.money import format_usd


class Command(BaseCommand):
    """`manage.py probe_providers`."""

    help = "Ask each AI provider that is on whether its key and its default model are good. Fails where one is not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("providers", nargs="*", metavar="PROVIDER", help="only these (default: all)")
        parser.add_argument("--complete", action="store_true", help="also send each one tiny request, which may cost")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print the findings as JSON")

    def handle(self, *, providers: list[str], complete: bool, as_json: bool, **_: Any) -> None:
        unknown = sorted(set(providers) - set(PROVIDERS))
        if unknown:
            message = f"Unknown: {', '.join(unknown)}. There are {', '.join(PROVIDERS)}."
            raise CommandError(message)
        found = []
        for name in providers or PROVIDERS:
            probe = probe_provider(name, completes=complete)
            found.append(probe)
            if not as_json:
                self.stdout.write(_line(probe, completes=complete))
        if as_json:
            self.stdout.write(json.dumps([asdict(probe) for probe in found], indent=2))
        elif not any(probe.is_on for probe in found):
            self.stdout.write("None of them is on: the embedded engine does the work.")
        failed = [probe.provider for probe in found if probe.has_failed]
        if failed:
            message = f"Failed: {', '.join(failed)}."
            raise CommandError(message)


def _line(probe: Probe, *, completes: bool) -> str:
    """Say what was found in one line."""
    name = f"{probe.provider:<14}"
    if not probe.is_on:
        return f"{name}off"
    if probe.has_failed:
        return f"{name}FAILED   {probe.error}"
    words = [f"{probe.latency_ms} ms", probe.model]
    if probe.is_model_known is None:
        words.append("whether it has this model shows a request only")
    words.append("price known" if probe.is_priced else "PRICE NOT KNOWN: no budget can hold it")
    if completes:
        cost = "unknown" if probe.cost_nanousd is None else format_usd(probe.cost_nanousd)
        words.append(f"answered, cost {cost}")
    return f"{name}good     {', '.join(words)}"

"""What the lines themselves add up to, in the columns of the roll-ups: for the edges of a period, and to check and fill.

Everything here is text of SQL that is made from the models' names; values stay parameters.
"""

from collections.abc import Sequence

from django.db import DEFAULT_DB_ALIAS, connections

from usage.models import Attempt, Call, RollUp
from usage.models.rollups import LATENCY_COUNTERS, LATENCY_EDGES_MS
from usage.types import CORRECTION, EXPIRED, CallStatus

MOST_OF_EXPERIMENT = int(RollUp._meta.get_field("experiment").max_length or 0)
MOST_OF_ARM = int(RollUp._meta.get_field("arm").max_length or 0)

# What an attempt says itself; the rest is its call's.
_OWN_OF_ATTEMPTS = frozenset({"provider", "model", "status", "error_class"})
_WRITTEN_OFF = f"c.status = '{CallStatus.UNKNOWN.value}' AND c.error_class = '{EXPIRED}'"
_CALL_SUMS = {
    "calls": "COUNT(*)",
    "cache_hits": "SUM(CASE WHEN c.is_cached THEN 1 ELSE 0 END)",
    "cache_misses": "SUM(CASE WHEN {cache} = 'miss' THEN 1 ELSE 0 END)",
    "saved_nanousd": "SUM(c.saved_nanousd)",
    "unpriced_calls": "SUM(CASE WHEN c.cost_nanousd IS NULL THEN 1 ELSE 0 END)",
    "latency_ms": "COALESCE(SUM(CASE WHEN NOT c.is_cached THEN c.latency_ms END), 0)",
    "overhead_us": "COALESCE(SUM(c.overhead_us), 0)",
    "overhead_calls": "COUNT(c.overhead_us)",
    "cost_nanousd": f"COALESCE(SUM(CASE WHEN {_WRITTEN_OFF} THEN c.cost_nanousd END), 0)",
}
_ATTEMPT_SUMS = {
    "attempts": f"SUM(CASE WHEN a.error_class = '{CORRECTION}' THEN 0 ELSE 1 END)",
    "unpriced_attempts": "SUM(CASE WHEN a.cost_nanousd IS NULL THEN 1 ELSE 0 END)",
    "free_attempts": f"SUM(CASE WHEN a.cost_nanousd = 0 AND a.error_class <> '{CORRECTION}' THEN 1 ELSE 0 END)",
    "input_tokens": "SUM(a.input_tokens)",
    "cached_input_tokens": "SUM(a.cached_input_tokens)",
    "cache_write_tokens": "SUM(a.cache_write_tokens)",
    "output_tokens": "SUM(a.output_tokens)",
    "reasoning_tokens": "SUM(a.reasoning_tokens)",
    "cost_nanousd": "COALESCE(SUM(a.cost_nanousd), 0)",
}


def select_lines(names: Sequence[str], condition: str, *, figures: Sequence[str], sign: int = 1) -> list[str]:
    """Return two statements, over the calls and over their attempts, that add up what is settled.

    Args:
        names: What to tell apart: `hour`, `day` (as its first hour), `user_key`, or names of `RollUp`.
        condition: What the lines have to meet, with `{name}` for columns of `RollUp` and `c.` for those of the call.
        figures: The sums of `RollUp`, and the latency counters, that are wanted.
        sign: -1 to take everything away.

    Returns:
        Statements with the columns `names` and `figures`.
    """
    vendor = connections[DEFAULT_DB_ALIAS].vendor
    calls, attempts = f"{_table(Call)} c", f"{_table(Attempt)} a JOIN {_table(Call)} c ON c.id = a.call_id"
    decision = told_of_decision("c.decision", vendor)
    of_calls, of_attempts = {}, {}
    for name in figures:
        if name in LATENCY_COUNTERS:
            of_calls[name], of_attempts[name] = _counted_latency(name), "CAST(NULL AS INTEGER)"
        else:
            of_calls[name] = _CALL_SUMS.get(name, "0").format(**decision)
            of_attempts[name] = _ATTEMPT_SUMS.get(name, "0")
    statements = []
    for lines, alias, sums in ((calls, "c", of_calls), (attempts, "a", of_attempts)):
        columns = _columns(alias, vendor)
        chosen = [f"{columns[name]} AS {name}" for name in names]
        chosen += [f"{sum_of if sign > 0 else f'-({sum_of})'} AS {name}" for name, sum_of in sums.items()]
        grouped = f" GROUP BY {', '.join(str(number + 1) for number in range(len(names)))}" if names else ""
        where = f"c.status <> '{CallStatus.OPEN.value}' AND {condition.format(**columns)}"
        statements.append(f"SELECT {', '.join(chosen)} FROM {lines} WHERE {where}{grouped}")  # noqa: S608 - our own names
    return statements


def _columns(alias: str, vendor: str) -> dict[str, str]:
    """Return the expression of each column of the roll-ups, over a call or over its attempt."""
    names = {name: f"{alias if name in _OWN_OF_ATTEMPTS else 'c'}.{name}" for name in RollUp.NAMES}
    told = told_of_decision("c.decision", vendor)
    names |= {name: told[name] for name in ("experiment", "arm")}
    if vendor == "postgresql":
        hour = "CAST(FLOOR(EXTRACT(EPOCH FROM c.created_at) / 3600) AS INTEGER)"
    else:
        # SQLite rounds to milliseconds, which makes another hour of the last half of one.
        hour = "CAST(strftime('%%s', substr(c.created_at, 1, 13) || ':00:00') AS INTEGER) / 3600"
    return names | {"hour": hour, "day": f"{hour} - {hour} %% 24", "user_key": "COALESCE(c.user_id, 0)"}


def told_of_decision(column: str, vendor: str) -> dict[str, str]:
    """Return expressions for what decision records say of experiment, arm and cache; empty texts where they say nothing."""
    paths = {"experiment": ("experiment", "name"), "arm": ("experiment", "arm"), "cache": ("cache",)}
    most = {"experiment": MOST_OF_EXPERIMENT, "arm": MOST_OF_ARM, "cache": MOST_OF_ARM}
    told = {}
    for name, path in paths.items():
        text = (
            f"{column} #>> '{{{','.join(path)}}}'"
            if vendor == "postgresql"
            else f"json_extract({column}, '$.{'.'.join(path)}')"
        )
        told[name] = f"COALESCE(substr({text}, 1, {most[name]}), '')"
    return told


def _counted_latency(counter: str) -> str:
    """Return the number of latencies in a counter; null for none, as it is kept."""
    number = LATENCY_COUNTERS.index(counter)
    bounds = []
    if number:
        bounds.append(f"c.latency_ms >= {LATENCY_EDGES_MS[number - 1]}")
    if number < len(LATENCY_EDGES_MS):
        bounds.append(f"c.latency_ms < {LATENCY_EDGES_MS[number]}")
    return f"NULLIF(COUNT(CASE WHEN NOT c.is_cached AND {' AND '.join(bounds)} THEN 1 END), 0)"


def _table(model: type[Call] | type[Attempt]) -> str:
    return connections[DEFAULT_DB_ALIAS].ops.quote_name(model._meta.db_table)

"""What is written of a call, when it is opened and when it is settled, as values that can wait on disk."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from usage.types import AttemptRecord, AttemptStatus, CallStatus, Outbound, TokenUsage


@dataclass(frozen=True, slots=True)
class OpenedCall:
    """A call before it is made: whose it is, and what is held for it (see `usage.ledger.open_call`)."""

    call_id: UUID
    user_id: int | None
    task_type: str
    held_nanousd: int
    created_at: datetime
    expires_at: datetime
    prompt_version: str = ""
    request_id: str = ""
    decision: dict[str, Any] = field(default_factory=dict)
    providers: Mapping[str, int] | None = None
    purpose: str = ""
    shadow_of_id: UUID | None = None
    token_id: int | None = None
    is_saving: bool = False


@dataclass(frozen=True, slots=True)
class SettledCall:
    """How a call ended, and what each attempt cost (see `usage.ledger.settle_call`)."""

    call_id: UUID
    status: CallStatus
    attempts: tuple[AttemptRecord, ...]
    latency_ms: int
    settled_at: datetime
    provider: str = ""
    model: str = ""
    is_cached: bool = False
    saved_nanousd: int = 0
    error_class: str = ""
    overhead_us: int | None = None
    decision: dict[str, Any] | None = None
    outbound: Outbound | None = None


Record = OpenedCall | SettledCall


def write_record(record: Record) -> str:
    """Return the record as one line of JSON."""
    kind = "open" if isinstance(record, OpenedCall) else "settle"
    return _ENCODER.encode({"kind": kind, **_values(record)})


def read_record(line: str | bytes) -> Record:
    """Return the record of a line.

    Raises:
        ValueError: The line is broken, as the last one is when the power fails while it is written.
    """
    try:
        values = json.loads(line)
        kind = values.pop("kind")
        values["call_id"] = UUID(values["call_id"])
        if kind == "open":
            values |= {name: datetime.fromisoformat(values[name]) for name in ("created_at", "expires_at")}
            values["shadow_of_id"] = UUID(values["shadow_of_id"]) if values.get("shadow_of_id") else None
            return OpenedCall(**values)
        values["attempts"] = tuple(_attempt(one) for one in values["attempts"])
        values["settled_at"] = datetime.fromisoformat(values["settled_at"])
        values["status"] = CallStatus(values["status"])
        values["outbound"] = Outbound(**values["outbound"]) if values.get("outbound") else None
        return SettledCall(**values)
    except (KeyError, TypeError, AttributeError) as error:
        message = f"not a record of the ledger: {error!r}"
        raise ValueError(message) from error


def _attempt(values: dict[str, Any]) -> AttemptRecord:
    values["usage"] = TokenUsage(**values["usage"])
    values["status"] = AttemptStatus(values["status"])
    values["started_at"] = datetime.fromisoformat(values["started_at"])
    return AttemptRecord(**values)


_NAMES = {
    kind: tuple(one.name for one in fields(kind))
    for kind in (OpenedCall, SettledCall, AttemptRecord, TokenUsage, Outbound)
}


def _values(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in _NAMES[type(value)]}


def _plain(value: Any) -> Any:
    """Turn what JSON does not know into what it knows."""
    if isinstance(value, datetime):
        return value.isoformat()
    if type(value) in _NAMES:
        return _values(value)
    return str(value)


# Made once: `json.dumps` would make one for each record.
_ENCODER = json.JSONEncoder(default=_plain, separators=(",", ":"))

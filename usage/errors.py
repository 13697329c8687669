"""What the ledger refuses, and when it will not refuse any more."""

from datetime import UTC, datetime, tzinfo

from usage.types import BudgetAction


class UsageError(Exception):
    """Base of all errors of `usage`."""

    code = "usage_error"
    status_code = 429
    user_message = "This cannot be paid for at the moment."


class BudgetExceededError(UsageError):
    """A budget has something against the call; nothing was held.

    `resets_at` is when the budget's window ends, or, where the last hours count, when enough of it is free again; None
    where it has no end. `provider` is the one that the budget is for, so that the others may still be asked. `action` is what it
    wants of the call: that it asks the cheapest first, that it asks nobody who costs something, or that it is not made at all.
    Where it `is_used_up` a hard budget has no room; else so much is used that it wants calls to save. `is_quota` says that
    it counts calls, so that leaving out one candidate is of no use.
    """

    code = "budget_exceeded"
    status_code = 402

    def __init__(
        self,
        budget_name: str,
        resets_at: datetime | None = None,
        *,
        provider: str = "",
        zone: tzinfo = UTC,
        action: BudgetAction = BudgetAction.FREE,
        is_used_up: bool = True,
        is_quota: bool = False,
        left: str = "",
        needed: str = "",
    ) -> None:
        """Name the budget, what is `left` of it and `needed` for the call where they may know, and the zone in which people are told of its time."""
        self.budget_name = budget_name
        self.provider = provider
        self.resets_at = resets_at
        self.action = action
        self.is_used_up = is_used_up
        self.is_quota = is_quota
        state = "is used up" if is_used_up else "is nearly used up, and leaves only what is free"
        parts = [f"{left} left" if left else "", f"and this call may need {needed}" if needed and is_used_up else ""]
        said = ", ".join(part for part in parts if part)
        self.user_message = (
            f"The {'quota' if is_quota else 'budget'} “{budget_name}” {state}{f': {said}' if said else ''}."
        )
        if resets_at:
            self.user_message += f" There is room again from {resets_at.astimezone(zone):%d %B %Y at %H:%M} {zone}."
        self.user_message += " What this server does by itself stays free."
        super().__init__(f"budget {budget_name!r} {state}")


class BrokenArchiveError(UsageError):
    """A file of the archive is gone or has changed while its lines are still in the database; nothing was deleted."""

    code = "broken_archive"
    status_code = 500

    def __init__(self, path: str) -> None:
        """Name the file."""
        super().__init__(
            f"{path}: the file is gone, or is not what was written. Put it back, or delete its row of Archive to write it anew."
        )


class ArchiveInUseError(UsageError):
    """Another run archives into the same folder; nothing was done."""

    code = "archive_in_use"
    status_code = 409

    def __init__(self, folder: str) -> None:
        """Name the folder."""
        super().__init__(f"{folder}: another run is at work in this folder. Wait until it has ended.")


class InvoiceFormError(UsageError):
    """A provider's file cannot be read; `user_message` says which line, and why. Nothing was kept."""

    code = "invoice_form"
    status_code = 400

    def __init__(self, message: str) -> None:
        """Keep what the person is told."""
        self.user_message = message
        super().__init__(message)


class UncorrectableError(UsageError):
    """The cost of a call cannot be set right; `user_message` says why. Nothing was written."""

    code = "uncorrectable"
    status_code = 409

    def __init__(self, message: str) -> None:
        """Keep what the person is told."""
        self.user_message = message
        super().__init__(message)


class LedgerUnavailableError(UsageError):
    """The call cannot be written down: the database does not answer, and no more may wait for it. Nothing was held."""

    code = "ledger_unavailable"
    status_code = 503
    user_message = "AI calls are paused, as the database does not answer. Try again in a minute."


class FrozenError(UsageError):
    """Calls of this token, user or task were stopped; `user_message` says why and what to do. Nothing was held.

    Coming back is of no use before somebody has seen to it, so there is no time for it, although `until` may be known.
    """

    code = "frozen"
    status_code = 403

    def __init__(self, message: str, until: datetime | None = None) -> None:
        """Keep what the person is told."""
        self.user_message = message
        self.until = until
        super().__init__("calls are stopped")


class FilterError(UsageError):
    """An address asks a page for something that cannot be; `field` is what is wrong in it."""

    code = "invalid"
    status_code = 400

    def __init__(self, field: str, message: str) -> None:
        """Keep what the person is told."""
        self.field = field
        self.user_message = message
        super().__init__(f"{field}: {message}")

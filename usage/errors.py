"""What the ledger refuses, and when it will not refuse any more."""

from datetime import UTC, datetime, tzinfo


class UsageError(Exception):
    """Base of all errors of `usage`."""

    code = "usage_error"
    status_code = 429
    user_message = "This cannot be paid for at the moment."


class BudgetExceededError(UsageError):
    """A hard budget leaves no room for the call; nothing was held.

    `resets_at` is when the budget's window ends, or, where the last hours count, when enough of it is free again; None
    where it has no end. `provider` is the one that the budget is for, so that the others may still be asked.
    """

    code = "budget_exceeded"
    status_code = 402
    user_message = "The budget for AI calls is used up."

    def __init__(
        self, budget_name: str, resets_at: datetime | None = None, *, provider: str = "", zone: tzinfo = UTC
    ) -> None:
        """Name the budget that refused, and the zone in which people are told of its time."""
        self.budget_name = budget_name
        self.provider = provider
        self.resets_at = resets_at
        if resets_at:
            when = f"{resets_at.astimezone(zone):%d %B %Y at %H:%M} {zone}"
            self.user_message = f"{type(self).user_message} There is room again from {when}."
        super().__init__(f"budget {budget_name!r} is used up")


class BrokenArchiveError(UsageError):
    """A file of the archive is gone or has changed while its lines are still in the database; nothing was deleted."""

    code = "broken_archive"
    status_code = 500

    def __init__(self, path: str) -> None:
        """Name the file."""
        super().__init__(
            f"{path}: the file is gone, or is not what was written. Put it back, or delete its row of Archive to write it anew."
        )


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

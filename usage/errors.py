"""What the ledger refuses, and when it will not refuse any more."""

from datetime import datetime


class UsageError(Exception):
    """Base of all errors of `usage`."""

    code = "usage_error"
    status_code = 429
    user_message = "This cannot be paid for at the moment."


class BudgetExceededError(UsageError):
    """A hard budget leaves no room for the call; nothing was held.

    `resets_at` is when the budget's window ends, None where it has no end; `provider` is the one that the budget is for,
    so that the others may still be asked.
    """

    code = "budget_exceeded"
    status_code = 402
    user_message = "The budget for AI calls is used up."

    def __init__(self, budget_name: str, resets_at: datetime | None = None, *, provider: str = "") -> None:
        """Name the budget that refused."""
        self.budget_name = budget_name
        self.provider = provider
        self.resets_at = resets_at
        if resets_at:
            self.user_message = f"{type(self).user_message} It starts anew on {resets_at:%d %B %Y at %H:%M} UTC."
        super().__init__(f"budget {budget_name!r} is used up")

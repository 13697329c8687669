"""Admin of what was learned of vendors' token counts: a window, and one lever to begin anew."""

from statistics import median

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from ai_router.admin.windows import WindowAdmin
from ai_router.models import TokenRatio
from ai_router.token_ratios import LEAST_OF_ITS_OWN, forget_ratios
from ai_router.tokens import family_factor


@admin.register(TokenRatio)
class TokenRatioAdmin(WindowAdmin):
    """How many tokens vendors count for one of ours: what requests are expected to have, and what is held for them."""

    list_display = ("candidate", "kind", "reports", "usual", "span", "before", "is_in_use", "updated_at")
    list_filter = ("provider", "is_structured")
    search_fields = ("family",)
    search_help_text = "Name of the model, without its date."
    list_display_links = None
    actions = ("begin_anew",)

    def has_reset_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may throw away what was learned."""
        return request.user.has_perm("ai_router.delete_tokenratio")

    @display(description="Model", ordering="family")
    def candidate(self, ratio: TokenRatio) -> str:
        return f"{ratio.provider}/{ratio.family}"

    @display(description="Requests", ordering="is_structured")
    def kind(self, ratio: TokenRatio) -> str:
        return "with a schema or tools" if ratio.is_structured else "text"

    @display(description="Reports")
    def reports(self, ratio: TokenRatio) -> int:
        return len(ratio.permille)

    @display(description="Expected")
    def usual(self, ratio: TokenRatio) -> str:
        """Return the median, which is what the next request is expected to have for each token of ours."""
        return f"{median(ratio.permille) / 1_000:.3f}" if ratio.permille else "–"

    @display(description="Lowest to highest, which is held")
    def span(self, ratio: TokenRatio) -> str:
        return f"{min(ratio.permille) / 1_000:.3f}–{max(ratio.permille) / 1_000:.3f}" if ratio.permille else "–"

    @display(description="Without reports")
    def before(self, ratio: TokenRatio) -> str:
        return f"{family_factor(ratio.provider, ratio.family):.2f}"

    @display(description="In use", boolean=True)
    def is_in_use(self, ratio: TokenRatio) -> bool:
        """Whether these are reports enough for the model itself; with fewer it goes by all of its vendor's."""
        return len(ratio.permille) >= LEAST_OF_ITS_OWN

    @admin.action(description="Forget what was learned", permissions=["reset"])
    def begin_anew(self, request: HttpRequest, queryset: QuerySet[TokenRatio]) -> None:
        """Delete the chosen rows; the next reports fill new ones."""
        with transaction.atomic():
            deleted, _ = queryset.delete()
        forget_ratios()
        messages.success(
            request,
            f"Forgotten: what {deleted} row{'s' * (deleted != 1)} had learned. Until new reports come, tokens are estimated by"
            " the vendor's other models or by a fixed factor; other processes follow within 30 seconds.",
        )

"""Admin of the experiments: set up, started, watched and stopped."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from ai_router import trials
from ai_router.admin.inlines import UntitledInline
from ai_router.evidence import Mean, Rate
from ai_router.models import Experiment, ExperimentArm
from ai_router.models.experiments import ExperimentState
from usage.money import format_usd
from usage.money_field import DollarsField
from usage.standings import Standing, list_standings

NANOUSD = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of an arm in words, and, for a rate, where its interval and the rate lie from 0 to 100."""

    label: str
    value: str
    interval: str = ""
    low: float | None = None
    middle: float = 0.0
    width: float = 0.0


class ExperimentForm(forms.ModelForm):  # type: ignore[type-arg]  # cannot be subscripted at run time
    """An experiment with its budget in dollars."""

    budget_nanousd = DollarsField(
        label="Budget in dollars",
        required=False,
        help_text="Shadow traffic only, such as 2.50: more is never spent, and then it ends.",
    )

    class Meta:
        model = Experiment
        fields = (
            "name",
            "kind",
            "task_type",
            "prompt",
            "goal",
            "alpha",
            "max_calls",
            "share_percent",
            "budget_nanousd",
        )


class ExperimentArmInline(UntitledInline):
    """The arms, the control first."""

    model = ExperimentArm
    fields = ("position", "name", "weight", "provider", "model", "prompt_text")
    extra = 2

    def has_change_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        return super().has_change_permission(request, obj) and _is_open(obj)

    def has_add_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        return super().has_add_permission(request, obj) and _is_open(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _is_open(obj)


@admin.register(Experiment)
class ExperimentAdmin(ModelAdmin):
    """Experiments. What has begun is not edited any more: its figures would mean something else."""

    form = ExperimentForm
    list_display = ("name", "kind", "task_type", "goal", "state", "verdict", "figures")
    list_filter = ("state", "kind", "task_type")
    search_fields = ("name",)
    fieldsets = (
        (None, {"fields": ("name", "kind", "task_type", "prompt", "goal", "alpha", "max_calls")}),
        ("Shadow traffic", {"fields": ("share_percent", "budget_nanousd")}),
    )
    inlines = (ExperimentArmInline,)

    @admin.display(description="")
    def figures(self, experiment: Experiment) -> SafeString:
        """Link to the figures of the arms."""
        address = reverse("admin:ai_router_experiment_figures", args=[experiment.pk])
        return format_html('<a href="{}">Figures</a>', address)

    def get_urls(self) -> list[URLPattern]:
        """Add the page of the figures."""
        view = self.admin_site.admin_view(self.figures_view)
        return [path("<int:number>/figures/", view, name="ai_router_experiment_figures"), *super().get_urls()]

    def response_add(self, request: HttpRequest, obj: Experiment, post_url_continue: str | None = None) -> HttpResponse:
        """Go on to the page where it is started."""
        return redirect("admin:ai_router_experiment_figures", obj.pk)

    def figures_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """Show the arms side by side; the buttons start the experiment, or stop it."""
        experiment = get_object_or_404(Experiment, pk=number)
        if not self.has_view_permission(request, experiment):
            raise PermissionDenied
        if request.method == "POST":
            if not super().has_change_permission(request, experiment):
                raise PermissionDenied
            self._take(request, experiment)
            return redirect(request.path)
        arms = list(experiment.arms.select_related("prompt_text"))
        context = {
            **self.admin_site.each_context(request),
            "title": experiment.name,
            "opts": self.opts,
            "experiment": experiment,
            "arms": [(arm, _asks(arm), figures_of(experiment, arm)) for arm in arms],
            "calls": trials.calls_of(experiment, arms),
            "spent": _spent(experiment),
            "sure": f"{100 * (1 - experiment.alpha):g} %",
            "may_change": super().has_change_permission(request, experiment),
        }
        return TemplateResponse(request, "admin/experiment.html", context)

    def _take(self, request: HttpRequest, experiment: Experiment) -> None:
        """Do what a button says."""
        if "stop" in request.POST and experiment.state == ExperimentState.RUNNING:
            trials.stop(experiment, "stopped by hand")
            self.log_change(request, experiment, "stopped")
            messages.success(request, "Stopped: within a few seconds calls follow their route again.")
        elif "start" in request.POST and experiment.state == ExperimentState.DRAFT:
            if reason := experiment.why_not_ready():
                messages.error(request, reason)
                return
            try:
                with transaction.atomic():
                    trials.start(experiment)
            except IntegrityError:
                messages.error(request, "Another experiment of this task is running.")
                return
            self.log_change(request, experiment, "started")
            messages.success(request, "Started: within a few seconds calls take part.")

    def has_change_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        return super().has_change_permission(request, obj) and _is_open(obj)


def figures_of(experiment: Experiment, arm: ExperimentArm) -> list[Figure]:
    """Return what came of an arm, with intervals that hold at every look."""
    alpha = experiment.alpha
    if not experiment.is_shadow:
        more = [_rate("Accepted by users", trials.acceptance(arm), alpha)]
    elif arm.is_as_it_is:
        more = []
    else:
        more = [
            _rate("Better, of the pairs where one passed", Rate(arm.better, arm.worse), alpha),
            _mean("Agrees with what people got", trials.agreement(arm), alpha, lambda share: f"{share:.1%}"),
        ]
    return [
        _rate("Passed the verifier", trials.passing(arm), alpha),
        *more,
        _mean("Cost of a call", trials.cost(arm), alpha, lambda usd: format_usd(round(usd * NANOUSD))),
        _mean("Time of a call", trials.duration(arm), alpha, lambda seconds: f"{seconds:.2f} s"),
    ]


def _rate(label: str, rate: Rate, alpha: float) -> Figure:
    if not rate.count:
        return Figure(label, "–")
    low, high = rate.interval(alpha)
    value = f"{rate.share:.1%} of {rate.count:,}"
    return Figure(
        label, value, f"{low:.1%} to {high:.1%}", round(low * 100, 2), round(rate.share * 100, 2),
        round((high - low) * 100, 2),
    )  # fmt: skip


def _mean(label: str, mean: Mean, alpha: float, write: Callable[[float], str]) -> Figure:
    if not mean.count:
        return Figure(label, "–")
    bounds = mean.interval(alpha)
    interval = f"{write(max(0.0, bounds[0]))} to {write(bounds[1])}" if bounds else "too few for an interval"
    return Figure(label, write(mean.value), interval)


def _spent(experiment: Experiment) -> str:
    """Say what shadow traffic has cost so far, and of how much."""
    budget = trials.budget_of(experiment)
    found: list[Standing] = [one for one in list_standings() if budget and one.budget.pk == budget.pk]
    if not found:
        return ""
    return f"{format_usd(found[0].used_nanousd)} of {format_usd(found[0].limit_nanousd)}"


def _asks(arm: ExperimentArm) -> str:
    """Say what the arm does otherwise."""
    own = [
        f"{arm.provider}/{arm.model}" if arm.model else arm.provider,
        arm.prompt_text.version if arm.prompt_text else "",
    ]
    return ", ".join(filter(None, own)) or "as the route has it"


def _is_open(experiment: Experiment | None) -> bool:
    return experiment is None or experiment.state == ExperimentState.DRAFT

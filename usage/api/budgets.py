"""REST resources of budgets and quotas: staff set them, everybody else reads those that are theirs, and those of their groups."""

from typing import Any

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission, DjangoModelPermissions, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from usage.alerts.subjects import user_names
from usage.api.budget_serializers import (
    BudgetRaiseSerializer,
    BudgetSerializer,
    BudgetWindowSerializer,
    amount_text,
)
from usage.models import Budget, BudgetRaise
from usage.owned_groups import groups_owned_by
from usage.standings import Standing, list_standings

MOST_WINDOWS = 100
NOT_ALLOWED = OpenApiResponse(description="Only staff who may change budgets.")
BAD_VALUES = OpenApiResponse(description="A value is not valid, or two do not fit; `fields` says which.")


class MayChangeBudgets(DjangoModelPermissions):
    """Staff with the permissions of the administration."""

    perms_map = {**DjangoModelPermissions.perms_map, "GET": ["%(app_label)s.view_%(model_name)s"]}

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether they may."""
        return bool(request.user.is_staff) and super().has_permission(request, view)


class MayChangeRaises(MayChangeBudgets):
    """The same for raises, which are rows of their own there."""

    def get_required_permissions(self, method: str, model_cls: Any) -> list[str]:
        """Return what somebody needs for a method."""
        return super().get_required_permissions(method, BudgetRaise)


@extend_schema_view(
    list=extend_schema(
        operation_id="ai_budgets_list",
        summary="Budgets and quotas, and how they stand",
        description="For staff all of them. Otherwise those that are yours alone, and those of groups that you own.",
        tags=["ai"],
    ),
    retrieve=extend_schema(operation_id="ai_budgets_retrieve", summary="A budget", tags=["ai"]),
    create=extend_schema(
        operation_id="ai_budgets_create",
        summary="Set a budget or a quota",
        responses={201: BudgetSerializer, 400: BAD_VALUES, 403: NOT_ALLOWED},
        tags=["ai"],
    ),
    update=extend_schema(
        operation_id="ai_budgets_update",
        summary="Set a budget anew",
        responses={200: BudgetSerializer, 400: BAD_VALUES, 403: NOT_ALLOWED},
        tags=["ai"],
    ),
    partial_update=extend_schema(
        operation_id="ai_budgets_partial_update",
        summary="Change a budget",
        description="A change of what it counts makes it count anew from the ledger.",
        responses={200: BudgetSerializer, 400: BAD_VALUES, 403: NOT_ALLOWED},
        tags=["ai"],
    ),
    destroy=extend_schema(
        operation_id="ai_budgets_destroy",
        summary="Delete a budget",
        responses={204: None, 403: NOT_ALLOWED},
        tags=["ai"],
    ),
)
class BudgetViewSet(ModelViewSet[Budget]):
    """Budgets and quotas."""

    queryset = Budget.objects.none()
    serializer_class = BudgetSerializer
    filterset_fields = ["is_active", "unit", "provider", "task_type"]
    lookup_value_regex = r"\d+"

    def get_permissions(self) -> list[BasePermission]:
        """Everybody signed in reads; staff change, and see the history."""
        reads = self.action in {"list", "retrieve", "metadata"}
        if reads:
            return [IsAuthenticated()]
        return [IsAuthenticated(), MayChangeRaises() if self.action in {"raises", "lower"} else MayChangeBudgets()]

    def get_queryset(self) -> QuerySet[Budget]:
        found = Budget.objects.select_related("user", "group").order_by("name")
        if _sees_all(self.request.user):
            return found
        mine = [standing.budget.pk for standing in list_standings(user_id=self.request.user.pk)]
        theirs = Q(group__in=groups_owned_by(self.request.user), is_active=True)
        return found.filter(Q(pk__in=mine) | theirs)

    def get_serializer_context(self) -> dict[str, Any]:
        user = self.request.user
        found: list[Standing] = []
        if user.is_authenticated:
            found = list_standings(user_id=user.pk)
            found += list_standings() if _sees_all(user) else list_standings(groups=groups_owned_by(user))
        return {**super().get_serializer_context(), "standings": {one.budget.pk: one for one in found}}

    @extend_schema(
        methods=["get"],
        operation_id="ai_budgets_raises_list",
        summary="See the raises of a budget",
        responses={200: BudgetRaiseSerializer(many=True), 403: NOT_ALLOWED},
        tags=["ai"],
    )
    @extend_schema(
        methods=["post"],
        operation_id="ai_budgets_raises_create",
        summary="Raise a budget for a time",
        request=BudgetRaiseSerializer,
        responses={201: BudgetRaiseSerializer, 400: BAD_VALUES, 403: NOT_ALLOWED},
        tags=["ai"],
    )
    @action(detail=True, methods=["get", "post"], filterset_fields=[], pagination_class=None)
    def raises(self, request: Request, pk: str) -> Response:
        budget = self.get_object()
        if request.method == "GET":
            rows = budget.raises.select_related("user", "made_by", "budget")
            return Response(BudgetRaiseSerializer(rows, many=True).data)  # type: ignore[arg-type]  # of many
        form = BudgetRaiseSerializer(data=request.data, context={"budget": budget, "request": request})
        form.is_valid(raise_exception=True)
        form.save()
        return Response(form.data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="ai_budgets_raises_destroy",
        summary="Take a raise back",
        request=None,
        responses={204: None, 403: NOT_ALLOWED},
        tags=["ai"],
    )
    @action(detail=True, methods=["delete"], url_path=r"raises/(?P<raise_id>\d+)", filterset_fields=[])
    def lower(self, request: Request, pk: str, raise_id: str) -> Response:
        get_object_or_404(BudgetRaise, pk=raise_id, budget=self.get_object()).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="ai_budgets_history",
        summary=f"What was spent in its last {MOST_WINDOWS} windows",
        responses={200: BudgetWindowSerializer(many=True), 403: NOT_ALLOWED},
        tags=["ai"],
    )
    @action(detail=True, methods=["get"], filterset_fields=[], pagination_class=None)
    def history(self, request: Request, pk: str) -> Response:
        budget = self.get_object()
        rows = list(budget.windows.order_by("-starts_at", "user_key")[:MOST_WINDOWS])
        names = user_names({row.user_key for row in rows} - {0})
        shown = [
            {
                "user": names.get(row.user_key),
                "starts_at": row.starts_at,
                "ends_at": row.ends_at,
                "spent": amount_text(row.spent_nanousd, budget.unit),
                "held": amount_text(row.held_nanousd, budget.unit),
            }
            for row in rows
        ]
        return Response(BudgetWindowSerializer(shown, many=True).data)


def _sees_all(user: Any) -> bool:
    """Whether somebody sees every budget, as in the administration."""
    return bool(user.is_staff and user.has_perm("usage.view_budget"))

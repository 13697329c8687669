"""Pages of `usage`."""

import re
from typing import cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from usage.models import Call
from usage.overview import first_moment, load_overview
from usage.own_limits import own_limits
from usage.owned_groups import groups_owned_by
from usage.paging import every_call, read_calls
from usage.periods import DEFAULT_PERIOD, PERIODS, find_period
from usage.standings import list_standings
from usage.streams import stream_calls

# A placeholder as it stands in a text that left.
MARK = re.compile(r"(\[[A-Z_]+_\d+[a-z]*\])")


# What placeholders stand for, of one and of several.
HIDDEN_KINDS = {
    "NAME": ("name", "names"),
    "EMAIL": ("e-mail address", "e-mail addresses"),
    "PHONE": ("phone number", "phone numbers"),
    "ADDRESS": ("street address", "street addresses"),
    "LINK": ("link", "links"),
    "BIRTH_DATE": ("birth date", "birth dates"),
}

EXPORTED = ("csv", "json")


@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """Show a person their own calls, what each cost, and what left this server for it."""
    period = find_period(request.GET.get("period", ""))
    user_id = cast("int", request.user.pk)
    overview = load_overview(hours=period.hours, user_id=user_id)
    page = read_calls(
        user_id=user_id,
        since=overview.since,
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
    )
    context = {
        "period": period,
        "periods": PERIODS,
        "overview": overview,
        "standings": list_standings(user_id=user_id),
        "limits": own_limits(user_id),
        "groups": groups_owned_by(request.user),
        "page": page,
    }
    return render(request, "usage/mine.html", context)


@login_required
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Give a person a table of their own calls in a period, those that the page counts, or the same as JSON.

    Raises:
        BadRequest: The address asks for another form or period; a file of something else would not show it.
    """
    form, key = request.GET.get("type", "csv"), request.GET.get("period", DEFAULT_PERIOD.key)
    if form not in EXPORTED or key not in {period.key for period in PERIODS}:
        raise BadRequest
    now = timezone.now()
    since = first_moment(hours=find_period(key).hours, now=now)
    calls = every_call(user_id=cast("int", request.user.pk), since=since)
    return stream_calls(request, calls, since=since, until=now, as_csv=form == "csv")


@login_required
def outbound(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Show a person word for word what left this server for one of their calls, and who received it."""
    call = get_object_or_404(
        Call.objects.select_related("outbound").prefetch_related("attempts"),
        pk=call_id,
        outbound__user_id=request.user.pk,
    )
    text = call.outbound
    messages = [
        (role, [(part, bool(MARK.fullmatch(part))) for part in MARK.split(said)]) for role, said in text.messages
    ]
    hidden = [(HIDDEN_KINDS.get(kind, (kind, kind))[number > 1], number) for kind, number in text.hidden.items()]
    context = {"call": call, "sent": messages, "hidden": hidden, "days": settings.AI_OUTBOUND_DAYS}
    return render(request, "usage/outbound.html", context)

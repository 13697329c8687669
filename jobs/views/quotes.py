"""What tailoring and letters will cost, as a part of the pages on which they are started."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from ai_router.errors import RouterError
from cv.models import CV
from jobs.models import Posting, TailoredCV
from jobs.services.quotes import letter_offer, offers_for
from jobs.views.access import key_of, own, user_of


@require_safe
@login_required
def quotes(request: HttpRequest) -> HttpResponse:
    """Say what tailoring and a letter will cost for `cv` and `posting`, or a letter for `tailored`; empty where it is free."""
    user = user_of(request)
    try:
        if "tailored" in request.GET:
            rows = TailoredCV.objects.select_related("resume_version", "posting")
            tailored = own(request, rows, key_of(request.GET["tailored"]))
            offers = {"letter": letter_offer(tailored=tailored, user=user)}
        else:
            cvs = CV.objects.for_user(user).select_related("current_version")
            version = get_object_or_404(cvs, pk=key_of(request.GET.get("cv", ""))).current_version
            posting = own(request, Posting.objects.all(), key_of(request.GET.get("posting", "")))
            if version is None:
                return HttpResponse()
            tailoring, letter = offers_for(version=version, posting=posting, user=user)
            offers = {"tailoring": tailoring, "letter": letter}
    except RouterError:
        # What cannot be started says why when it is started.
        return HttpResponse()
    return render(request, "jobs/_quotes.html", {"offers": {name: offer for name, offer in offers.items() if offer}})

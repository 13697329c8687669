"""Pages that list, take in, hand out and delete CVs."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ai_router.errors import RouterError
from ai_router.quotes import offer_of, usual_quotes
from cv import services
from cv.errors import CVError
from cv.forms import UploadForm
from cv.models import CV, Document
from cv.parsing.task import PARSE_CV
from cv.views.access import has_provider, own_cv, to_page, user_of
from usage.edge import UPLOAD_RATE, limit_rate

CVS_PER_PAGE = 24


@require_safe
@login_required
def list_cvs(request: HttpRequest) -> HttpResponse:
    """Show the person's CVs, and where to upload one."""
    return _list(request, UploadForm())


@require_POST
@login_required
@limit_rate(group="uploads", key="user", rate=UPLOAD_RATE)
def upload(request: HttpRequest) -> HttpResponse:
    """Take in a file or a pasted text; what is wrong with it is said beside the form."""
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list(request, form, status=400)
    try:
        data, file_name = form.upload()
        cv = services.upload_cv(owner=user_of(request), data=data, file_name=file_name, provider=form.provider)
    except CVError as error:
        form.add_error(None, error.user_message)
        return _list(request, form, status=error.status_code)
    earlier = services.uploaded_before(cv)
    if earlier is not None:
        words = "You uploaded this very file before. Both are kept; if you meant to go on with the first, open it here"
        link = format_html('{}: <a href="{}">{}</a>.', words, reverse("cv:detail", args=[earlier.pk]), earlier.title)
        messages.info(request, link)
    return redirect("cv:detail", cv.pk)


@require_safe
@login_required
def quote(request: HttpRequest) -> HttpResponse:
    """Say what reading a CV of the usual length will cost, as a part of the list's page; empty where it is free."""
    user = user_of(request)
    try:
        offer = offer_of(usual_quotes(PARSE_CV, user=user), task_type=PARSE_CV.task_type, user=user)
    except RouterError:
        # What cannot be started says why when it is started.
        offer = None
    return render(request, "cv/_quote.html", {"offer": offer})


def _list(request: HttpRequest, form: UploadForm, *, status: int = 200) -> HttpResponse:
    cvs = CV.objects.for_user(request.user).with_status().select_related("current_version")
    context = {
        "form": form,
        "page": Paginator(cvs, CVS_PER_PAGE).get_page(request.GET.get("page")),
        "megabytes": settings.MAX_UPLOAD_BYTES // 1024**2,
        "has_provider": has_provider(),
    }
    return render(request, "cv/list.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@own_cv
def delete(request: HttpRequest, cv: CV) -> HttpResponse:
    """Ask once, then delete a CV with everything that belongs to it."""
    if request.method != "POST":
        return render(request, "cv/delete.html", {"cv": cv})
    services.delete_cv(cv=cv)
    messages.success(request, f"“{cv.title}” was deleted.")
    return to_page(request, "cv:list")


@require_safe
@login_required
def page(request: HttpRequest, document_pk: int, number: int) -> HttpResponse:
    """Show one page of a PDF as a picture, to its owner only."""
    documents = Document.objects.filter(cv__in=CV.objects.for_user(request.user))
    document = get_object_or_404(documents, pk=document_pk)
    etag = f'"{document.sha256}-{number}"'
    headers = {"ETag": etag, "Cache-Control": "private, max-age=86400"}
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers=headers)
    try:
        picture = services.page_picture(document, number)
    except CVError as error:
        raise Http404 from error
    return HttpResponse(picture, content_type="image/png", headers=headers)

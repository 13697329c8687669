"""Every address of the site."""

from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from usage.dashboard import overview_page

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="cv:list"), name="home"),
    path("favicon.ico", RedirectView.as_view(url=static("careerai/icon.svg"))),
    path("admin/", admin.site.admin_view(overview_page)),
    path("admin/", admin.site.urls),
    path("accounts/", include("careerai.accounts.urls")),
    path("cvs/", include("cv.urls")),
    path("jobs/", include("jobs.urls")),
    path("usage/", include("usage.urls")),
    path("api/v1/", include("careerai.api_urls")),
    path("v1/", include("ai_router.api.gateway_urls")),
    # Where Groq's own clients look for the same.
    path("openai/v1/", include("ai_router.api.gateway_urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
]

handler400 = "careerai.error_pages.bad_request"
handler403 = "careerai.error_pages.permission_denied"
handler404 = "careerai.error_pages.not_found"
handler500 = "careerai.error_pages.server_error"

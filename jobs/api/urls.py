"""REST resources of `jobs`."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from jobs.api.applications import ApplicationViewSet
from jobs.api.preparing import InterviewView, JobSummaryView
from jobs.api.views import JobImportViewSet, JobViewSet, MatchViewSet
from jobs.api.writing import CoverLetterViewSet, EmailViewSet, TailoredCVViewSet

router = SimpleRouter()
router.register("jobs", JobViewSet, basename="job")
router.register("job-imports", JobImportViewSet, basename="job-import")
router.register("matches", MatchViewSet, basename="match")
router.register("tailored-cvs", TailoredCVViewSet, basename="tailored-cv")
router.register("cover-letters", CoverLetterViewSet, basename="cover-letter")
router.register("applications", ApplicationViewSet, basename="application")
router.register("emails", EmailViewSet, basename="email")

urlpatterns = [
    path("jobs/<int:pk>/summary/", JobSummaryView.as_view(), name="job-summary"),
    path("matches/<int:pk>/interview/", InterviewView.as_view(), name="match-interview"),
    *router.urls,
]

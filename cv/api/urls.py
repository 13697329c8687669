"""REST resources of `cv`."""

from rest_framework.routers import SimpleRouter

from cv.api.views import CVViewSet

router = SimpleRouter()
router.register("cvs", CVViewSet, basename="cv-api")
urlpatterns = router.urls

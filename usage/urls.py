"""Pages of `usage`."""

from django.urls import path

from usage import views

app_name = "usage"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("calls/<uuid:call_id>/", views.outbound, name="outbound"),
]

"""Pages of `usage`."""

from django.urls import path

from usage import alert_views, group_views, views

app_name = "usage"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("groups/<int:group_id>/", group_views.group, name="group"),
    path("export/", views.export, name="export"),
    path("calls/<uuid:call_id>/", views.outbound, name="outbound"),
    path("alerts/", alert_views.own_alerts, name="alerts"),
    path("alerts/<int:alert_id>/acknowledge/", alert_views.see_to, name="acknowledge"),
    path("stops/<int:freeze_id>/undo/", alert_views.undo, name="undo"),
]

"""The operator looks at background work."""

import pytest
from django.urls import reverse

from ai_router.models import BackgroundTask

pytestmark = pytest.mark.django_db


def test_background_work_can_be_seen_but_not_touched(staff, owner, client_for):
    task = BackgroundTask.objects.create(
        name="cv.parse", subject_id=7, owner=owner, state="failed", error_code="not_a_cv", error_message="private words"
    )
    change = reverse("admin:ai_router_backgroundtask_change", args=[task.pk])
    client = client_for(staff)

    listed = client.get(reverse("admin:ai_router_backgroundtask_changelist"), {"q": owner.username}).content.decode()
    shown = client.get(change).content.decode()

    assert "cv.parse" in listed
    assert "not_a_cv" in listed
    assert "not_a_cv" in shown
    assert "private words" not in listed + shown
    assert client.get(reverse("admin:ai_router_backgroundtask_add")).status_code == 403
    assert client.post(change, {"state": "done"}).status_code == 403
    assert client.post(reverse("admin:ai_router_backgroundtask_delete", args=[task.pk])).status_code == 403

import pytest
from celery import Celery
from django.db import connection
from django.test import Client

from careerai import health


@pytest.mark.parametrize("host", ["localhost", "10.0.0.7", "anything.invalid"])
def test_a_living_process_says_so_to_any_host(host):
    response = Client().get("/healthz", HTTP_HOST=host)

    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_a_site_whose_parts_work_is_ready(settings):
    settings.SECURE_SSL_REDIRECT = True

    response = Client().get("/readyz")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "broker": "ok", "cache": "ok"},
    }


@pytest.mark.django_db
def test_a_missing_migration_is_named():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'usage'")

    response = Client().get("/readyz")

    assert response.status_code == 503
    assert "manage.py migrate" in response.json()["checks"]["migrations"]
    assert response.json()["checks"]["database"] == "ok"


@pytest.mark.django_db
def test_a_folder_of_messages_that_is_gone_is_named(monkeypatch, tmp_path):
    app = Celery(set_as_current=False, broker_transport_options={"data_folder_out": str(tmp_path / "gone")})
    monkeypatch.setattr(health, "app", app)

    response = Client().get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["broker"] == "the folder of messages cannot be written"


@pytest.mark.django_db
def test_a_broker_server_that_is_down_is_named_without_its_address(monkeypatch, unused_tcp_port):
    # Celery lets its own variable win over the argument.
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)
    broker = f"amqp://me:secret@127.0.0.1:{unused_tcp_port}//"
    monkeypatch.setattr(health, "app", Celery(set_as_current=False, broker=broker))

    response = Client().get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["broker"].startswith("not reachable (")
    assert "secret" not in response.content.decode()


@pytest.mark.django_db
def test_a_cache_that_forgets_is_named(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

    assert health.failing_checks() == {"cache": "does not keep what is written"}

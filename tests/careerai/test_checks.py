import pytest
from django.conf import settings as django_settings
from django.core.checks import run_checks

from careerai import checks

SMTP = "django.core.mail.backends.smtp.EmailBackend"
QUIET = {
    "ALLOWED_HOSTS": ["careers.example.org"],
    "HTTPS": True,
    "IS_SQLITE": False,
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "CELERY_BROKER_URL": "amqp://127.0.0.1//",
    "EMAIL_BACKEND": SMTP,
    "FIRST_USER_PASSWORD": "",
}


def found() -> list[str]:
    ours = [message.id for message in run_checks(include_deployment_checks=True) if message.id]
    return sorted(name for name in ours if name.startswith("careerai."))


@pytest.fixture
def scaled_out(settings):
    for name, value in QUIET.items():
        setattr(settings, name, value)
    return settings


def test_a_site_that_is_scaled_out_is_fine(scaled_out):
    assert found() == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"IS_SQLITE": True}, ["careerai.I001"]),
        ({"CELERY_BROKER_URL": "filesystem://folder"}, ["careerai.I002"]),
        ({"REDIS_URL": ""}, ["careerai.W002"]),
        ({"HTTPS": False}, ["careerai.W003"]),
        ({"ALLOWED_HOSTS": ["localhost"]}, ["careerai.I003"]),
        ({"ALLOWED_HOSTS": ["localhost"], "HTTPS": False}, []),
        ({"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}, ["careerai.I004"]),
        ({"FIRST_USER_PASSWORD": "demo"}, ["careerai.W001"]),
        ({"FIRST_USER_PASSWORD": "long enough to keep"}, []),
    ],
)
def test_what_is_found(scaled_out, changed, expected):
    for name, value in changed.items():
        setattr(scaled_out, name, value)

    assert found() == expected


def test_a_data_folder_that_cannot_be_written(settings, tmp_path):
    file = tmp_path / "file"
    file.touch()

    settings.DATA_DIR = file / "var"
    assert [message.id for message in checks.check_data_folder(None)] == ["careerai.E001"]

    settings.DATA_DIR = tmp_path / "new" / "var"
    assert checks.check_data_folder(None) == []


def test_the_embedded_default_has_no_error_or_warning():
    messages = [message for message in run_checks() if (message.id or "").startswith("careerai.")]

    assert messages == []
    assert django_settings.DEBUG is False

"""App config of `accounts`."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """App config of `accounts`."""

    name = "careerai.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Have changes of who may do what written to the audit log, and tokens named where they are stopped."""
        from django.contrib.auth.models import Group

        from careerai.accounts.models import ApiToken, User
        from usage.alerts.subjects import name_tokens_by
        from usage.audit import audit

        audit(User, only=("is_active", "is_staff", "is_superuser", "groups", "user_permissions"))
        audit(Group)
        audit(ApiToken, ignored=("last_used_at",), secret=("digest",))
        name_tokens_by(lambda keys: dict(ApiToken.objects.filter(pk__in=keys).values_list("pk", "name")))

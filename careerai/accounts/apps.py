"""App config of `accounts`."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """App config of `accounts`."""

    name = "careerai.accounts"
    label = "accounts"

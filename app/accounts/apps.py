"""The app's configuration."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, studios and memberships."""

    name = "app.accounts"
    label = "accounts"

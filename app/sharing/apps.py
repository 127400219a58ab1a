"""The app's configuration."""

from django.apps import AppConfig


class SharingConfig(AppConfig):
    """Share links and what clients see."""

    name = "app.sharing"
    label = "sharing"

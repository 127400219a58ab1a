"""The app's configuration."""

from django.apps import AppConfig


class StudioConfig(AppConfig):
    """The photographer's pages."""

    name = "app.studio"
    label = "studio"

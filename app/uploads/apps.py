"""The app's configuration."""

from django.apps import AppConfig


class UploadsConfig(AppConfig):
    """The upload centre."""

    name = "app.uploads"
    label = "uploads"

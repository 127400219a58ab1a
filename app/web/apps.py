"""The app's configuration."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Base templates and static files."""

    name = "app.web"
    label = "web"

"""The app's configuration."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The read API and its tokens."""

    name = "app.api"
    label = "api"
    verbose_name = "API"

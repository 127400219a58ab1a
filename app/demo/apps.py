"""The app's configuration."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo gallery."""

    name = "app.demo"
    label = "demo"

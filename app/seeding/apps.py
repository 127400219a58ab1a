"""The app's configuration."""

from django.apps import AppConfig


class SeedingConfig(AppConfig):
    """`manage.py seed`."""

    name = "app.seeding"
    label = "seeding"

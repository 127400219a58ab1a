"""The app's configuration, and that of the admin."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class WebConfig(AppConfig):
    """Base templates and static files."""

    name = "app.web"
    label = "web"


class AdminConfig(admin.AdminConfig):
    """Django's admin, with our site."""

    default = False
    default_site = "app.web.site.Site"

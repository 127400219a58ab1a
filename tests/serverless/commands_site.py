"""Loupe's entry point with a command that does not end, for a process that is really killed when its time is up."""

from django.conf import settings

settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "tests.serverless.commands"]
settings.SERVERLESS = settings.SERVERLESS | {"MANAGE": {"COMMANDS": ["misbehave", "check"]}}

from serverless.handlers.main import handler  # noqa: E402 - it loads what is installed

__all__ = ["handler"]

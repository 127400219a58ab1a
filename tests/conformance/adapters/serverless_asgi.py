"""Ours, with ``SERVERLESS["HTTP"]["INTERFACE"] = "asgi"``."""

from django.conf import settings

from tests.conformance.adapters import serverless
from tests.conformance.compare import Adapter


def load() -> Adapter:
    settings.SERVERLESS = {"HTTP": {"INTERFACE": "asgi"}}
    return serverless.load()

"""The project as a function of the emulator's, behind the origin lock: only what answers HTTP."""

from typing import Any

import django
from django.conf import settings

from tests.conformance.adapters.serverless import load

SECRET = "corpus"

django.setup(set_prefix=False)
settings.SERVERLESS = {"ORIGIN_SECRETS": [SECRET]}
_respond = load()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    return _respond(event)

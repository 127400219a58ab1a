"""https://github.com/zappa/Zappa: its own handler, with the settings module that its package step would write."""

import sys
from types import ModuleType
from typing import Any

from tests.conformance.compare import Adapter
from tests.serverless.lambda_context import FakeContext

_SETTINGS: dict[str, Any] = {
    "API_STAGE": "live",
    "APP_MODULE": "tests.conformance.project.wsgi",
    "APP_FUNCTION": "application",
    "BASE_PATH": None,
    "BINARY_SUPPORT": True,
    "CONTEXT_HEADER_MAPPINGS": {},
    "DEBUG": False,
    "DJANGO_SETTINGS": None,
    "DOMAIN": "photos.example",
    "ENVIRONMENT_VARIABLES": {},
    "EXCEPTION_HANDLER": None,
    "LOG_LEVEL": "CRITICAL",
    "PROJECT_NAME": "conformance",
}


def load() -> Adapter:
    settings = ModuleType("zappa_conformance")
    vars(settings).update(_SETTINGS)
    sys.modules[settings.__name__] = settings
    from zappa.handler import LambdaHandler

    handler = LambdaHandler(settings.__name__)

    def respond(event: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = handler.handler(event, FakeContext())
        return answer

    return respond

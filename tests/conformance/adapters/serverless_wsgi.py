"""https://github.com/logandk/serverless-wsgi"""

from typing import Any

import serverless_wsgi
from django.core.wsgi import get_wsgi_application

from tests.conformance.compare import Adapter
from tests.serverless.lambda_context import FakeContext


def load() -> Adapter:
    application = get_wsgi_application()

    def respond(event: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = serverless_wsgi.handle_request(application, event, FakeContext())
        return answer

    return respond

"""API Gateway's requests, answered by Django."""

from django.core.handlers.wsgi import WSGIHandler

from serverless.events.types import HttpV2Event, HttpV2Response
from serverless.http import Adapter
from serverless.http.converters import v2

# Built while the environment starts: it loads the middleware.
_adapter = Adapter(WSGIHandler(), v2)


def handle(event: HttpV2Event) -> HttpV2Response:
    return _adapter.respond(event)

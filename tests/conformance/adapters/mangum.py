"""https://mangum.fastapiexpert.com: with Django's ASGI handler, which has no lifespan."""

from typing import Any, cast

from django.core.asgi import get_asgi_application
from mangum import Mangum

from tests.conformance.compare import Adapter
from tests.serverless.lambda_context import FakeContext


def load() -> Adapter:
    handler = Mangum(cast("Any", get_asgi_application()), lifespan="off")
    return lambda event: handler(event, cast("Any", FakeContext()))

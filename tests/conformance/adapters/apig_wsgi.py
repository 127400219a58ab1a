"""https://github.com/adamchainz/apig-wsgi"""

from apig_wsgi import make_lambda_handler
from django.core.wsgi import get_wsgi_application

from tests.conformance.compare import Adapter
from tests.serverless.lambda_context import FakeContext


def load() -> Adapter:
    # Off by default behind REST APIs, where it needs the binary media types that the corpus has declared.
    handler = make_lambda_handler(get_wsgi_application(), binary_support=True)
    return lambda event: handler(event, FakeContext())

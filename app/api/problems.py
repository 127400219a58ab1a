"""What can go wrong, and how it is said: application/problem+json (RFC 9457) for everything under `/api/`."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.encoding import escape_uri_path
from django.views import defaults

from app.api.encoding import encode
from app.api.resources import Problem
from serverless.db import RETRY_AFTER_S, Failure, database_failure

__all__ = ["KINDS", "ROOT", "Kind", "Refusal", "bad_request", "problem_response", "server_error"]

ROOT = "/api/"
DOCUMENT_PATH = "/api/v1/openapi.json"
MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of problem; its description stands in the OpenAPI document, where `type` points."""

    name: str
    status: HTTPStatus
    description: str

    @property
    def type(self) -> str:
        """The address of the description."""
        return f"{settings.SITE_URL}{DOCUMENT_PATH}#/components/responses/{self.name}"


BAD_REQUEST = Kind(
    name="BadRequest",
    status=HTTPStatus.BAD_REQUEST,
    description="A query parameter is unknown, given twice or out of range, or a cursor was not made for this list.",
)
UNAUTHORIZED = Kind(
    name="Unauthorized",
    status=HTTPStatus.UNAUTHORIZED,
    description="There is no token, or it is mistyped, unknown, expired or revoked.",
)
FORBIDDEN = Kind(
    name="Forbidden", status=HTTPStatus.FORBIDDEN, description="The token is good, but lacks the scope for this."
)
NOT_FOUND = Kind(
    name="NotFound",
    status=HTTPStatus.NOT_FOUND,
    description="There is no such address, or nothing there that belongs to the token's studio.",
)
METHOD_NOT_ALLOWED = Kind(
    name="MethodNotAllowed", status=HTTPStatus.METHOD_NOT_ALLOWED, description="The API is for reading: GET and HEAD."
)
NOT_ACCEPTABLE = Kind(
    name="NotAcceptable",
    status=HTTPStatus.NOT_ACCEPTABLE,
    description="The Accept header leaves no room for application/json.",
)
TOO_MANY_REQUESTS = Kind(
    name="TooManyRequests",
    status=HTTPStatus.TOO_MANY_REQUESTS,
    description="Too many requests in a minute, or too many wrong tokens from one address. Retry-After says how long.",
)
SERVER_ERROR = Kind(
    name="ServerError",
    status=HTTPStatus.INTERNAL_SERVER_ERROR,
    description="Something broke on our side. It has been noted; the same request may work in a minute.",
)
SERVICE_UNAVAILABLE = Kind(
    name="ServiceUnavailable",
    status=HTTPStatus.SERVICE_UNAVAILABLE,
    description="The database is away or full. Retry-After says when to ask again.",
)
KINDS = (
    BAD_REQUEST,
    UNAUTHORIZED,
    FORBIDDEN,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    NOT_ACCEPTABLE,
    TOO_MANY_REQUESTS,
    SERVER_ERROR,
    SERVICE_UNAVAILABLE,
)


class Refusal(Exception):
    """A request is answered with a problem of this kind; `detail` tells the caller what to do next."""

    def __init__(self, kind: Kind, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.headers = dict(headers or {})


def problem_response(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Answer with the problem, and let no cache keep it."""
    kind = refusal.kind
    problem = Problem(
        type=kind.type,
        title=kind.status.phrase,
        status=kind.status,
        detail=refusal.detail,
        instance=escape_uri_path(request.path),
    )
    headers = {"Cache-Control": "private, no-store"} | refusal.headers
    return HttpResponse(encode(problem), status=kind.status, content_type=MEDIA_TYPE, headers=headers)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400: requests refused before or inside a view, by their host name for example."""
    if request.path.startswith(ROOT):
        return problem_response(request, Refusal(BAD_REQUEST, "Django refused this request. Check its Host and query."))
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500, after it has logged the exception: 503 where a database that is away is behind it."""
    failure = database_failure(sys.exception())
    if failure is not None and failure.is_outage:
        return _unavailable(request, failure)
    if request.path.startswith(ROOT):
        return problem_response(request, Refusal(SERVER_ERROR, SERVER_ERROR.description))
    return defaults.server_error(request)


def _unavailable(request: HttpRequest, failure: Failure) -> HttpResponse:
    headers = {"Retry-After": str(RETRY_AFTER_S)}
    if request.path.startswith(ROOT):
        return problem_response(request, Refusal(SERVICE_UNAVAILABLE, SERVICE_UNAVAILABLE.description, headers=headers))
    # Of a COMMIT whose reply was lost, nobody knows whether it was carried out.
    in_doubt = failure is Failure.LOST and request.method not in {"GET", "HEAD"}
    page = render_to_string("503.html", {"in_doubt": in_doubt})  # without the request: its visitor is in the database
    return HttpResponse(page, status=503, headers=headers | {"Cache-Control": "private, no-store"})

"""From a request to an answer: method, Accept, token, scope, parameters, handler, ETag, JSON; in this order."""

import hashlib
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.views.decorators.csrf import csrf_exempt

from app.accounts.shards import enter
from app.api.authentication import authenticate
from app.api.encoding import encode
from app.api.endpoints import VERSION_ROOT, Endpoint
from app.api.handlers import Answer
from app.api.kept import page_body
from app.api.openapi import document
from app.api.paging import Call
from app.api.problems import BAD_REQUEST, METHOD_NOT_ALLOWED, NOT_ACCEPTABLE, NOT_FOUND, Refusal, problem_response
from serverless.cache import public_page
from serverless.db.replicas import using_replicas

__all__ = ["serve_document", "unknown", "view_of"]

MEDIA_TYPE = "application/json"
_METHODS = ("GET", "HEAD")
_PAGING = {"limit", "after"}


def view_of(endpoint: Endpoint) -> Callable[..., HttpResponseBase]:
    """Make Django's view of an endpoint."""

    def answer(request: HttpRequest, ids: dict[str, uuid.UUID]) -> HttpResponse:
        token = authenticate(request, endpoint.scope)
        studio = enter(request, token.studio)
        call = Call(
            studio=studio, path=request.path, query=_query(request, allowed=_PAGING if endpoint.paged else set())
        )
        return _answered(request, endpoint, call, ids)

    return _guarded(answer)


# The token is known by now, from the primary. What follows reads a version first and what it stands for after it.
@using_replicas(missing=(Refusal,))
def _answered(request: HttpRequest, endpoint: Endpoint, call: Call, ids: dict[str, uuid.UUID]) -> HttpResponse:
    found = endpoint.handler(call, **ids)
    etag = _etag(*found.version, *sorted(call.query.items()))
    if _knows(request, etag):
        return _unchanged(etag)
    return _page(call, endpoint, found, etag) if endpoint.paged else _response(encode(found.body()), etag)


@csrf_exempt
def serve_document(request: HttpRequest) -> HttpResponse:
    """The same for everyone, whatever they accept and whoever they are, so that the edge may keep it."""
    try:
        _check_method(request)
    except Refusal as refusal:
        return problem_response(request, refusal)
    return _document(request)


@public_page(browser=300, edge=600, stale=86_400)
def _document(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(document(), content_type=MEDIA_TYPE)


def _unknown(request: HttpRequest, _ids: dict[str, uuid.UUID]) -> HttpResponse:
    hint = "" if request.path.endswith("/") else " All others end with a slash."
    raise Refusal(NOT_FOUND, f"The API has no such address: {VERSION_ROOT}openapi.json lists all.{hint}")


def _guarded(answer: Callable[[HttpRequest, dict[str, uuid.UUID]], HttpResponse]) -> Callable[..., HttpResponseBase]:
    """Check what every address checks, and answer refusals with problems."""

    # Without a session there is nothing to forge, and a POST must hear 405, not that its CSRF token is missing.
    @csrf_exempt
    def view(request: HttpRequest, **ids: uuid.UUID) -> HttpResponseBase:
        try:
            _check(request)
            response = answer(request, ids)
        except Refusal as refusal:
            response = problem_response(request, refusal)
        patch_vary_headers(response, ["Accept", "Authorization"])
        return response

    return view


def _check(request: HttpRequest) -> None:
    _check_method(request)
    if request.headers.get("Accept") and not request.accepts(MEDIA_TYPE):
        raise Refusal(NOT_ACCEPTABLE, f"The API speaks {MEDIA_TYPE} alone. Accept it, or send no Accept header.")


def _check_method(request: HttpRequest) -> None:
    if request.method not in _METHODS:
        detail = "The API is for reading: GET and HEAD."
        raise Refusal(METHOD_NOT_ALLOWED, detail, headers={"Allow": ", ".join(_METHODS)})


def _query(request: HttpRequest, *, allowed: set[str]) -> dict[str, str]:
    """The query parameters. Misspelt and repeated ones are refused rather than ignored."""
    if unknown_names := sorted(set(request.GET) - allowed):
        takes = " and ".join(sorted(allowed)) or "no parameters"
        raise Refusal(BAD_REQUEST, f"There is no parameter {unknown_names[0][:40]!r} here; this address takes {takes}.")
    if repeated := [name for name in request.GET if len(request.GET.getlist(name)) > 1]:
        raise Refusal(BAD_REQUEST, f"The parameter {repeated[0]} is given more than once.")
    return {name: request.GET[name] for name in request.GET}


def _page(call: Call, endpoint: Endpoint, found: Answer, etag: str) -> HttpResponse:
    body, following = page_body(found.body, call=call, name=endpoint.name, version=found.version[0], etag=etag)
    response = _response(body, etag)
    if following:
        response["Link"] = f'<{following}>; rel="next"'
    return response


def _response(body: bytes, etag: str) -> HttpResponse:
    return HttpResponse(body, content_type=MEDIA_TYPE, headers=_headers(etag))


def _etag(*version: object) -> str:
    """A weak one: CloudFront compresses. The document is part of it, so that a new form of answers is new content."""
    parts = [document(), *(str(part).encode() for part in version)]
    return f'W/"{hashlib.sha256(b"\0".join(parts)).hexdigest()[:32]}"'


def _knows(request: HttpRequest, etag: str) -> bool:
    given = parse_etags(request.headers.get("If-None-Match", ""))
    return given == ["*"] or etag.removeprefix("W/") in {one.removeprefix("W/") for one in given}


def _unchanged(etag: str) -> HttpResponse:
    response = HttpResponse(status=304, headers=_headers(etag))
    del response["Content-Type"]
    return response


def _headers(etag: str) -> dict[str, str]:
    # Kept by the caller alone, and asked about before each use: a revoked token must not go on reading.
    return {"ETag": etag, "Cache-Control": "private, no-cache"}


unknown = _guarded(_unknown)

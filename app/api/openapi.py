"""The OpenAPI 3.1 document, made from the endpoints, resources and kinds of problems that serve the requests."""

import json
from functools import cache
from typing import Any

from django.conf import settings

from app.api.endpoints import ENDPOINTS, VERSION_ROOT, Endpoint
from app.api.paging import LARGEST_PAGE, USUAL_PAGE
from app.api.problems import (
    BAD_REQUEST,
    FORBIDDEN,
    KINDS,
    MEDIA_TYPE,
    METHOD_NOT_ALLOWED,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    SERVER_ERROR,
    SERVICE_UNAVAILABLE,
    TOO_MANY_REQUESTS,
    UNAUTHORIZED,
    Kind,
)
from app.api.resources import Problem
from app.api.schemas import reference, schemas_of

__all__ = ["document"]

_DESCRIPTION = """\
Read your studio's galleries, photos and share links. Make a token at /studio/tokens/ and send it as
`Authorization: Bearer loupe_...`. Times are in UTC. Lists come in parts: follow `next`. Keep an answer's ETag and send
it as If-None-Match: 304 says that nothing has changed. New fields may be added; ignore those you do not know."""
_HEADERS: dict[Kind, str] = {
    UNAUTHORIZED: "WWW-Authenticate",
    FORBIDDEN: "WWW-Authenticate",
    METHOD_NOT_ALLOWED: "Allow",
    TOO_MANY_REQUESTS: "Retry-After",
    SERVICE_UNAVAILABLE: "Retry-After",
}


@cache
def document() -> bytes:
    """Return the document as JSON, made once a process."""
    schemas = schemas_of(Problem, *(endpoint.answer for endpoint in ENDPOINTS))
    content = {
        "openapi": "3.1.0",
        "info": {"title": "Loupe", "version": "1", "description": _DESCRIPTION},
        "servers": [{"url": settings.SITE_URL}],
        "paths": {VERSION_ROOT + endpoint.path: {"get": _operation(endpoint)} for endpoint in ENDPOINTS},
        "components": {
            "schemas": schemas,
            "responses": {kind.name: _problem(kind) for kind in KINDS},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "loupe_..."}},
        },
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    kinds = [
        BAD_REQUEST,
        UNAUTHORIZED,
        FORBIDDEN,
        METHOD_NOT_ALLOWED,
        NOT_ACCEPTABLE,
        TOO_MANY_REQUESTS,
        SERVER_ERROR,
        SERVICE_UNAVAILABLE,
    ]
    if endpoint.parameters:
        kinds.append(NOT_FOUND)
    return {
        "operationId": endpoint.name,
        "summary": endpoint.handler.__doc__,
        "security": [{"token": [endpoint.scope.value]}],
        "parameters": [_in_path(name) for name in endpoint.parameters] + (_PAGING if endpoint.paged else []),
        "responses": {
            "200": _success(endpoint),
            "304": {"description": "Nothing has changed since the answer with this ETag."},
        }
        | {str(int(kind.status)): {"$ref": f"#/components/responses/{kind.name}"} for kind in kinds},
    }


def _success(endpoint: Endpoint) -> dict[str, Any]:
    headers = {"ETag": _header("Send it back as If-None-Match.")}
    if endpoint.paged:
        headers["Link"] = _header('The next part, as `<address>; rel="next"`, if there is one.')
    return {
        "description": (endpoint.handler.__doc__ or "").partition("\n")[0],
        "headers": headers,
        "content": {"application/json": {"schema": reference(endpoint.answer)}},
    }


def _problem(kind: Kind) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": kind.description,
        "content": {MEDIA_TYPE: {"schema": reference(Problem)}},
    }
    if name := _HEADERS.get(kind):
        described["headers"] = {name: _header("What to do about it, for programs.")}
    return described


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}


def _in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}


_PAGING: list[dict[str, Any]] = [
    {
        "name": "limit",
        "in": "query",
        "description": "How many to answer at most.",
        "schema": {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": USUAL_PAGE},
    },
    {
        "name": "after",
        "in": "query",
        "description": "The cursor in `next`. Means nothing elsewhere: follow that address as it is.",
        "schema": {"type": "string"},
    },
]

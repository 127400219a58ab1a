"""A caller of the API who checks every answer against the OpenAPI document, and two studios to call about."""

import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponseBase
from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker

from app.accounts.models import Studio
from app.api.models import ApiToken
from app.api.openapi import document
from app.galleries.actions import create_gallery
from app.galleries.models import Gallery


@dataclass(kw_only=True)
class Answer:
    """A response that has passed the checks."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


def address() -> str:
    """A client address of its own network, so that tests do not share a limit."""
    return f"2001:db8:{secrets.randbits(16):x}:{secrets.randbits(16):x}::1"


@dataclass(kw_only=True)
class Caller:
    """Calls the API with a token, if it has one. Each answer must be as the document says, without a cookie."""

    token: str = ""
    address: str = field(default_factory=address)
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False, enforce_csrf_checks=True))

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, **headers)

    def call(self, method: str, path: str, **headers: str) -> Answer:
        """Call `path`, with `/api/v1/` before it unless it begins with a slash; header names with underscores."""
        if self.token:
            headers = {"Authorization": f"Bearer {self.token}"} | headers
        full = path if path.startswith("/") else f"/api/v1/{path}"
        response = self.client.generic(method, full, headers=headers, REMOTE_ADDR=self.address)
        answer = Answer(
            status=response.status_code,
            headers=dict(response.headers.items()),
            content=getattr(response, "content", b""),
        )
        check(full, answer)
        touched_no_session(response)
        return answer


def touched_no_session(response: HttpResponseBase) -> None:
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    request = response.wsgi_request  # type: ignore[attr-defined]  # the test client adds it
    session = getattr(request, "session", None)  # requests refused by an early middleware have none
    assert session is None or not session.accessed


def check(path: str, answer: Answer) -> None:
    """Hold an answer against the document: the status is listed, and the body is what the schema says, no more."""
    if answer.status == 304:
        assert answer.content == b""
        return
    kind = answer.headers["Content-Type"]
    assert kind == ("application/json" if answer.status == 200 else "application/problem+json")
    if path.startswith("/api/v1/openapi.json"):
        return
    operation = operation_of(urlsplit(path).path)
    if operation is None:
        schema = {"$ref": "#/components/schemas/Problem"}
    else:
        described = operation["responses"][str(answer.status)]
        if "$ref" in described:
            described = DOCUMENT["components"]["responses"][described["$ref"].rpartition("/")[2]]
        schema = described["content"][kind]["schema"]
    if answer.content:
        strict = schema | {"components": closed(DOCUMENT["components"])}
        Draft202012Validator(strict, format_checker=FormatChecker()).validate(answer.json)


def operation_of(path: str) -> dict[str, Any] | None:
    for template, item in DOCUMENT["paths"].items():
        if re.fullmatch(re.sub(r"{\w+}", "[0-9a-f-]{36}", template), path):
            operation: dict[str, Any] = item["get"]
            return operation
    return None


def closed(value: Any) -> Any:
    """The same schemas without room for fields that they do not name."""
    if isinstance(value, dict):
        inner = {key: closed(part) for key, part in value.items()}
        return inner | {"additionalProperties": False} if inner.get("type") == "object" else inner
    return [closed(part) for part in value] if isinstance(value, list) else value


DOCUMENT: dict[str, Any] = json.loads(document())


@pytest.fixture
def studio() -> Studio:
    return Studio.objects.create(slug="ours", name="Our Studio")


@pytest.fixture
def gallery(studio: Studio) -> Gallery:
    return create_gallery(studio, title="Ada & Charles")


@pytest.fixture
def foreign() -> Gallery:
    """A gallery of another studio."""
    return create_gallery(Studio.objects.create(slug="theirs", name="Their Studio"), title="Theirs")


def caller_of(studio: Studio) -> Caller:
    _, token = ApiToken.objects.all().issue(studio, label="Test")
    return Caller(token=token)


@pytest.fixture
def api(studio: Studio) -> Caller:
    """A caller with a token of our studio."""
    return caller_of(studio)


@pytest.fixture
def stranger() -> Caller:
    """A caller without a token."""
    return Caller()

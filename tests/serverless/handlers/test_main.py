"""The one entry point, with the whole of Loupe behind it."""

import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from serverless.events import UnknownEvent, build
from tests.serverless.lambda_context import FakeContext


@pytest.fixture
def handler() -> Any:
    # In here: importing it starts Django, which pytest-django has done by now.
    from serverless.handlers.main import handler

    return handler


@pytest.mark.django_db
def test_a_page(handler: Any) -> None:
    answer = handler(build.http_v2(raw_path="/sign-in/", headers=[("host", "testserver")]), FakeContext())
    assert answer["statusCode"] == 200
    assert "Sign in" in answer["body"]
    assert "content-security-policy" in answer["headers"]


@pytest.mark.django_db
def test_headers_are_there_on_errors_too(handler: Any) -> None:
    answer = handler(build.http_v2(raw_path="/nothing-here/", headers=[("host", "testserver")]), FakeContext())
    assert answer["statusCode"] == 404
    assert {"content-security-policy", "x-content-type-options", "referrer-policy"} <= set(answer["headers"])


@pytest.mark.django_db
def test_a_foreign_host_is_refused(handler: Any) -> None:
    assert handler(build.http_v2(headers=[("host", "evil.test")]), FakeContext())["statusCode"] == 400


@pytest.mark.django_db(databases=["default", "other"])
def test_a_tick_reports_what_it_did(handler: Any) -> None:
    assert isinstance(handler(build.tick(datetime.now(UTC)), FakeContext()), dict)


def test_unknown_events_are_refused(handler: Any) -> None:
    with pytest.raises(UnknownEvent):
        handler({"raw_command": "print(1)"}, FakeContext())


def test_a_cold_start_loads_django_fully_and_no_botocore() -> None:
    code = """
import sys
from serverless.handlers import main
from django.apps import apps
assert apps.ready
loaded = set(sys.modules)
assert "app.urls" in loaded and "app.galleries.models" in loaded and "django.contrib.admin.sites" in loaded
heavy = {"boto3", "botocore", "storages", "moto", "aiohttp", "PIL"}
print(sorted(name for name in loaded if name.split(".")[0] in heavy))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")

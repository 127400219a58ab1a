"""Requests that take too long or say too much, in environments that are killed at their timeout as Lambda's are."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection

from serverless.emulator.function import Function
from serverless.events import build
from tests.serverless.emulator.support import function_config, in_loop, running

TIMEOUT_S = 2  # one second of it is the view's


def environ(interface: str) -> dict[str, str]:
    database = settings.DATABASES["default"]
    address = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}"
    return {
        "TESTED_INTERFACE": interface,
        "DATABASE_URL": f"postgresql://{address}/{connection.settings_dict['NAME']}",
        "ORIGIN_SECRETS": "",
        "LOG_LEVEL": "INFO",
    }


@asynccontextmanager
async def site(log: list[str], variables: dict[str, str]) -> AsyncIterator[Function]:
    config = replace(
        function_config("", timeout_s=TIMEOUT_S, concurrency=1), handler="tests.serverless.http.late_site.handler"
    )
    async with running(config, log=log, environ=variables) as function:
        yield function


async def ask(function: Function, name: str, *, accept: str = "*/*") -> dict[str, Any]:
    headers = [("host", "testserver"), ("accept", accept)]
    result = await function.invoke(build.http_v2(raw_path=f"/{name}/", headers=headers))
    assert result.failure is None, (result, name)
    answer: dict[str, Any] = result.json()
    return answer


def lines(log: list[str], message: str) -> list[dict[str, Any]]:
    return [json.loads(line[line.index("{") :]) for line in log if f'"message": "{message}' in line]


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
@pytest.mark.parametrize("view", ["sleeps", "asks", "trickles", "awaits"])
def test_a_view_that_takes_too_long_is_interrupted_and_the_environment_lives(view: str) -> None:
    log: list[str] = []
    variables = environ("wsgi")

    @in_loop
    async def run() -> None:
        async with site(log, variables) as function:
            first = json.loads((await ask(function, "who"))["body"])["pid"]
            late = await ask(function, view, accept="text/html")
            assert (late["statusCode"], late["headers"]["retry-after"]) == (503, "30")
            assert "<h1>This took too long</h1>" in late["body"]
            assert json.loads((await ask(function, "who"))["body"])["pid"] == first

    run()
    (said,) = lines(log, "deadline exceeded")
    assert "Move the work into a task" in said["hint"]
    if view in {"asks", "sleeps"}:
        assert f"in {'asks_the_database' if view == 'asks' else view}" in said["exception"]
    assert not any("Task timed out" in line for line in log)
    assert not Session.objects.filter(session_key="late").exists()
    with connection.cursor() as cursor:
        # Cancelled on the server, too: a statement that goes on would hold its locks.
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
@pytest.mark.parametrize(
    ("interface", "view"), [("wsgi", "swallows"), ("wsgi", "compiled"), ("asgi", "sleeps"), ("asgi", "awaits")]
)
def test_where_nothing_stops_it_the_environment_answers_and_ends(interface: str, view: str) -> None:
    log: list[str] = []
    variables = environ(interface)

    @in_loop
    async def run() -> None:
        async with site(log, variables) as function:
            first = json.loads((await ask(function, "who"))["body"])["pid"]
            late = await ask(function, view)
            assert (late["statusCode"], json.loads(late["body"])["status"]) == (503, 503)
            assert json.loads((await ask(function, "who"))["body"])["pid"] != first

    run()
    (said,) = lines(log, "deadline exceeded")
    if interface == "wsgi":
        assert f"in {'is_compiled' if view == 'compiled' else view}" in said["stack"]
    assert not any("Task timed out" in line for line in log)


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
@pytest.mark.parametrize("interface", ["wsgi", "asgi"])
def test_a_stream_without_end_and_an_exit_are_answered(interface: str) -> None:
    log: list[str] = []
    variables = environ(interface)

    @in_loop
    async def run() -> None:
        async with site(log, variables) as function:
            first = json.loads((await ask(function, "who"))["body"])["pid"]
            assert (await ask(function, "streams"))["statusCode"] == 413
            assert (await ask(function, "exits"))["statusCode"] == 500
            assert json.loads((await ask(function, "who"))["body"])["pid"] == first

    run()
    assert "signed URL" in lines(log, "response too large")[0]["hint"]
    (failed,) = lines(log, "request failed")
    assert "SystemExit: 3" in failed["exception"]
    said = [line for line in lines(log, "request") if line["message"] == "request"]
    assert [(line["route"], line["status"], line["cold"]) for line in said] == [
        ("who/", 200, True), (None, 413, False), (None, 500, False), ("who/", 200, False),
    ]  # fmt: skip

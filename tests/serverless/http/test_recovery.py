"""Requests that meet a database which is away, through Django, on a real server behind a door that can be shut."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.signals import request_finished, request_started
from django.db import connections
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from serverless.db import RETRY_AFTER_S
from serverless.events import build
from serverless.http import Adapter
from serverless.http.asgi import ASGI
from serverless.http.converters import v2
from serverless.http.recovery import Recovering
from serverless.http.wsgi import Django
from tests.serverless.db.postgresql.recorder import Recorder, recorded

type Ask = Callable[..., dict[str, Any]]
runs: list[str] = []


def query(statement: str) -> int:
    with connections["behind"].cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0])


def one(_: HttpRequest) -> HttpResponse:
    runs.append("one")
    return HttpResponse(str(query("SELECT 41")))


def two(_: HttpRequest) -> HttpResponse:
    runs.append("two")
    return HttpResponse(str(query("SELECT 41") + query("SELECT 42")))


def streams(_: HttpRequest) -> StreamingHttpResponse:
    runs.append("streams")
    return StreamingHttpResponse(str(query(statement)) for statement in ["SELECT 41"])


def forgives(_: HttpRequest) -> HttpResponse:
    runs.append("forgives")
    try:
        return HttpResponse(str(query("SELECT 41")))
    except Exception:  # noqa: BLE001
        return HttpResponse("another way")


def goes_on(_: HttpRequest) -> HttpResponse:
    runs.append("goes_on")
    try:
        query("SELECT 41")
    except Exception:  # noqa: BLE001
        query("SELECT 42")
    return HttpResponse(str(query("SELECT 43")))


def raises(_: HttpRequest) -> HttpResponse:
    runs.append("raises")
    try:
        query("SELECT 41")
    except Exception as error:
        raise Http404 from error
    raise ValueError("a mistake")


def mistake(_: HttpRequest) -> HttpResponse:
    return HttpResponse(str(query("SELECT * FROM nowhere")))


one.csrf_exempt = two.csrf_exempt = True  # type: ignore[attr-defined]
urlpatterns = [path(view.__name__, view) for view in (one, two, streams, forgives, goes_on, raises, mistake)]


@pytest.fixture
def door() -> Iterator[Recorder]:
    with recorded(int(settings.DATABASES["default"]["PORT"])) as recorder:
        yield recorder


@pytest.fixture(params=["wsgi", "asgi"])
def ask(
    request: pytest.FixtureRequest, door: Recorder, settings: Settings, django_db_blocker: DjangoDbBlocker
) -> Iterator[Ask]:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []
    settings.SERVERLESS = {}
    given = connections.settings["default"]
    options = given["OPTIONS"] | {"sslmode": "disable", "gssencmode": "disable"}
    behind = {"NAME": "postgres", "HOST": "127.0.0.1", "PORT": door.port, "OPTIONS": options}
    asgi = ASGI(ASGIHandler().handle) if request.param == "asgi" else None
    adapter = Adapter(Recovering(asgi or Django()))

    def asked(name: str, *, method: str = "GET", accept: str = "*/*") -> dict[str, Any]:
        event = build.http_v2(method=method, raw_path=f"/{name}", headers=[("host", "testserver"), ("accept", accept)])
        return dict(adapter.respond(event, v2))

    with django_db_blocker.unblock():
        connections.settings["behind"] = given | behind
        try:
            runs.clear()
            yield asked
        finally:
            forget()
            if asgi is not None:  # views ran on a thread of its own
                asgi._loop.run_until_complete(sync_to_async(forget)())
                asgi.close()
            del connections.settings["behind"]


def forget() -> None:
    """Close this thread's connection, and have none of that name any more."""
    connections["behind"].close()
    del connections["behind"]


def said(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [
        (record.message, getattr(record, "reason", ""))
        for record in caplog.records
        if record.name == "serverless.http" and record.message != "request"
    ]


# --- whole again ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("harm", ["hang_up_before", "hang_up_after"])
def test_what_broke_at_its_first_statement_is_run_again(
    ask: Ask, door: Recorder, caplog: pytest.LogCaptureFixture, method: str, harm: str
) -> None:
    """Whether the statement was carried out or not: it only reads."""
    assert ask("one")["body"] == "41"
    setattr(door, harm, "SELECT 41")
    runs.clear()
    answer = ask("one", method=method)
    assert (answer["statusCode"], answer.get("body", "")) == (200, "41" if method == "GET" else "")
    assert runs == ["one", "one"]
    assert said(caplog) == [("request repeated", "lost")]


def test_django_sees_two_whole_requests(ask: Ask, door: Recorder) -> None:
    heard: list[str] = []

    def started(**_: object) -> None:
        heard.append("started")

    def finished(**_: object) -> None:
        heard.append("finished")

    request_started.connect(started)
    request_finished.connect(finished)
    try:
        door.hang_up_before = "SELECT 41"
        assert ask("one")["statusCode"] == 200
    finally:
        request_started.disconnect(started)
        request_finished.disconnect(finished)
    assert heard == ["started", "finished"] * 2


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")  # under ASGI Django reads it in one go
def test_a_body_that_is_made_while_it_is_sent_is_made_again(ask: Ask, door: Recorder) -> None:
    door.hang_up_before = "SELECT 41"
    assert (ask("streams")["statusCode"], runs) == (200, ["streams", "streams"])


def test_once_and_no_more(ask: Ask, door: Recorder, caplog: pytest.LogCaptureFixture) -> None:
    door.hang_up_before = "SELECT 41"
    door.hang_up_after = "SELECT 41"  # the second run's
    assert (ask("one")["statusCode"], runs) == (503, ["one", "one"])
    assert said(caplog) == [("request repeated", "lost"), ("database unavailable", "lost")]
    assert ask("one")["body"] == "41"


@pytest.mark.parametrize(("name", "method"), [("two", "GET"), ("one", "POST"), ("one", "PUT"), ("one", "DELETE")])
def test_nothing_else_is(ask: Ask, door: Recorder, name: str, method: str) -> None:
    """What a database has answered before, and what may change something."""
    ask("one")
    runs.clear()
    door.hang_up_before = "SELECT 42" if name == "two" else "SELECT 41"
    assert (ask(name, method=method)["statusCode"], runs) == (503, [name])
    assert ask(name, method=method)["statusCode"] == 200


def test_what_the_project_got_over_stays_its_answer(ask: Ask, door: Recorder, caplog: pytest.LogCaptureFixture) -> None:
    for view, status in (("forgives", 200), ("raises", 404)):
        runs.clear()
        door.hang_up_before = "SELECT 41"
        assert (ask(view)["statusCode"], runs) == (status, [view])
    assert said(caplog) == []


def test_who_got_over_it_and_went_on_has_done_something(ask: Ask, door: Recorder) -> None:
    """A database has answered since, as the primary does where a replica was lost: that may have been a write."""
    door.hang_up_before = "SELECT 41"
    door.hang_up_after = "SELECT 43"
    assert (ask("goes_on")["statusCode"], runs) == (503, ["goes_on"])


def test_what_an_error_page_asks_is_no_reason_against_it(ask: Ask, door: Recorder, settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.serverless.http.asking_pages"
    door.hang_up_before = "SELECT 41"
    assert (ask("one")["body"], runs) == ("41", ["one", "error page", "one"])


# --- 503 ------------------------------------------------------------------------------------------------------------
def test_nobody_lets_it_in(ask: Ask, door: Recorder, caplog: pytest.LogCaptureFixture) -> None:
    door.refuse = True
    page = ask("one", accept="text/html,*/*")
    assert (page["statusCode"], page["headers"]["retry-after"]) == (503, str(RETRY_AFTER_S))
    assert "cannot reach its data" in page["body"]
    assert page["headers"]["cache-control"] == "no-store"
    problem = ask("one", accept="application/json")
    assert problem["headers"]["content-type"] == "application/problem+json"
    assert json.loads(problem["body"])["status"] == 503
    assert said(caplog) == [("database unavailable", "unreachable")] * 2
    door.refuse = False
    assert ask("one")["body"] == "41"


def test_whoever_sent_something_is_told_that_it_may_be_saved(ask: Ask, door: Recorder) -> None:
    door.hang_up_after = "SELECT 41"
    assert "look before you send it again" in ask("one", method="POST")["body"]
    door.refuse = True
    connections["behind"].close()
    assert "cannot reach its data" in ask("one", method="POST")["body"]  # nothing was sent to the database


@pytest.mark.parametrize("name", ["mistake", "raises"])
def test_mistakes_stay_errors(ask: Ask, caplog: pytest.LogCaptureFixture, name: str) -> None:
    assert ask(name)["statusCode"] == 500
    assert said(caplog) == []


def test_the_project_s_own_page_is_shown(ask: Ask, door: Recorder, settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.serverless.http.own_pages"
    door.refuse = True
    answer = ask("one")
    assert (answer["statusCode"], answer["body"], answer["headers"]["retry-after"]) == (503, "our own", "7")

"""Invocations through the entry point, of an environment that watches."""

import gc
import logging
import random
from typing import Any

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from serverless.db.pinning import registry, sampling, watching
from serverless.events import build
from tests.serverless.lambda_context import FakeContext

pytestmark = pytest.mark.django_db(transaction=True)
RARELY = {"PINNING": {"SAMPLE": 10**9}}
LINE = "tests/serverless/db/pinning/views.py:10"


def main() -> Any:
    from serverless.handlers import main as module  # starts Django, which sets up logging: not while a log is captured

    return module


@pytest.fixture(autouse=True)
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ROOT_URLCONF = "tests.serverless.db.pinning.views"
    settings.SERVERLESS = {"PINNING": {"SAMPLE": 1}}
    monkeypatch.setattr(sampling, "_suspect", False)
    connection.close()
    main()


def invoke(page: str) -> int:
    answer: Any = main().handler(build.http_v2(raw_path=page, headers=[("host", "testserver")]), FakeContext())
    return int(answer["statusCode"])


def is_open() -> bool:
    return connection.connection is not None


def measured(log: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [vars(record) for record in log.records if record.name == "serverless.metrics" and hasattr(record, "Pins")]


def warned(log: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in log.records if record.name == sampling.__name__]


@pytest.mark.pins("set")
@pytest.mark.parametrize(("page", "status"), [("/careless", 200), ("/failing", 500)])
def test_a_pin_is_reported_and_its_connection_closed(page: str, status: int, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "serverless.metrics"):
        assert invoke(page) == status
    assert not is_open()
    (line,) = warned(caplog)
    assert line.getMessage().startswith(f"{LINE}: a parameter of the session is set")
    assert "Ms Example" not in str(vars(line))
    assert (vars(line)["rule"], vars(line)["line"], vars(line)["database"]) == ("set", LINE, "default")
    (metric,) = measured(caplog)
    assert (metric["Pins"], metric["Rule"]) == (1, "set")
    assert metric["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Serverless/Database"


@pytest.mark.pins("set")
def test_a_connection_that_was_open_before_is_watched_and_closed(caplog: pytest.LogCaptureFixture) -> None:
    invoke("/careful")
    assert is_open()
    invoke("/careless")
    assert not is_open()
    assert len(warned(caplog)) == 1


def test_a_connection_that_did_not_pin_stays(caplog: pytest.LogCaptureFixture) -> None:
    invoke("/careful")
    held = connection.connection
    invoke("/careful")
    assert connection.connection is held
    assert not warned(caplog)


@pytest.mark.pins("set")
def test_what_django_is_given_is_seen_in_every_invocation(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.SERVERLESS = RARELY
    invoke("/careful")
    held = connection.connection
    assert not warned(caplog)
    invoke("/careless")
    assert held.closed
    (line,) = warned(caplog)
    assert line.getMessage().startswith(f"{LINE}: a parameter of the session is set")


@pytest.mark.pins("set")
def test_what_django_does_not_hear_of_is_seen_in_one_that_is_watched(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SERVERLESS = RARELY
    invoke("/roundabout")
    assert is_open()
    settings.SERVERLESS = {"PINNING": {"SAMPLE": 1}}
    invoke("/roundabout")
    assert not is_open()
    assert len(warned(caplog)) == 1


@pytest.mark.pins("set")
def test_who_has_pinned_is_watched_from_then_on(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.SERVERLESS = RARELY
    invoke("/careless")
    invoke("/roundabout")
    assert not is_open()
    assert len(warned(caplog)) == 2


@pytest.mark.pins("set")
def test_nothing_is_watched_where_nobody_asked(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.SERVERLESS = {}
    invoke("/careless")
    assert is_open()
    assert not warned(caplog)
    connection.close()


def test_one_in_ten_is_watched(settings: Settings) -> None:
    settings.SERVERLESS = {"PINNING": {"SAMPLE": 10}}
    before = len(watching._listeners)
    random.seed(7)
    watched = 0
    for _ in range(1000):
        with sampling.sampled():
            watched += len(watching._listeners) - before
    assert 70 <= watched <= 130
    assert len(watching._listeners) == before


def test_where_nothing_can_be_watched_nothing_is(monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(watching._listeners)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("sys.platform", "darwin")
        with sampling.sampled():
            assert len(watching._listeners) == before
    with sampling.sampled():
        assert len(watching._listeners) == before + 1


def test_wrappers_that_are_gone_are_forgotten() -> None:
    wrapper = connection.copy()
    wrapper.ensure_connection()
    assert wrapper in registry.wrappers()
    wrapper.close()
    gc.collect()  # Django's wrappers know themselves, those of tests before this one too
    before = len(registry.wrappers())
    del wrapper
    gc.collect()
    assert len(registry.wrappers()) == before - 1

"""Each part against real servers, and against none."""

import time
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from serverless.emulator.services.process import free_port
from serverless.health import parts
from serverless.health.parts import look
from tests.serverless.tasks.conftest import Queue, real_queue

__all__ = ["real_queue"]

pytestmark = pytest.mark.django_db(databases=["default", "other"])


def problems() -> dict[str, str]:
    return {part.name: part.problem for part in look()}


@pytest.fixture
def alias(settings: Settings, django_db_blocker: DjangoDbBlocker) -> Iterator[Any]:
    """Adds an alias to those of settings, which are wrapped in a transaction of the test's."""
    added = []

    def add(name: str, **changes: Any) -> None:
        entry = settings.DATABASES["default"] | {"NAME": "postgres"} | changes
        connections.settings[name] = connections.configure_settings({"default": {}, name: entry})[name]
        added.append(name)

    with django_db_blocker.unblock():
        yield add
        for name in added:
            connections[name].close()
            del connections[name]
            del connections.settings[name]


def test_everything_answers() -> None:
    assert problems() == dict.fromkeys(["database:default", "database:other", "cache:default", "queue:default"], "")


def test_a_database_that_is_away_is_said_to_be(alias: Any) -> None:
    alias("gone", PORT=str(free_port()), HOST="127.0.0.1")
    began = time.monotonic()
    assert problems()["database:gone"] == "unreachable"
    assert time.monotonic() - began < 8


@pytest.mark.pins("options")
def test_a_database_that_takes_no_writes_is_not_well(alias: Any) -> None:
    alias("standby", OPTIONS={"options": "-c default_transaction_read_only=on"})
    assert problems()["database:standby"] == "takes no writes"


def test_a_connection_that_died_is_replaced(alias: Any) -> None:
    alias("kept")
    assert problems()["database:kept"] == ""
    with connections["kept"].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    assert problems()["database:kept"] == ""


def test_a_replica_that_is_none_is_found_out(alias: Any, settings: Settings) -> None:
    alias("promoted")
    settings.SERVERLESS = {"REPLICAS": {"OF": {"default": ["promoted"]}, "MODELS": []}}
    found = problems()
    assert found["replica:promoted"] == "no replica"
    assert "database:promoted" not in found


def test_a_replica_that_is_away_is_named_too(alias: Any, settings: Settings) -> None:
    alias("copy", PORT=str(free_port()), HOST="127.0.0.1")
    settings.SERVERLESS = {"REPLICAS": {"OF": {"default": ["copy"]}, "MODELS": []}}
    assert problems()["replica:copy"] == "unreachable"


def test_a_cache_that_is_away_is_said_to_be_in_bounded_time(settings: Settings) -> None:
    away = settings.CACHES["default"] | {"LOCATION": f"redis://127.0.0.1:{free_port()}/0", "OPTIONS": {}}
    settings.CACHES = settings.CACHES | {
        "away": away,
        "none": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
        "here": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    }
    found = {part.name: part for part in look()}
    assert found["cache:away"].problem == "no answer"
    assert found["cache:away"].seconds < 2
    assert (found["cache:here"].problem, found["cache:default"].problem) == ("", "")
    assert "cache:none" not in found  # it forgets what it is told to keep, as it should


def test_a_cache_whose_library_raises_is_a_cache_that_fails(settings: Settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache",
                                   "LOCATION": f"redis://127.0.0.1:{free_port()}/0"}}  # fmt: skip
    assert problems()["cache:default"] == "no answer"


def test_a_queue_is_asked_without_a_message(real_queue: Queue) -> None:
    assert parts._queue(real_queue.url) == ""
    assert real_queue.ids() == set()
    assert parts._queue(f"{real_queue.url}-not-there") == "no answer"


def test_a_role_without_credentials_is_said_to_be_one(real_queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert parts._queue(real_queue.url) == "no credentials"


def test_the_command_says_the_same_and_fails_with_a_part(alias: Any) -> None:
    said = StringIO()
    call_command("health", stdout=said)
    assert '"name": "database:default"' in said.getvalue()
    alias("gone", PORT=str(free_port()), HOST="127.0.0.1")
    with pytest.raises(SystemExit) as ended:
        call_command("health", stdout=said)
    assert ended.value.code == 1
    assert '"problem": "unreachable"' in said.getvalue()

"""What libpq sends for what psycopg and Django are asked, on a server without a proxy."""

import os
import weakref
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from django.db.migrations.operations.special import RunSQL
from psycopg import errors

from serverless.db.pinning.rules import MAX_TEXT
from serverless.db.pinning.watching import Pin, Unwatchable, listening, watch
from tests.serverless.db.conftest import server
from tests.serverless.db.pinning.conftest import found, next_line


@pytest.fixture
def direct() -> "Iterator[psycopg.Connection[Any]]":
    with server() as connected:
        yield connected


@pytest.fixture
def watched(direct: "psycopg.Connection[Any]", pins: list[Pin]) -> "psycopg.Connection[Any]":
    watch(direct, pins.append)
    return direct


def sizes() -> list[int]:
    """Of what lies in the traces of all watched connections."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # that of the listing itself
            if "pinning" in os.readlink(link):
                found.append(link.stat().st_size)
    return found


def files() -> int:
    return len(sizes())


def test_values_that_are_bound_by_the_client_count(watched: "psycopg.Connection[Any]", pins: list[Pin]) -> None:
    """Django thinks of a statement of 9 bytes; what was sent is another one."""
    psycopg.ClientCursor(watched).execute("SELECT %s", ["x" * MAX_TEXT])
    assert [pin.rule.id for pin in pins] == ["size"]
    pins.clear()
    watched.execute("SELECT %s", ["x" * MAX_TEXT])
    assert not pins


def test_a_server_cursor_of_psycopg_is_a_declaration(watched: "psycopg.Connection[Any]", pins: list[Pin]) -> None:
    with watched.transaction(), watched.cursor("named") as cursor:
        here = next_line()
        cursor.execute("SELECT 1")
    assert found(pins) == [("cursor", here)]


def test_copy_and_pipelines_are_read(watched: "psycopg.Connection[Any]", pins: list[Pin]) -> None:
    with watched.transaction():
        here = next_line()
        watched.execute("CREATE TEMP TABLE copied (name text)")
        with watched.cursor() as cursor, cursor.copy("COPY copied FROM STDIN") as copy:
            copy.write_row(["SET a.b = 1"])
        assert found(pins) == [("temporary", here)]
    pins.clear()
    with watched.pipeline():
        watched.execute("LISTEN photos")
        watched.execute("SELECT 1")
    assert {pin.rule.id for pin in pins} == {"listen"}


def test_what_the_server_answers_is_not_what_was_sent(watched: "psycopg.Connection[Any]", pins: list[Pin]) -> None:
    watched.execute("SELECT %s", ['\nF\t16\tQuery\t "SET a=1"\n']).fetchall()
    with pytest.raises(errors.RaiseException):
        watched.execute("DO $$ BEGIN RAISE EXCEPTION 'SET a = 1'; END $$")
    watched.execute("SELECT 1")
    assert not pins


def test_a_statement_that_fails_was_sent(watched: "psycopg.Connection[Any]", pins: list[Pin]) -> None:
    with pytest.raises(errors.UndefinedObject):
        watched.execute("SET no_such_parameter = 1")
    assert [pin.rule.id for pin in pins] == ["set"]


def test_the_end_of_a_watch_is_the_end(direct: "psycopg.Connection[Any]", pins: list[Pin]) -> None:
    before = files()
    stop = watch(direct, pins.append)
    assert files() == before + 1
    stop()
    stop()
    direct.execute("SET a.b = 1")
    assert not pins
    assert files() == before


def test_a_watched_connection_goes_when_nobody_needs_it(pins: list[Pin]) -> None:
    before = files()
    connected = server()
    watch(connected, pins.append)
    connected.close()
    gone = weakref.ref(connected)
    del connected
    assert gone() is None  # at once, without the collector
    assert files() == before


def test_a_pin_says_where_why_and_what_instead(watched: "psycopg.Connection[Any]", pins: list[Pin]) -> None:
    here = next_line()
    watched.execute("SELECT set_config('app.client', 'Ms Example', false)")
    (pin,) = pins
    assert str(pin).startswith(f"{here}: a parameter of the session is set")
    assert "Instead: SET LOCAL" in str(pin)
    assert "Ms Example" not in f"{pin} {pin!r}"
    assert "Ms Example" in pin.text


@pytest.mark.django_db
@pytest.mark.pins("set")
def test_django_s_own_first_statement_is_heard(pins: list[Pin]) -> None:
    """Django takes on the role that OPTIONS name before it says that it is connected."""
    alias = connections.create_connection("default")
    user = alias.settings_dict["USER"]
    alias.settings_dict = alias.settings_dict | {"OPTIONS": alias.settings_dict["OPTIONS"] | {"assume_role": user}}
    with listening(pins.append):
        here = next_line()
        alias.ensure_connection()
    alias.close()
    assert found(pins) == [("set", here)]


@pytest.mark.django_db
def test_a_time_zone_is_said_while_connecting_and_pins_nothing(pins: list[Pin]) -> None:
    alias = connections.create_connection("default")
    alias.settings_dict = alias.settings_dict | {"TIME_ZONE": "Asia/Tokyo"}
    with listening(pins.append), alias.cursor() as cursor:
        cursor.execute("SHOW TimeZone")
        assert cursor.fetchone() == ("Asia/Tokyo",)
    alias.close()
    assert found(pins) == []


@pytest.mark.django_db
def test_connections_that_are_open_are_watched_while_somebody_listens(pins: list[Pin]) -> None:
    connection.ensure_connection()
    with listening(pins.append), connection.cursor() as cursor:
        cursor.execute("SET LOCAL a.b = 1")
    assert not pins


@pytest.mark.django_db
def test_migrations_may_do_what_they_like(pins: list[Pin]) -> None:
    """They go to the database itself."""
    from django.db.migrations import executor  # below: it loads models

    operation = RunSQL("SET LOCAL a.b = 1; SELECT pg_advisory_lock(1), pg_advisory_unlock(1)")
    source = "def run(operation, editor):\n    editor.execute(operation.sql)"
    place: dict[str, Any] = {"__name__": executor.__name__}
    exec(source, place)  # noqa: S102 - a frame of that module's
    with listening(pins.append), connection.schema_editor() as editor:
        place["run"](operation, editor)
    assert not pins


def test_a_platform_without_traces_is_told(
    direct: "psycopg.Connection[Any]", pins: list[Pin], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(Unwatchable, match="Linux"):
        watch(direct, pins.append)
    with pytest.raises(Unwatchable, match="Linux"), listening(pins.append):
        pass


def test_a_long_answer_is_read_and_cut_off(watched: "psycopg.Connection[Any]", pins: list[Pin]) -> None:
    for _ in range(3):
        watched.execute("SELECT repeat('x', 1000) FROM generate_series(1, 1500)").fetchall()
    here = next_line()
    watched.execute("LISTEN photos")
    watched.execute("SELECT 1")
    assert found(pins) == [("listen", here)]
    assert max(sizes()) < 2**20

"""The known leaks: what each breaks on a real pgbouncer meanwhile, that it is found, and what does instead."""

import gc
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connections, transaction
from psycopg import errors
from psycopg.sql import SQL, Identifier

from serverless.db.pinning.watching import Pin
from tests.serverless.db.pinning.conftest import ALIAS, Pooled, busy, found, next_line

ROWS = 300


@pytest.fixture
def table(database: str, pooled: Pooled) -> None:
    """``ROWS`` sessions, in a table that outlives the test."""
    wrapper = pooled.django()
    if Session._meta.db_table not in wrapper.introspection.table_names():
        with wrapper.schema_editor() as editor:
            editor.create_model(Session)
        fill = [Session(session_key=f"{number:040}", expire_date=datetime.now(UTC)) for number in range(ROWS)]
        Session.objects.using(ALIAS).bulk_create(fill)
    wrapper.close()


def read(*, other: "psycopg.Connection[Any]") -> int:
    """Read all rows a hundred at a time; after the first of them, ``other`` takes the server's connection."""
    iterator = Session.objects.using(ALIAS).iterator(chunk_size=100)
    next(iterator)  # here it is sent
    with busy(other):
        return 1 + sum(1 for _ in iterator)


@pytest.mark.pins("cursor")
@pytest.mark.filterwarnings("ignore:.*was deleted while still open:ResourceWarning")
@pytest.mark.usefixtures("table")
def test_a_server_side_cursor_is_lost_between_two_reads(pooled: Pooled, heard: list[Pin]) -> None:
    connections[ALIAS].settings_dict["DISABLE_SERVER_SIDE_CURSORS"] = False
    with pytest.raises(psycopg.Error, match=r"cursor .* does not exist"):
        read(other=pooled.client())
    gc.collect()  # nobody can close that cursor
    assert found(heard) == [("cursor", place_of("next(iterator)  # here"))]


@pytest.mark.usefixtures("table")
def test_without_server_side_cursors_nothing_is_lost(pooled: Pooled, heard: list[Pin]) -> None:
    assert read(other=pooled.client()) == ROWS
    assert not heard


def test_a_prepared_statement_is_unknown_to_the_next_connection(pooled: Pooled, pins: list[Pin]) -> None:
    mine, other = pooled.watched(pins, prepare_threshold=5), pooled.client()
    for _ in range(5):
        mine.execute("SELECT %s::int", [1])
    assert not pins
    here = next_line()
    mine.execute("SELECT %s::int", [1])
    assert set(found(pins)) == {("prepared", here)}
    with busy(other), pytest.raises(errors.InvalidSqlStatementName, match="does not exist"):
        mine.execute("SELECT %s::int", [1])


def test_without_a_threshold_nothing_is_prepared(pooled: Pooled, pins: list[Pin]) -> None:
    mine, other = pooled.watched(pins, prepare_threshold=None), pooled.client()
    for _ in range(6):
        mine.execute("SELECT %s::int", [1])
    with busy(other):
        mine.execute("SELECT %s::int", [1])
    assert not pins


def test_options_at_the_start_are_refused(pooled: Pooled, database: str, heard: list[Pin]) -> None:
    refused = pooled.django(options={"options": "-c statement_timeout=5000"})
    with pytest.raises(OperationalError, match="unsupported startup parameter: options"):
        refused.ensure_connection()
    assert not heard  # no connection, nothing to find: the server itself takes them


@pytest.mark.pins("options")
def test_options_at_the_start_are_found_where_the_server_takes_them(
    pooled: Pooled, database: str, heard: list[Pin]
) -> None:
    direct = Pooled(database, pooled.stack).django(options={"options": "-c statement_timeout=5000"})
    direct.ensure_connection()
    assert found(heard) == [("options", "DATABASES['pooled']")]


def test_settings_of_role_or_database_come_without_options(pooled: Pooled, database: str, heard: list[Pin]) -> None:
    with psycopg.connect(database, autocommit=True) as owner:
        name = Identifier(owner.info.dbname)
        owner.execute(SQL("ALTER DATABASE {} SET statement_timeout = '5s'").format(name))
        try:
            with pooled.django().cursor() as cursor:
                cursor.execute("SHOW statement_timeout")
                assert cursor.fetchone() == ("5s",)
        finally:
            owner.execute(SQL("ALTER DATABASE {} RESET statement_timeout").format(name))
    assert not heard


@pytest.mark.pins("set")
def test_a_session_s_setting_reaches_the_next_client(pooled: Pooled, heard: list[Pin]) -> None:
    with pooled.django().cursor() as cursor:
        here = next_line()
        cursor.execute("SET search_path = 'of_another_studio'")
        cursor.execute("SELECT set_config('app.studio', %s, false)", ["17"])
    assert found(heard)[0] == ("set", here)
    assert [pin.rule.id for pin in heard] == ["set", "set"]
    other = pooled.client()
    assert other.execute("SHOW search_path").fetchone() == ("of_another_studio",)
    assert other.execute("SHOW app.studio").fetchone() == ("17",)


def test_a_transaction_s_setting_stays_in_it(pooled: Pooled, heard: list[Pin]) -> None:
    mine = pooled.client()
    with mine.transaction():
        mine.execute("SET LOCAL search_path = 'of_another_studio'")
        mine.execute("SELECT set_config('app.studio', '17', true)")
    with pooled.django().cursor() as cursor, transaction.atomic(using=ALIAS):
        cursor.execute("SET LOCAL search_path = 'of_another_studio'")
        cursor.execute("SELECT set_config('app.studio', %s, true)", ["17"])
    assert not heard
    other = pooled.client()
    assert other.execute("SHOW search_path").fetchone() == ('"$user", public',)
    assert other.execute("SHOW app.studio").fetchone() == ("",)


def test_a_session_s_lock_is_held_by_two_at_once(pooled: Pooled, pins: list[Pin]) -> None:
    mine, other = pooled.watched(pins), pooled.client()
    here = next_line()
    assert mine.execute("SELECT pg_try_advisory_lock(7)").fetchone() == (True,)
    assert found(pins) == [("advisory_lock", here)]
    assert other.execute("SELECT pg_try_advisory_lock(7)").fetchone() == (True,)
    with busy(other):  # and who wants to give it back does not have it
        assert mine.execute("SELECT pg_advisory_unlock(7)").fetchone() == (False,)


def test_a_transaction_s_lock_is_held_by_one(pooled: Pooled, pins: list[Pin]) -> None:
    mine, other = pooled.watched(pins), pooled.client()
    lock = "SELECT pg_try_advisory_xact_lock(7)"
    with mine.transaction():
        assert mine.execute(lock).fetchone() == (True,)
        assert other.execute(lock).fetchone() == (False,)
    assert other.execute(lock).fetchone() == (True,)
    assert not pins


def test_who_listens_hears_nothing(pooled: Pooled, database: str, pins: list[Pin]) -> None:
    mine, other = pooled.watched(pins), pooled.client()
    here = next_line()
    mine.execute("LISTEN photos")
    assert found(pins) == [("listen", here)]
    other.execute("NOTIFY photos, 'one is ready'")
    assert list(mine.notifies(timeout=0.3)) == []


def test_who_listens_beside_the_proxy_hears(pooled: Pooled, database: str, pins: list[Pin]) -> None:
    with psycopg.connect(database, autocommit=True) as direct:
        direct.execute("LISTEN photos")
        sender = pooled.watched(pins)
        sender.execute("NOTIFY photos, 'one is ready'")
        assert [heard.payload for heard in direct.notifies(timeout=5, stop_after=1)] == ["one is ready"]
    assert not pins


def test_a_temporary_table_is_gone_and_in_another_s_way(pooled: Pooled, pins: list[Pin]) -> None:
    mine, other = pooled.watched(pins), pooled.client()
    here = next_line()
    mine.execute("CREATE TEMPORARY TABLE chosen (photo int)")
    assert found(pins) == [("temporary", here)]
    with busy(other):
        with pytest.raises(errors.UndefinedTable):
            mine.execute("INSERT INTO chosen VALUES (1)")
        with pytest.raises(errors.DuplicateTable):
            other.execute("CREATE TEMPORARY TABLE chosen (photo int)")


def test_a_query_s_own_table_is_nobody_else_s(pooled: Pooled, pins: list[Pin]) -> None:
    mine, other = pooled.watched(pins), pooled.client()
    with busy(other):
        chosen = mine.execute(
            "WITH chosen AS (SELECT unnest(%s::int[]) AS photo) SELECT sum(photo) FROM chosen", [[1, 2]]
        )
        assert chosen.fetchone() == (3,)
    assert not pins


def test_what_a_sequence_gave_last_is_another_s(pooled: Pooled, pins: list[Pin]) -> None:
    mine, other = pooled.watched(pins), pooled.client()
    other.execute("CREATE TABLE IF NOT EXISTS photos (id bigint GENERATED BY DEFAULT AS IDENTITY)")
    mine.execute("INSERT INTO photos DEFAULT VALUES")
    assert not pins
    other.execute("INSERT INTO photos DEFAULT VALUES")
    here = next_line()
    last = mine.execute("SELECT lastval()").fetchone()
    assert found(pins) == [("sequence", here)]
    newest = other.execute("SELECT max(id) FROM photos").fetchone()
    assert last == newest  # the other's row


def test_what_an_insert_returns_is_its_own(pooled: Pooled, pins: list[Pin]) -> None:
    mine, other = pooled.watched(pins), pooled.client()
    other.execute("CREATE TABLE IF NOT EXISTS photos (id bigint GENERATED BY DEFAULT AS IDENTITY)")
    insert = "INSERT INTO photos DEFAULT VALUES RETURNING id"
    first, second = mine.execute(insert).fetchone(), other.execute(insert).fetchone()
    assert first is not None
    assert second == (first[0] + 1,)
    assert not pins


def test_two_connections_serve_many(pooled: Pooled) -> None:
    clients = [pooled.client() for _ in range(20)]
    assert len({client.execute("SELECT pg_backend_pid()").fetchone() for client in clients}) <= 2


def place_of(code: str) -> str:
    """Return the place of the only line of this file that begins with ``code``."""
    with open(__file__, encoding="utf-8") as file:
        (number,) = [number for number, line in enumerate(file, 1) if line.strip().startswith(code)]
    return f"tests/serverless/db/pinning/test_pgbouncer.py:{number}"

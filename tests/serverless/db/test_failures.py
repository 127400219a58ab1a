"""What errors mean: made by a real server where that can be, and in the words of others where it cannot."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import psycopg
import pytest
from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
)
from django.db.transaction import TransactionManagementError
from psycopg.sql import SQL, Identifier

from serverless.db import Failure, database_failure
from serverless.db.failures import refused_login
from tests.serverless.db.conftest import Place, address, server


def met(act: Any) -> BaseException:
    with pytest.raises(psycopg.Error) as raised:
        act()
    return raised.value


@pytest.fixture
def owner(place: Place) -> Iterator["psycopg.Connection[Any]"]:
    with server(place.database) as connection:
        yield connection


def other(place: Place) -> "psycopg.Connection[Any]":
    return server(place.database)


# --- as the server says them ----------------------------------------------------------------------------------------
def test_nothing_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    error = met(lambda: psycopg.connect(host="127.0.0.1", port=port, user="x", dbname="x"))
    assert database_failure(error) is Failure.UNREACHABLE


def test_nobody_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        error = met(lambda: psycopg.connect(host="127.0.0.1", port=port, user="x", dbname="x", connect_timeout=2))
    assert database_failure(error) is Failure.UNREACHABLE


def test_whoever_answers_hangs_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:

        def hang_up() -> None:
            with suppress(OSError):
                while True:
                    door.accept()[0].close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        port = door.getsockname()[1]
        error = met(lambda: psycopg.connect(host="127.0.0.1", port=port, user="x", dbname="x"))
        door.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert database_failure(error) is Failure.UNREACHABLE


def test_a_name_that_nobody_knows() -> None:
    error = met(lambda: psycopg.connect(host="db.invalid", user="x", dbname="x"))
    assert database_failure(error) is Failure.UNREACHABLE


def test_a_password_that_is_wrong() -> None:
    error = met(lambda: psycopg.connect(**address(), user="local", password="wrong", dbname="postgres"))
    assert database_failure(error) is Failure.UNREACHABLE
    assert refused_login(error)


def test_no_connection_is_left_for_this_role(place: Place, owner: "psycopg.Connection[Any]") -> None:
    owner.execute(SQL("ALTER ROLE {} CONNECTION LIMIT 2").format(Identifier(f"{place.prefix}admin")))
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(place.connect("admin"))
        error = met(lambda: place.connect("admin"))
    assert database_failure(error) is Failure.EXHAUSTED
    assert not refused_login(error)


def test_a_terminated_session(place: Place, owner: "psycopg.Connection[Any]") -> None:
    with other(place) as victim:
        owner.execute("SELECT pg_terminate_backend(%s, 1000)", [victim.info.backend_pid])
        error = met(lambda: victim.execute("SELECT 1"))
        assert database_failure(error) is Failure.LOST
        assert database_failure(met(lambda: victim.execute("SELECT 1"))) is Failure.LOST  # closed by now


def test_a_server_that_takes_no_writes(place: Place) -> None:
    with other(place) as reader:
        reader.execute("SET default_transaction_read_only = on")
        error = met(lambda: reader.execute("CREATE TABLE t ()"))
    assert database_failure(error) is Failure.READ_ONLY


def test_locks_and_limits_of_time(place: Place, owner: "psycopg.Connection[Any]") -> None:
    owner.execute("CREATE TABLE t ()")
    with other(place) as holder, other(place) as waiter, holder.transaction():
        holder.execute("LOCK TABLE t")
        waiter.execute("SET lock_timeout = 10")
        assert database_failure(met(lambda: waiter.execute("SELECT FROM t"))) is Failure.BUSY
        waiter.execute("SET lock_timeout = 0")
        waiter.execute("SET statement_timeout = 10")
        assert database_failure(met(lambda: waiter.execute("SELECT FROM t"))) is Failure.BUSY


@pytest.mark.parametrize(
    "mistake",
    ["SELECT 1/0", "SELECT * FROM nowhere", "SELEKT", "DO $$ BEGIN RAISE EXCEPTION 'too many connections'; END $$"],
)
def test_mistakes_are_no_failures(owner: "psycopg.Connection[Any]", mistake: str) -> None:
    error = met(lambda: owner.execute(mistake.encode()))
    assert database_failure(error) is None


def test_what_visitors_wrote_is_quoted_and_not_believed(owner: "psycopg.Connection[Any]") -> None:
    owner.execute("CREATE TABLE t (name text PRIMARY KEY)")
    twice = (
        "INSERT INTO t VALUES ('connection failed: too many connections'), ('connection failed: too many connections')"
    )
    error = met(lambda: owner.execute(twice))
    assert "too many connections" in str(error)
    assert database_failure(error) is None


# --- in the words of poolers, which are not at hand -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("connection failed: FATAL:  sorry, too many clients already", Failure.EXHAUSTED),
        ("connection failed: FATAL:  remaining connection slots are reserved for roles", Failure.EXHAUSTED),
        ("connection failed: FATAL:  no more connections allowed (max_client_conn)", Failure.EXHAUSTED),
        ("query_wait_timeout\nserver closed the connection unexpectedly", Failure.EXHAUSTED),
        ("Timed-out waiting to acquire database connection", Failure.EXHAUSTED),
        ("couldn't get a connection after 30.00 sec", Failure.EXHAUSTED),
        ("connection failed: FATAL:  the database system is starting up", Failure.UNREACHABLE),
        ("consuming input failed: server closed the connection unexpectedly", Failure.LOST),
        ("the connection is closed", Failure.LOST),
    ],
)
def test_without_a_state_the_words_count(text: str, failure: Failure) -> None:
    assert database_failure(psycopg.OperationalError(text)) is failure
    assert database_failure(OperationalError(text)) is failure


@pytest.mark.parametrize(
    "text",
    [
        "This RDS proxy has no credentials for the role web. Check the credentials for this role and try again.",
        'connection failed: FATAL:  password authentication failed for user "web"',
        'connection failed: FATAL:  PAM authentication failed for user "web"',
        "connection failed: fe_sendauth: no password supplied",
    ],
)
def test_a_refused_login_is_known(text: str) -> None:
    assert refused_login(psycopg.OperationalError(text))


# --- behind other exceptions ----------------------------------------------------------------------------------------
def raised(outer: BaseException, *, cause: BaseException | None = None, context: BaseException | None = None) -> Any:
    outer.__context__ = context
    if cause is not None:  # which hides the context
        outer.__cause__ = cause
    return outer


def test_django_s_exception_means_what_the_driver_s_does() -> None:
    driver = psycopg.errors.ReadOnlySqlTransaction("cannot execute INSERT in a read-only transaction")
    assert database_failure(raised(InternalError("cannot execute"), cause=driver)) is Failure.READ_ONLY


def test_what_came_of_it_is_followed_back() -> None:
    lost = raised(OperationalError("lost"), cause=psycopg.OperationalError("the connection is lost"))
    assert database_failure(raised(TransactionManagementError("broken"), cause=lost)) is Failure.LOST
    assert database_failure(raised(KeyError("name"), context=lost)) is Failure.LOST


def test_a_mistake_made_while_an_outage_was_handled_is_a_mistake() -> None:
    lost = raised(OperationalError("lost"), cause=psycopg.OperationalError("the connection is lost"))
    mistake = raised(ProgrammingError("no such table"), cause=psycopg.errors.UndefinedTable("nowhere"), context=lost)
    assert database_failure(mistake) is None


@pytest.mark.parametrize("error", [None, ValueError("connection failed"), IntegrityError("x"), DatabaseError("x")])
def test_others_are_none(error: BaseException | None) -> None:
    assert database_failure(error) is None


def test_a_closed_cursor_is_a_mistake_and_a_closed_connection_is_not() -> None:
    assert database_failure(InterfaceError("the cursor is closed")) is None
    assert database_failure(InterfaceError("connection already closed")) is Failure.LOST


def test_a_chain_that_bites_its_tail_ends() -> None:
    error = ValueError("one")
    error.__context__ = raised(ValueError("two"), context=error)
    assert database_failure(error) is None


def test_all_but_busy_are_outages() -> None:
    assert [failure for failure in Failure if not failure.is_outage] == [Failure.BUSY]

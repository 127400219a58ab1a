"""What is said to the server, counted on the wire: at connect, at a warm request, after a freeze."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler
from pytest_django.plugin import DjangoDbBlocker

from serverless.db.postgresql import health
from serverless.db.postgresql.base import DatabaseWrapper
from tests.serverless.db.postgresql.recorder import Recorder, recorded


@pytest.fixture
def wire(django_db_blocker: DjangoDbBlocker) -> Iterator[Recorder]:
    with django_db_blocker.unblock(), recorded(int(settings.DATABASES["default"]["PORT"])) as recorder:
        yield recorder


type Make = Callable[..., DatabaseWrapper]


@pytest.fixture
def make(wire: Recorder) -> Iterator[Make]:
    made: list[DatabaseWrapper] = []

    def one(**changes: Any) -> DatabaseWrapper:
        options = settings.DATABASES["default"]["OPTIONS"] | {"sslmode": "disable", "gssencmode": "disable"}
        given = settings.DATABASES["default"] | {"NAME": "postgres", "HOST": "127.0.0.1", "PORT": wire.port}
        wrapper = ConnectionHandler({"default": given | {"OPTIONS": options} | changes})["default"]
        assert isinstance(wrapper, DatabaseWrapper)
        made.append(wrapper)
        return wrapper

    yield one
    for wrapper in made:
        wrapper.close()


def request(connection: BaseDatabaseWrapper, statement: str = "SELECT 42") -> Any:
    """What Django does with a connection in a request of one query."""
    connection.close_if_unusable_or_obsolete()
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()
    finally:
        connection.close_if_unusable_or_obsolete()


def rest(connection: DatabaseWrapper, *, running: float = 0.0, wall: float = 0.0) -> None:
    """Let it be as if the last invocation had ended so many seconds ago."""
    seen = connection._seen
    connection._seen = (seen[0] - running, seen[1] - wall)


def bare(wire: Recorder) -> int:
    """Return the round trips of libpq's own handshake, as the same user."""
    given = settings.DATABASES["default"]
    login = {"user": given["USER"], "password": given["PASSWORD"] or None}
    psycopg.connect(
        host="127.0.0.1", port=wire.port, dbname="postgres", sslmode="disable", gssencmode="disable", **login
    ).close()
    trips = wire.round_trips
    wire.forget()
    return trips


@pytest.mark.parametrize("zone", [None, "Europe/Berlin", "Etc/UTC"])
def test_connecting_takes_no_round_trip_more_than_libpq_s_own(wire: Recorder, make: Make, zone: str | None) -> None:
    """Django asks a server in another zone to change to its own; the server here is in UTC."""
    before = bare(wire)
    connection = make(TIME_ZONE=zone)
    connection.ensure_connection()
    assert (wire.round_trips, wire.statements) == (before, [])
    assert request(connection, "SHOW TimeZone") == (zone or "UTC",)
    assert wire.statements == ["SHOW TimeZone"]
    assert "PGTZ" not in os.environ


def test_django_s_own_asks_for_the_zone(wire: Recorder) -> None:
    """What the test above would see, and one round trip more for each warm request of one query."""
    before = bare(wire)
    given = settings.DATABASES["default"] | {"NAME": "postgres", "HOST": "127.0.0.1", "PORT": wire.port}
    options = {"sslmode": "disable", "gssencmode": "disable"}
    stock = ConnectionHandler(
        {"default": given | {"ENGINE": "django.db.backends.postgresql", "TIME_ZONE": "Asia/Tokyo", "OPTIONS": options}}
    )["default"]
    stock.ensure_connection()
    assert wire.round_trips == before + 1
    assert "set_config('TimeZone'" in wire.statements[0]
    wire.forget()
    request(stock)
    assert wire.statements == ["SELECT 1", "SELECT 42"]
    stock.close()


def test_a_variable_of_the_environment_s_own_stays(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGTZ", "Asia/Tokyo")
    assert request(make(), "SHOW TimeZone") == ("UTC",)
    assert os.environ["PGTZ"] == "Asia/Tokyo"


def test_a_warm_request_is_its_statement_and_nothing_else(wire: Recorder, make: Make) -> None:
    connection = make()
    request(connection)
    wire.forget()
    for _ in range(5):
        assert request(connection) == (42,)
    assert (wire.statements, wire.round_trips, wire.connections) == (["SELECT 42"] * 5, 5, 0)


@pytest.mark.parametrize("clock", ["running", "wall"])
def test_after_a_freeze_it_is_asked_once(wire: Recorder, make: Make, clock: str) -> None:
    connection = make()
    request(connection)
    wire.forget()
    rest(connection, **{clock: health.REST_S + 1})
    request(connection)
    request(connection)
    assert (wire.statements, wire.connections) == (["SELECT 1", "SELECT 42", "SELECT 42"], 0)
    rest(connection, **{clock: health.REST_S - 1})
    request(connection)
    assert wire.statements[3:] == ["SELECT 42"]


def test_a_request_without_a_query_asks_nothing_and_the_next_one_does(wire: Recorder, make: Make) -> None:
    connection = make()
    request(connection)
    wire.forget()
    rest(connection, running=health.REST_S + 1)
    connection.close_if_unusable_or_obsolete()
    connection.close_if_unusable_or_obsolete()
    assert wire.statements == []
    request(connection)
    assert wire.statements == ["SELECT 1", "SELECT 42"]


def test_what_the_server_ended_is_seen_without_asking(wire: Recorder, make: Make) -> None:
    connection = make()
    request(connection)
    wire.hang_up()
    wire.forget()
    assert request(connection) == (42,)
    assert wire.statements == ["SELECT 42"]
    assert wire.connections == 1


def test_a_network_that_forgot_the_connection_costs_seconds_at_most(wire: Recorder, make: Make) -> None:
    connection = make()
    request(connection)
    wire.mode = "silent"
    rest(connection, running=health.REST_S + 1)
    connection.close_if_unusable_or_obsolete()
    connection.close_if_health_check_failed()
    assert connection.connection is None
    wire.mode = "open"
    assert request(connection) == (42,)


def test_an_error_that_says_nothing_of_the_connection_is_followed_by_one_look(wire: Recorder, make: Make) -> None:
    connection = make()
    with pytest.raises(Exception, match="division by zero"):
        request(connection, "SELECT 1/0")
    wire.forget()
    request(connection)
    assert (wire.statements, wire.connections) == (["SELECT 42"], 0)  # a DataError breaks nothing
    with pytest.raises(Exception, match="does not exist"):
        request(connection, "SELECT * FROM nowhere")
    wire.forget()
    request(connection)
    request(connection)
    # Django's own look was at the end of the request that failed.
    assert (wire.statements, wire.connections) == (["SELECT 42", "SELECT 42"], 0)


def test_where_health_checks_are_off_only_errors_close_it(wire: Recorder, make: Make) -> None:
    connection = make(CONN_HEALTH_CHECKS=False)
    request(connection)
    wire.forget()
    rest(connection, running=health.REST_S + 1)
    request(connection)
    assert wire.statements == ["SELECT 42"]
    wire.hang_up()
    with pytest.raises(OperationalError):
        request(connection)
    assert request(connection) == (42,)


def test_a_connection_that_broke_is_replaced_in_the_same_request(wire: Recorder, make: Make) -> None:
    connection = make()
    request(connection)
    wire.hang_up_before = "SELECT 43"
    with pytest.raises(OperationalError):
        request(connection, "SELECT 43")
    assert connection.connection is None
    connection.ensure_connection()
    wire.hang_up_before = "SELECT 43"
    with connection.cursor() as cursor, pytest.raises(OperationalError):
        cursor.execute("SELECT 43")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 44")
        assert cursor.fetchone() == (44,)


def test_a_transaction_is_not_continued_on_another_connection(
    wire: Recorder, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = make()
    request(connection)
    monkeypatch.setattr(transaction, "get_connection", lambda _using=None: connection)
    wire.forget()
    wire.hang_up_before = "SELECT 43"

    def work() -> None:
        with transaction.atomic():
            with pytest.raises(OperationalError), connection.cursor() as cursor:
                cursor.execute("SELECT 43")
            with connection.cursor() as cursor:
                cursor.execute("SELECT 44")

    with pytest.raises(OperationalError):
        work()
    assert "SELECT 44" not in wire.statements
    assert request(connection) == (42,)


def test_time_limits_reach_the_socket(make: Make) -> None:
    import socket

    connection = make()
    connection.ensure_connection()
    with socket.socket(fileno=os.dup(connection.connection.fileno())) as raw:
        assert raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 10_000

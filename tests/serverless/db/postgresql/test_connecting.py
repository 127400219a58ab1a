"""Connections that cannot be made: how long that takes, and a password that was changed meanwhile."""

import json
import logging
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler
from psycopg.sql import SQL, Identifier, Literal
from pytest_django.plugin import DjangoDbBlocker

from serverless.db import Failure, database_failure
from serverless.db.postgresql import rotation
from serverless.db.postgresql.base import DatabaseWrapper
from tests.serverless.db.conftest import Place, address, server

type Keep = Callable[[str], None]


@pytest.fixture(autouse=True)
def unblocked(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def variable() -> str:
    """A variable of this test's own: how often one is asked for is remembered by its name."""
    return f"URL_{uuid.uuid4().hex}"


@pytest.fixture
def keep(monkeypatch: pytest.MonkeyPatch, variable: str) -> Iterator[Keep]:
    """Keep a URL in the secret that SECRETS names."""
    client: Any = boto3.client("secretsmanager")
    arn = client.create_secret(Name=f"loupe-{uuid.uuid4().hex}", SecretString="{}")["ARN"]
    monkeypatch.setenv("SECRETS", arn)
    yield lambda url: client.put_secret_value(SecretId=arn, SecretString=json.dumps({variable: url}))
    client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


def made(place: Place, variable: str, **changes: Any) -> DatabaseWrapper:
    given = {
        "ENGINE": "serverless.db.postgresql", "NAME": place.database, "USER": f"{place.prefix}admin",
        "PASSWORD": "the old one", "HOST": address()["host"], "PORT": str(address()["port"]),
        "OPTIONS": {"password_variable": variable},
    }  # fmt: skip
    wrapper = ConnectionHandler({"default": given | changes})["default"]
    assert isinstance(wrapper, DatabaseWrapper)
    return wrapper


def change_password(user: str, password: str) -> None:
    with server() as owner:
        owner.execute(SQL("ALTER ROLE {} PASSWORD {}").format(Identifier(user), Literal(password)))


def url(user: str, password: str) -> str:
    return f"postgresql://{user}:{password}@elsewhere:1/other"


def who(connection: DatabaseWrapper) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (name,) = cursor.fetchone()
    connection.close()
    return str(name)


def test_a_password_that_was_changed_is_read_again(place: Place, variable: str, keep: Keep) -> None:
    user = f"{place.prefix}admin"
    change_password(user, "the old one")
    connection = made(place, variable)
    assert who(connection) == user
    change_password(user, "the/new@one")
    keep(url(user, "the%2Fnew%40one"))
    assert who(connection) == user
    assert who(connection) == user  # and it stays, without the secret
    assert (connection.settings_dict["PASSWORD"], connection.settings_dict["HOST"]) == (
        "the/new@one",
        address()["host"],
    )


def test_so_is_a_user_that_was_changed_with_it(place: Place, variable: str, keep: Keep) -> None:
    """Secrets Manager's strategy of alternating users."""
    other = f"{place.prefix}clone"
    with server() as owner:
        owner.execute(SQL("CREATE ROLE {} LOGIN PASSWORD 'theirs'").format(Identifier(other)))
    keep(url(other, "theirs"))
    assert who(made(place, variable)) == other


@pytest.mark.parametrize("holds", ["the same", "nothing", "no URL", "no password", "not JSON"])
def test_what_does_not_help_is_the_server_s_refusal(
    place: Place,
    variable: str,
    keep: Keep,
    holds: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    user = f"{place.prefix}admin"
    change_password(user, "another")
    urls = {
        "the same": url(user, "the old one"),
        "no URL": "postgresql://[::1",
        "no password": f"postgresql://{user}@x/y",
    }
    if holds in urls:
        keep(urls[holds])
    if holds == "not JSON":
        monkeypatch.setenv("SECRETS", "nowhere")
    with caplog.at_level(logging.INFO), pytest.raises(OperationalError, match="authentication failed") as raised:
        made(place, variable).ensure_connection()
    assert database_failure(raised.value) is Failure.UNREACHABLE
    assert "the old one" not in caplog.text


def test_a_secret_is_not_asked_at_each_request(place: Place, variable: str, keep: Keep) -> None:
    user = f"{place.prefix}admin"
    change_password(user, "another")
    connection = made(place, variable)
    keep(url(user, "the old one"))
    with pytest.raises(OperationalError):
        connection.ensure_connection()
    keep(url(user, "another"))
    with pytest.raises(OperationalError):
        connection.ensure_connection()
    rotation._asked[variable] -= rotation.ASK_AGAIN_S
    assert who(connection) == user


@pytest.mark.parametrize("lacks", ["SECRETS", "password_variable", "PASSWORD"])
def test_nothing_is_asked_without_all_three(
    place: Place, variable: str, keep: Keep, lacks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = f"{place.prefix}admin"
    change_password(user, "another")
    keep(url(user, "another"))
    changes: dict[str, Any] = {"OPTIONS": {}} if lacks == "password_variable" else {}
    if lacks == "SECRETS":
        monkeypatch.delenv("SECRETS")
    if lacks == "PASSWORD":
        changes["PASSWORD"] = ""
    with pytest.raises(OperationalError):
        made(place, variable, **changes).ensure_connection()
    assert variable not in rotation._asked


def test_who_waited_in_vain_does_not_wait_twice_in_one_request(place: Place, variable: str) -> None:
    """An error page that looks up its visitor comes right after the view that could not."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        options = {"connect_timeout": 2}
        connection = made(place, variable, HOST="127.0.0.1", PORT=str(silent.getsockname()[1]), OPTIONS=options)
        connection.close_if_unusable_or_obsolete()
        for least, most in ((1.5, 3.0), (0.0, 0.5)):
            began = time.monotonic()
            with pytest.raises(OperationalError, match="timeout expired"):
                connection.ensure_connection()
            assert least < time.monotonic() - began < most
    # The next request tries for itself.
    connection.close_if_unusable_or_obsolete()
    with pytest.raises(OperationalError, match="refused"):
        connection.ensure_connection()


def test_limits_of_time_are_the_project_s_to_choose(place: Place, variable: str) -> None:
    params = made(place, variable).get_connection_params()
    assert (params["connect_timeout"], params["tcp_user_timeout"]) == (3, 10_000)
    params = made(place, variable, OPTIONS={"connect_timeout": 9, "tcp_user_timeout": 0}).get_connection_params()
    assert (params["connect_timeout"], params["tcp_user_timeout"]) == (9, 0)

"""Connections as libpq makes them, over TLS, to a proxy that asks for passwords as RDS does."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connections
from django.db.utils import ConnectionHandler
from pytest_django.plugin import DjangoDbBlocker

from serverless.credentials import MissingCredentials
from serverless.db.postgresql.base import DatabaseWrapper
from serverless.sigv4 import Credentials, rds_token
from tests.serverless.db.tls import HOST, Proxy, make_authority, owner, postgres, proxy


@pytest.fixture(autouse=True)
def unblocked(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """These connections are to servers of the tests' own, not to pytest-django's databases."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    with postgres() as port:
        with owner(port) as connection:
            connection.execute("CREATE ROLE rds_iam")
            connection.execute("CREATE ROLE web LOGIN IN ROLE rds_iam")
        yield port


@pytest.fixture
def secure(server: int, tmp_path: Path) -> Iterator[Proxy]:
    with proxy(tmp_path, to=server) as stands:
        yield stands


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[Proxy]:
    with proxy(tmp_path) as stands:
        yield stands


def wrapper(port: int = 5432, *, options: dict[str, Any] | None = None, **changes: Any) -> DatabaseWrapper:
    database = {
        "ENGINE": "serverless.db.postgresql", "NAME": "postgres", "USER": "web", "HOST": HOST, "PORT": str(port),
        "OPTIONS": {"iam": True, "hostaddr": "127.0.0.1", "connect_timeout": 3} | (options or {}),
    }  # fmt: skip
    made = ConnectionHandler({"default": database | changes})["default"]
    assert isinstance(made, DatabaseWrapper)
    return made


def token_of(server: Proxy, connection: DatabaseWrapper) -> str:
    with pytest.raises(OperationalError):  # it hangs up
        connection.ensure_connection()
    return server.heard[-1]


def test_the_tests_run_on_it() -> None:
    assert isinstance(connections["default"], DatabaseWrapper)


def test_the_password_is_a_token_for_this_user_and_server_and_moment(
    listening: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")  # the host's own region counts
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session/token+=")
    connection = wrapper(listening.port, options={"sslrootcert": str(listening.root)})
    token = token_of(listening, connection)
    stamp = parse_qs(token)["X-Amz-Date"][0]
    now = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)
    assert token == rds_token(
        HOST, port=listening.port, user="web", region="eu-central-1", credentials=Credentials.from_environ(), now=now
    )
    assert connection.settings_dict["PASSWORD"] == ""


def test_each_connection_has_a_token_of_its_own_time(listening: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = wrapper(listening.port, options={"sslrootcert": str(listening.root)})
    first = token_of(listening, connection)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "rotated")
    assert "X-Amz-Credential=rotated%2F" in token_of(listening, connection)
    assert "rotated" not in first


def test_nobody_is_handed_a_token_who_has_not_proven_their_name(listening: Proxy, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = make_authority(tmp_path / "other", name="Another root")
    for root in (str(other), None):  # somebody else's, and RDS's own, which did not sign this one
        connection = wrapper(listening.port, options={"sslrootcert": root} if root else {})
        with pytest.raises(OperationalError, match="certificate verify failed"):
            connection.ensure_connection()
    assert listening.heard == []


def test_it_connects_verified_and_asks_nothing_first(secure: Proxy, server: int) -> None:
    connection = wrapper(secure.port, options={"sslrootcert": str(secure.root)})
    connection.ensure_connection()
    with owner(server) as other:
        pid = connection.connection.info.backend_pid
        found = other.execute("SELECT query, usename FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone()
    assert found == ("", "web")
    with connection.cursor() as cursor:
        cursor.execute("SELECT repeat('x', 100000)")
        assert cursor.fetchone() == ("x" * 100_000,)
    connection.close()
    assert secure.heard[0].startswith(f"{HOST}:{secure.port}/?Action=connect&DBUser=web&X-Amz-Algorithm=")


def test_a_server_of_another_name_is_refused(secure: Proxy) -> None:
    connection = wrapper(secure.port, HOST="db.example", options={"sslrootcert": str(secure.root)})
    with pytest.raises(OperationalError, match=r'does not match host name "db\.example"'):
        connection.ensure_connection()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"PASSWORD": "hunter2"}, "PASSWORD beside iam"),
        ({"USER": ""}, "no USER"),
        ({"HOST": ""}, "no HOST"),
        ({"options": {"pool": True}}, "pool beside iam"),
        ({"options": {"sslmode": "require"}}, "another sslmode than verify-full"),
        ({"HOST": "db.example"}, r"No root certificate is known for db\.example\. Set OPTIONS"),
        ({"HOST": "x.c9a.xx-nowhere-7.rds.amazonaws.com"}, "No root certificate is known"),
    ],
)
def test_contradictions_are_named_without_the_password(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=words) as raised:
        wrapper(**changes).get_connection_params()
    assert "hunter2" not in str(raised.value)


def test_outside_of_a_function_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(MissingCredentials):
        wrapper().get_connection_params()


def test_without_iam_it_is_django_s_own() -> None:
    params = wrapper(PASSWORD="x", options={"iam": False, "sslmode": "prefer"}).get_connection_params()
    assert (params["password"], params["sslmode"], "iam" in params, "sslrootcert" in params) == (
        "x", "prefer", False, False,
    )  # fmt: skip

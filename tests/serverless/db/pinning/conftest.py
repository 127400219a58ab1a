"""Clients of a pgbouncer that has two connections to the server, and what the detector says of them."""

import os
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from inspect import currentframe
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler
from psycopg.sql import SQL, Identifier
from pytest_django.plugin import DjangoDbBlocker

from serverless.db.pinning.watching import Pin, listening, watch
from tests.pgbouncer import bouncer
from tests.serverless.db.conftest import server

ALIAS = "pooled"


class Pooled:
    """Everybody's way to one database, through pgbouncer."""

    def __init__(self, url: str, stack: ExitStack) -> None:
        self.url = url
        self.stack = stack

    def client(self, **options: Any) -> "psycopg.Connection[Any]":
        """Connect with psycopg, out of the detector's sight."""
        given = {"autocommit": True, "prepare_threshold": None} | options
        return self.stack.enter_context(psycopg.connect(self.url, **given))

    def watched(self, pins: list[Pin], **options: Any) -> "psycopg.Connection[Any]":
        connection = self.client(**options)
        self.stack.callback(watch(connection, pins.append))
        return connection

    def django(self, *, options: dict[str, Any] | None = None, **changes: Any) -> BaseDatabaseWrapper:
        """Return Django's connection ``pooled``: as Loupe's settings have it, if nothing is changed."""
        parts = urlsplit(self.url)
        given = settings.DATABASES["default"] | {
            "NAME": parts.path[1:], "HOST": parts.hostname, "PORT": str(parts.port),
            "OPTIONS": settings.DATABASES["default"]["OPTIONS"] | (options or {}),
        } | changes  # fmt: skip
        connections.settings[ALIAS] = ConnectionHandler({"default": given}).settings["default"]
        made = connections[ALIAS]
        self.stack.callback(_forget, made)
        return made


def _forget(connection: BaseDatabaseWrapper) -> None:
    connection.close()
    del connections[ALIAS], connections.settings[ALIAS]


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """The URL of an empty database of this module's."""
    name = Identifier(f"pins_{uuid.uuid4().hex[:8]}")
    with server() as owner:
        owner.execute(SQL("CREATE DATABASE {}").format(name))
    yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name.as_string().strip(chr(34))}").geturl()
    with server() as owner:
        owner.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.fixture
def pooled(database: str, django_db_blocker: DjangoDbBlocker) -> Iterator[Pooled]:
    with (
        django_db_blocker.unblock(),
        bouncer(database, pool_size=2) as running,
        ExitStack() as stack,
    ):
        yield Pooled(running.url, stack)


@pytest.fixture
def pins() -> list[Pin]:
    return []


@pytest.fixture
def heard(pins: list[Pin]) -> Iterator[list[Pin]]:
    """What the detector says of Django's connections."""
    with listening(pins.append):
        yield pins


@contextmanager
def busy(connection: "psycopg.Connection[Any]") -> Iterator[None]:
    """Hold the server's connection that was used last: pgbouncer lends that one first."""
    with connection.transaction():
        connection.execute("SELECT 1")
        yield


def next_line() -> str:
    """Return the place of the line below the caller's, as the detector writes it."""
    frame = currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return f"{Path(frame.f_back.f_code.co_filename).relative_to(Path.cwd())}:{frame.f_back.f_lineno + 1}"


def found(pins: list[Pin]) -> list[tuple[str, str]]:
    return [(pin.rule.id, pin.line) for pin in pins]

"""Aliases of two real servers, "pair" and its replica "copy", beside those of settings, for one test at a time.

pytest-django's databases are wrapped in transactions and mirrored; these are neither.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.db.backends.signals import connection_created
from django.db.models import Model
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from serverless.db.replicas import choice, statements
from serverless.tasks.models import Pause, TaskGroup, TaskRow
from tests.replication import Pair

REPLICAS: dict[str, Any] = {
    "OF": {"pair": ["copy"]},
    "MODELS": ["tasks.Pause", "tasks.TaskGroup", "tasks.TaskRow"],
    "SECONDS": 10,
    "MAX_LAG": 5,
    # Each request looks anew, unless a test says otherwise.
    "SAMPLE_SECONDS": 0.001,
    "REST_SECONDS": 30,
}


class ToPair:
    """Another router, as one of shards would be."""

    def db_for_read(self, _model: type[Model], **_: Any) -> str:
        return "pair"

    db_for_write = db_for_read


@pytest.fixture(scope="session")
def servers() -> Iterator[Pair]:
    pair = Pair()
    pair.start()
    yield pair
    pair.remove()


@pytest.fixture
def pair(servers: Pair, settings: Settings, django_db_blocker: DjangoDbBlocker) -> Iterator[Pair]:
    """The servers, both of them up and without rows, and settings that use them."""
    settings.SERVERLESS = {"REPLICAS": REPLICAS}
    settings.DATABASE_ROUTERS = ["serverless.db.replicas.Router", f"{__name__}.ToPair"]
    databases = {"default": {}, "pair": entry(servers.url("primary")), "copy": entry(servers.url("replica"))}
    configured = connections.configure_settings(databases)
    with django_db_blocker.unblock():
        connections.settings |= {alias: configured[alias] for alias in ("pair", "copy")}
        statements.watch()
        choice.forget()
        _empty()
        servers.catch_up()
        yield servers
        connection_created.disconnect(statements._watch)
        for alias in ("pair", "copy"):
            connections[alias].close()
            del connections[alias]
            del connections.settings[alias]


def entry(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "ENGINE": "serverless.db.postgresql",
        "NAME": parts.path[1:],
        "USER": parts.username,
        "PASSWORD": parts.password,
        "HOST": parts.hostname,
        "PORT": parts.port,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 2, "server_side_binding": True},
    }


def _empty() -> None:
    with connections["pair"].schema_editor() as editor:
        editor.execute("DROP SCHEMA public CASCADE")
        editor.execute("CREATE SCHEMA public")
        for model in (Pause, TaskGroup, TaskRow):
            editor.create_model(model)

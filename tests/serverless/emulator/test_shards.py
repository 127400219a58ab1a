import os
import secrets
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from serverless.emulator import shards
from serverless.emulator.exceptions import ServiceFailed
from settings.env import Env


@pytest.fixture
def name() -> Iterator[str]:
    name = f"t{secrets.token_hex(4)}"
    yield name
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(f"shard-{name}")))


def test_each_shard_is_a_database_that_stays(name: str) -> None:
    url = os.environ["DATABASE_URL"]
    first = shards.environ(url, [name])
    with psycopg.connect(first["DATABASE_SHARD_URLS"].partition("=")[2], autocommit=True) as connection:
        connection.execute("CREATE TABLE kept ()")
    assert shards.environ(url, [name]) == first
    with psycopg.connect(first["DATABASE_SHARD_URLS"].partition("=")[2], autocommit=True) as connection:
        connection.execute("SELECT FROM kept")
    assert Env(first).databases("DATABASE_SHARD_URLS")[name]["NAME"] == f"shard-{name}"


def test_none_are_asked_for_by_default() -> None:
    assert shards.environ("postgresql://nobody@127.0.0.1:9/x", []) == {}


def test_a_server_that_refuses_is_told() -> None:
    with pytest.raises(ServiceFailed, match="databases of the shards could not be made"):
        shards.environ("postgresql://nobody@127.0.0.1:9/x?connect_timeout=1", ["one"])

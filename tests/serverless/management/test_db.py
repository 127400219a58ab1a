import json
import os
import uuid
from collections.abc import Callable
from io import StringIO
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections

from serverless.management.commands.db import NOT_READY
from tests.serverless.db.conftest import Place, place

__all__ = ["place"]

type Db = Callable[..., str]


@pytest.fixture
def db(place: Place, monkeypatch: pytest.MonkeyPatch) -> Db:
    """`manage.py db bootstrap` on a database of its own, by whoever the environment names."""
    monkeypatch.setitem(connections["default"].settings_dict, "NAME", place.database)

    def run(*words: str) -> str:
        out = StringIO()
        call_command("db", "bootstrap", "--prefix", place.prefix, *words, stdout=out)
        return out.getvalue()

    return run


def url(user: str, password: str, database: str) -> str:
    default = settings.DATABASES["default"]
    return f"postgresql://{user}:{quote(password, safe='')}@{default['HOST']}:{default['PORT']}/{database}"


@pytest.fixture
def by_url(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.connect("admin").close()
    monkeypatch.setenv("DATABASE_ADMIN_URL", url(f"{place.prefix}admin", place.password, place.database))


@pytest.mark.usefixtures("by_url")
def test_it_says_what_is_missing_makes_it_and_then_is_content(place: Place, db: Db) -> None:
    with pytest.raises(CommandError, match=f"NOT {place.prefix}web is a user\n") as raised:
        db("--check")
    assert raised.value.returncode == NOT_READY
    assert f"\n{place.prefix}worker is a user\n" in db()
    assert db("--check").startswith("NOT the extension pg_stat_statements counts statements (which is not needed)")


def test_the_password_comes_from_the_secret_that_rds_keeps(
    place: Place, db: Db, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.connect("admin").close()
    client: Any = boto3.client("secretsmanager")
    text = json.dumps({"username": f"{place.prefix}admin", "password": place.password})
    arn = client.create_secret(Name=f"rds!db-{uuid.uuid4()}", SecretString=text)["ARN"]
    monkeypatch.setenv("DATABASE_ADMIN_SECRET", arn)
    assert f"{place.prefix}web is a user\n" in db()
    assert place.password not in str(os.environ)


def test_a_secret_that_is_another_one(db: Db, monkeypatch: pytest.MonkeyPatch) -> None:
    client: Any = boto3.client("secretsmanager")
    arn = client.create_secret(Name=f"rds!db-{uuid.uuid4()}", SecretString='{"username": "x"}')["ARN"]
    monkeypatch.setenv("DATABASE_ADMIN_SECRET", arn)
    with pytest.raises(CommandError, match="The secret in DATABASE_ADMIN_SECRET has no password"):
        db()


@pytest.mark.usefixtures("by_url")
def test_where_nothing_is_missing_nobody_is_needed(db: Db, monkeypatch: pytest.MonkeyPatch) -> None:
    db()
    monkeypatch.delenv("DATABASE_ADMIN_URL")
    assert db() == db("--check") != ""


def test_nobody_to_do_it(db: Db) -> None:
    with pytest.raises(CommandError, match="Set DATABASE_ADMIN_SECRET to the ARN"):
        db()


def test_a_secret_that_is_not_there(db: Db, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_ADMIN_SECRET", "nobody")
    with pytest.raises(CommandError, match="DATABASE_ADMIN_SECRET: nobody could not be read"):
        db()


def test_a_wrong_password_is_not_repeated(place: Place, db: Db, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_ADMIN_URL", url(f"{place.prefix}admin", "hunter2", place.database))
    with pytest.raises(CommandError, match="The administrator could not connect: ") as raised:
        db()
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("value", ["hunter2", "mysql://root:hunter2@h/x", "host=h nonsense=hunter2"])
def test_a_url_that_is_none_is_not_repeated(db: Db, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("DATABASE_ADMIN_URL", value)
    with pytest.raises(CommandError, match="DATABASE_ADMIN_URL is not of the form postgresql://") as raised:
        db()
    assert "hunter2" not in str(raised.value)


@pytest.mark.usefixtures("by_url")
def test_words_that_mean_nothing_are_refused(db: Db) -> None:
    with pytest.raises(CommandError, match="unrecognized arguments: --force"):
        db("--force")
    with pytest.raises(CommandError, match="invalid choice: 'drop'"):
        call_command("db", "drop")

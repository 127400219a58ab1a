"""`manage.py db bootstrap` where a server decides who logs in how, as RDS does: by memberships, in pg_hba.conf."""

import json
import uuid
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from serverless.db import administrator
from tests.serverless.db.tls import HOST, Proxy, owner, postgres, proxy

PASSWORD = "hunter2"


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    with postgres() as port:
        with owner(port) as connection:
            connection.execute(f"CREATE ROLE founder LOGIN CREATEDB CREATEROLE PASSWORD '{PASSWORD}'".encode())
            connection.execute("CREATE DATABASE app OWNER founder")
        yield port


@pytest.fixture
def rds(server: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """The migrator's view of it: DATABASES, and the secret of the first user."""
    client: Any = boto3.client("secretsmanager")
    secret = json.dumps({"username": "founder", "password": PASSWORD})
    arn = client.create_secret(Name=f"rds!db-{uuid.uuid4()}", SecretString=secret)["ARN"]
    monkeypatch.setenv(administrator.SECRET, arn)
    monkeypatch.setenv("PGHOSTADDR", "127.0.0.1")
    with proxy(tmp_path, to=server) as stands:
        changes = {
            "HOST": HOST, "PORT": str(stands.port), "NAME": "app", "USER": "migrator", "PASSWORD": "",
            "OPTIONS": {"iam": True, "sslrootcert": str(stands.root)},
        }  # fmt: skip
        for key, value in changes.items():
            monkeypatch.setitem(connections["default"].settings_dict, key, value)
        yield stands


def db(*words: str) -> str:
    out = StringIO()
    call_command("db", "bootstrap", *words, stdout=out)
    return out.getvalue()


def founder(rds: Proxy) -> "psycopg.Connection[Any]":
    return psycopg.connect(**administrator.parameters(connections["default"].settings_dict))


def test_who_has_made_users_of_iam_is_no_longer_let_in_by_password_and_does_without(
    rds: Proxy, server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "migrator is a user\n" in db()
    founder(rds).close()
    with owner(server, dbname="app") as superuser:
        # RDS has its first user grant it without being in it, which PostgreSQL lets a superuser alone.
        superuser.execute("CREATE ROLE rds_iam")
        superuser.execute("GRANT rds_iam TO web, worker, migrator")
        with pytest.raises(psycopg.OperationalError, match=r'pg_hba\.conf rejects connection .* user "founder"'):
            founder(rds)

        heard = len(rds.heard)
        assert db("--check").startswith(said := db())
        assert said.startswith("NOT the extension pg_stat_statements counts statements (which is not needed)")
        assert ["DBUser=migrator" in each for each in rds.heard[heard:]] == [True, True]

        superuser.execute("ALTER ROLE worker RESET statement_timeout")
        with pytest.raises(CommandError, match="NOT worker has statement_timeout"):
            db("--check")
        assert db().startswith("worker has statement_timeout = ")
        assert [each == PASSWORD for each in rds.heard[-3:]] == [False, True, False]
        assert "DBUser=founder" in rds.heard[-1]

        superuser.execute("ALTER ROLE worker RESET statement_timeout")
        superuser.execute("REVOKE rds_iam FROM web, worker, migrator")
        superuser.execute("ALTER ROLE founder PASSWORD 'rotated'")
        with pytest.raises(
            CommandError, match=r"neither by password nor by a token .* rds-db:connect as founder\."
        ) as no:
            db()
        assert PASSWORD not in str(no.value)

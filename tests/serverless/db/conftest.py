"""A database of its own with an administrator as RDS has one, and names that no other test run has."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from django.conf import settings
from psycopg.sql import SQL, Identifier, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """``prefix`` begins the name of every role in it, the administrator's (``{prefix}admin``) too."""

    prefix: str
    password: str = "pass word:/@"

    @property
    def database(self) -> str:
        return f"{self.prefix}db"

    def connect(self, user: str) -> "psycopg.Connection[Any]":
        """Connect as ``{prefix}{user}``, who is given a password if need be; RDS would take a token."""
        name = f"{self.prefix}{user}"
        with server() as owner:
            owner.execute(SQL("ALTER ROLE {} PASSWORD {}").format(Identifier(name), Literal(self.password)))
        return psycopg.connect(**address(), dbname=self.database, user=name, password=self.password, autocommit=True)


def address() -> dict[str, Any]:
    database = settings.DATABASES["default"]
    return {"host": database["HOST"], "port": database["PORT"]}


def server(dbname: str = "postgres") -> "psycopg.Connection[Any]":
    """Connect as the superuser of the test's server."""
    database = settings.DATABASES["default"]
    return psycopg.connect(
        **address(), dbname=dbname, user=database["USER"], password=database["PASSWORD"], autocommit=True
    )


@pytest.fixture
def place() -> Iterator[Place]:
    made = Place(prefix=f"t{uuid.uuid4().hex[:8]}_")
    admin, database = Identifier(f"{made.prefix}admin"), Identifier(made.database)
    with server() as owner:
        # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.html
        owner.execute(SQL("CREATE ROLE {} LOGIN NOSUPERUSER CREATEDB CREATEROLE").format(admin))
        owner.execute(SQL("CREATE DATABASE {} OWNER {}").format(database, admin))
        # On RDS the first user may hand it on.
        iam = Identifier(f"{made.prefix}iam")
        owner.execute(SQL("CREATE ROLE {}").format(iam))
        owner.execute(SQL("GRANT {} TO {} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE").format(iam, admin))
    yield made
    with server() as owner:
        owner.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(database))
        roles = owner.execute("SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)", [made.prefix]).fetchall()
        for (role,) in sorted(roles, key=lambda row: row[0].endswith("admin")):
            owner.execute(SQL("DROP OWNED BY {} CASCADE").format(Identifier(role)))
            owner.execute(SQL("DROP ROLE {}").format(Identifier(role)))

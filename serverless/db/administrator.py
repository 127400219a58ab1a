"""As whom users are made: the password that RDS keeps and rotates in a secret, or a URL of one's own."""

import os
from collections.abc import Mapping
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

from serverless import secrets
from serverless.db import certificates
from serverless.db.exceptions import NoAdministrator
from serverless.db.tokens import token

__all__ = ["SECRET", "URL", "connect", "parameters"]

SECRET: Final = "DATABASE_ADMIN_SECRET"  # noqa: S105 - the name of a variable
URL: Final = "DATABASE_ADMIN_URL"


def connect(database: Mapping[str, Any]) -> psycopg.Connection[Any]:
    """Connect to the server and database of ``database``, an entry of DATABASES: by password, then by a token.

    Who makes a user becomes a member of it, with no right but to hand it on, and cannot cease to be one. If that user
    logs in by IAM, its maker is asked for a token as well, from the first bootstrap on: PostgreSQL follows memberships
    whatever they grant. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/database-authentication.html

    Raises NoAdministrator, SecretUnavailable, and UnknownAuthority.
    """
    given = parameters(database)
    try:
        return psycopg.connect(**given, autocommit=True)
    except psycopg.OperationalError as refused:
        if not (database["OPTIONS"].get("iam") and _proven(given) and _asked_for_password(refused)):
            raise NoAdministrator(f"The administrator could not connect: {refused}") from None
        by_password = refused
    given["password"] = token(given["host"], port=int(given.get("port") or 5432), user=given["user"])
    try:
        return psycopg.connect(**given, autocommit=True)
    except psycopg.OperationalError as refused:
        raise NoAdministrator(
            f"The administrator could not connect, neither by password nor by a token of IAM, for which the role needs "
            f"rds-db:connect as {given['user']}.\nBy password: {by_password}\nBy token: {refused}"
        ) from None


def parameters(database: Mapping[str, Any]) -> dict[str, Any]:
    """Return what psycopg connects with, to the server and database of ``database``.

    Raises NoAdministrator, SecretUnavailable, and UnknownAuthority.
    """
    if url := os.environ.get(URL):
        return _parsed(url)
    if not (name := os.environ.get(SECRET)):
        raise NoAdministrator(
            f"Set {SECRET} to the ARN of the secret that RDS keeps of its first user (an output of the stack; only the "
            f"migrator function may read it), or {URL} to postgresql://user:password@host:5432/name."
        )
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
    found = secrets.read(name, variable=SECRET)
    if missing := {"username", "password"} - found.keys():
        raise NoAdministrator(f"The secret in {SECRET} has no {' and no '.join(sorted(missing))}: is it another one?")
    return {
        "host": database["HOST"],
        "port": database["PORT"],
        "dbname": database["NAME"],
        "user": found["username"],
        "password": found["password"],
        "connect_timeout": 10,
        **_tls(database["HOST"], database["OPTIONS"]),
    }


def _proven(given: Mapping[str, Any]) -> bool:
    return bool(given.get("host") and given.get("user") and given.get("sslmode") == "verify-full")


def _asked_for_password(error: psycopg.OperationalError) -> bool:
    """Whether the server asked for a password before it hung up: libpq hands on no code of such an error."""
    return bool(error.pgconn and error.pgconn.used_password)


def _tls(host: str, options: Mapping[str, Any]) -> dict[str, str]:
    """Return how ``host`` is met: as ``options`` say, and where they say nothing, it proves its name if it can."""
    if options.get("iam"):
        return certificates.verified(host, given=options.get("sslrootcert"))
    given = {key: value for key, value in options.items() if key in {"sslmode", "sslrootcert"}}
    # libpq's own default would hand the password to whoever answers.
    return given if "sslmode" in given or not certificates.root(host) else certificates.verified(host) | given


def _parsed(url: str) -> dict[str, Any]:
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError:  # libpq's words repeat the password
        raise NoAdministrator(f"{URL} is not of the form postgresql://user:password@host:5432/name.") from None
    return given | _tls(str(given.get("host") or ""), given)

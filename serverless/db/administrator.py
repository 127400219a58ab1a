"""As whom users are made: the password that RDS keeps and rotates in a secret, or a URL of one's own."""

import os
from collections.abc import Mapping
from typing import Any, Final

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from serverless import secrets
from serverless.db import certificates
from serverless.db.exceptions import NoAdministrator

__all__ = ["SECRET", "URL", "parameters"]

SECRET: Final = "DATABASE_ADMIN_SECRET"  # noqa: S105 - the name of a variable
URL: Final = "DATABASE_ADMIN_URL"


def parameters(database: Mapping[str, Any]) -> dict[str, Any]:
    """Return what psycopg connects with, to the server and database of ``database``, an entry of DATABASES.

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


def _tls(host: str, options: Mapping[str, Any]) -> dict[str, str]:
    if options.get("iam"):
        return certificates.verified(host, given=options.get("sslrootcert"))
    return {key: value for key, value in options.items() if key in {"sslmode", "sslrootcert"}}


def _parsed(url: str) -> dict[str, Any]:
    try:
        return conninfo_to_dict(url)
    except ProgrammingError:  # libpq's words repeat the password
        raise NoAdministrator(f"{URL} is not of the form postgresql://user:password@host:5432/name.") from None

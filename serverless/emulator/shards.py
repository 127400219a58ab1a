"""Databases for shards, in the server that there is: each begins empty and stays, as the first one does."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from serverless.emulator.exceptions import ServiceFailed

_PREFIX: Final = "shard-"


def environ(url: str, names: Sequence[str]) -> dict[str, str]:
    """Make what is missing in the server of ``url``; return the variable naming the shards. Raises ServiceFailed."""
    if not names:
        return {}
    # Only who wants shards needs it here: the functions bring their own.
    import psycopg
    from psycopg import sql

    try:
        with psycopg.connect(url, autocommit=True) as connection:
            there = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
            for name in names:
                if _PREFIX + name not in there:
                    statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(_PREFIX + name))
                    connection.execute(statement)
    except psycopg.Error as error:
        raise ServiceFailed("PostgreSQL", f"the databases of the shards could not be made: {error}") from error
    urls = (f"{name}={urlsplit(url)._replace(path=f'/{_PREFIX}{name}').geturl()}" for name in names)
    return {"DATABASE_SHARD_URLS": ",".join(urls)}

"""A router that follows the test, as a shard router follows the request."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_database = ContextVar("_database", default="default")


@contextmanager
def chosen(database: str) -> Iterator[None]:
    token = _database.set(database)
    try:
        yield
    finally:
        _database.reset(token)


class Chosen:
    def db_for_write(self, model: object, **hints: object) -> str:  # noqa: ARG002 - Django's signature
        return _database.get()

    db_for_read = db_for_write

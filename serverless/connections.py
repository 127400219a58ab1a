"""What to do with database connections that something interrupted."""

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["abandon", "discard"]


def abandon() -> None:
    """Close every connection of this thread: its session may be in the middle of anything.

    A signal can come between the bytecodes that open or close a transaction. A wrapper that still believes in one would
    refuse every later request, so it is forgotten, and the next use makes a new one.
    """
    for connection in connections.all(initialized_only=True):
        connection.close()
        if connection.in_atomic_block:
            del connections[connection.alias]


def discard(connection: BaseDatabaseWrapper) -> None:
    """Close what ``connection`` holds, of whichever thread it is; a pool, which would keep it, finds it closed."""
    if connection.connection is not None:
        connection.connection.close()
    connection.inc_thread_sharing()
    try:
        connection.close()
    finally:
        connection.dec_thread_sharing()

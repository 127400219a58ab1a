"""What to do with database connections that something interrupted."""

from django.db import connections

__all__ = ["abandon"]


def abandon() -> None:
    """Close every connection of this thread: its session may be in the middle of anything.

    A signal can come between the bytecodes that open or close a transaction. A wrapper that still believes in one would
    refuse every later request, so it is forgotten, and the next use makes a new one.
    """
    for connection in connections.all(initialized_only=True):
        connection.close()
        if connection.in_atomic_block:
            del connections[connection.alias]

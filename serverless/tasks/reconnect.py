"""A statement, once more on a new connection where the old one broke: a freeze, a failover, a restart."""

import time
from collections.abc import Callable, Sequence

from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections

# InterfaceError is no DatabaseError in PEP 249.
DATABASE_AWAY = (DatabaseError, InterfaceError)


def patiently[T](statement: Callable[[], T], *, pauses: Sequence[float]) -> T:
    """Return what ``statement`` returns; try again after each of ``pauses`` (seconds) while the connection is broken.

    The statement must bear being run twice: its first reply may be what was lost. Raises the last error.
    """
    for pause in pauses:
        # Closes what an error, or a task that left a transaction open, made unusable.
        close_old_connections()
        try:
            return statement()
        except (OperationalError, InterfaceError):
            time.sleep(pause)
    close_old_connections()
    return statement()

"""Which connections Django has opened, for whoever wants to watch them."""

import weakref
from collections.abc import Callable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["Opened", "opened", "tell_me", "tell_me_no_more", "wrappers"]

type Opened = Callable[[BaseDatabaseWrapper, Any], None]
# All three are of this process: events come one at a time, and each thread has connections of its own.
_wrappers: weakref.WeakSet[BaseDatabaseWrapper] = weakref.WeakSet()
_told: list[Opened] = []


def opened(wrapper: BaseDatabaseWrapper, connection: Any) -> None:
    """Take notice of a connection (psycopg's) that ``wrapper`` has just made, before anything is sent on it."""
    _wrappers.add(wrapper)
    for told in _told:
        told(wrapper, connection)


def wrappers() -> list[BaseDatabaseWrapper]:
    """Return Django's wrappers, of all threads, that have opened a connection."""
    return list(_wrappers)


def tell_me(told: Opened) -> None:
    """Have ``told`` called with each connection that is opened from now on."""
    _told.append(told)


def tell_me_no_more(told: Opened) -> None:
    _told.remove(told)

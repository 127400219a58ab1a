"""redis-py's pool, for one request at a time: the same connection each time, and more only for more threads."""

import time
from typing import Any, Final

from redis.connection import ConnectionPool

from serverless.cache.breaker import Breaker
from serverless.cache.connection import BoundedConnection

__all__ = ["Pool"]

# For servers with threads. An execution environment uses one.
_MOST: Final = 20


class Pool(ConnectionPool):
    """Hands out connections to one server while its breaker allows it, and charges the time they are away."""

    def __init__(self, *, breaker: Breaker, **options: Any) -> None:
        self.breaker = breaker
        super().__init__(
            connection_class=BoundedConnection,
            max_connections=_MOST,
            protocol=2,  # RESP3 has to be asked for, which is a round trip
            breaker=breaker,
            **options,
        )

    def get_connection(self, *_: object, **__: object) -> Any:
        """Return a connection that is ready. Raises LeftAlone, or redis-py's errors."""
        self._checkpid()
        allowed = self.breaker.allowance()
        began = time.monotonic()
        try:
            connection = self._available_connections.pop()
        except IndexError:
            connection = self.make_connection()
        self._in_use_connections.add(connection)
        connection.began = began
        try:
            connection.ready(began=began, allowed=allowed)
        except BaseException:
            self.release(connection)
            raise
        return connection

    def release(self, connection: Any) -> None:
        """Take a connection back."""
        self._checkpid()
        self._in_use_connections.discard(connection)
        if connection.pid != self.pid:  # of the process that this one was forked from
            return
        if connection.should_reconnect():
            connection.disconnect()
        connection.rest()
        self.breaker.charge(time.monotonic() - connection.began)
        self._available_connections.append(connection)

    def reset(self) -> None:
        """Forget all connections."""
        super().reset()
        self.breaker.reset()

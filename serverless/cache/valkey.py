"""redis-py's client, without what it measures for itself on the way: 10 us of Python a call in the place of 55."""

from collections.abc import Sequence
from typing import Any, cast

from redis.client import Redis
from redis.exceptions import ResponseError

from serverless.cache.pool import Pool
from serverless.cache.wire import Piece, pack

__all__ = ["Command", "Valkey", "exchange"]

type Command = Sequence[Piece]


class Valkey(Redis):
    """One server."""

    connection_pool: Pool

    def ask(self, *command: Piece) -> Any:
        """Send one command and return its answer as it came. Raises redis-py's errors, LeftAlone among them."""
        pool = self.connection_pool
        connection = pool.get_connection()
        try:
            return connection.ask(pack(*command))
        finally:
            pool.release(connection)

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send one command of redis-py's, and return its answer as redis-py does."""
        name = args[0]
        answer = self.ask(*(name.split() if isinstance(name, str) and " " in name else (name,)), *args[1:])
        options.pop("keys", None)
        callback = cast("Any", self.response_callbacks).get(name)
        return callback(answer, **options) if callback else answer

    def together(self, commands: Sequence[Command]) -> list[Any]:
        """Send all commands, then read all answers: one round trip. An error that was answered is in its place."""
        return exchange(self.connection_pool, commands)

    def keys_like(self, pattern: str, *, size: int) -> list[bytes]:
        """Return all keys that fit the pattern, by SCAN: nobody else has to wait, as for KEYS."""
        return list(dict.fromkeys(self.scan_iter(match=pattern, count=size)))

    def shut(self) -> None:
        """Close the connections. They are opened again when they are needed."""
        self.connection_pool.disconnect()
        self.connection_pool.breaker.reset()


def exchange(pool: Pool, commands: Sequence[Command]) -> list[Any]:
    """Send all commands to one server, then read all answers."""
    if not commands:
        return []
    connection = pool.get_connection()
    try:
        connection.send(b"".join(pack(*command) for command in commands))
        return [_answer(connection) for _ in commands]
    except BaseException:
        connection.disconnect()
        raise
    finally:
        pool.release(connection)


def _answer(connection: Any) -> Any:
    try:
        return connection.read_response()
    except ResponseError as error:
        return error

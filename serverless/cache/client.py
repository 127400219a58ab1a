"""django-redis' client: one key a command, an end for every key, data for every value.

In cluster mode a command may name keys of one slot only. So what is done with many keys is sent as one command a key,
all of them in one round trip to each server.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import wraps
from typing import Any, Final

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django_redis.client.default import DefaultClient
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import RedisError

from serverless.cache.counts import counts
from serverless.cache.exceptions import KeyWithoutEnd, Unreadable
from serverless.cache.serializer import DataSerializer
from serverless.cache.valkey import Command, Valkey

__all__ = ["Client"]

_SCANNED: Final = 1000
_DIGITS: Final = frozenset((b"-", *(b"%d" % digit for digit in range(10))))
# Of django-redis' own, beside Django's: sets, hashes and sorted sets have no end, and some read several keys at once.
_ENDLESS: Final = (
    "persist", "sadd", "scard", "sdiff", "sdiffstore", "sinter", "sinterstore", "sismember", "smismember",
    "smembers", "smove", "spop", "srandmember", "srem", "sscan", "sscan_iter", "sunion", "sunionstore", "hset",
    "hdel", "hlen", "hkeys", "hexists", "zadd", "zcard", "zcount", "zincrby", "zpopmax", "zpopmin", "zrange",
    "zrangebyscore", "zrank", "zrem", "zremrangebyscore", "zrevrange", "zrevrangebyscore", "zscore",
)  # fmt: skip


def interrupted[**P, R](method: Callable[P, R]) -> Callable[P, R]:
    """Raise what RedisCache takes for a miss, where Valkey does not answer or refuses."""

    @wraps(method)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except RedisError as error:
            counts.away += 1
            raise ConnectionInterrupted(connection=None) from error

    return wrapped


class Client(DefaultClient):  # type: ignore[misc] # django-redis has no types
    """What ``caches[alias].client`` is."""

    def __init__(self, server: str, params: dict[str, Any], backend: Any) -> None:
        super().__init__(server, params, backend)
        self._serializer: DataSerializer
        self._longest: int = self._options["LONGEST_TIMEOUT"]

    def valkey(self) -> Valkey:
        """Return the one server's or the cluster's client; nothing is connected."""
        found: Valkey = self._clients[0] or self.get_client()
        return found

    def get(self, key: str, default: Any = None, version: int | None = None, client: Valkey | None = None) -> Any:
        """Return the value of a key; what cannot be read is not there."""
        try:
            value = (client or self.valkey()).ask("GET", self.make_key(key, version))
        except RedisError as error:
            counts.away += 1
            raise ConnectionInterrupted(connection=client) from error
        if value is not None:
            try:
                found = self.decode(value)
            except Unreadable:
                pass
            else:
                counts.hits += 1
                return found
        counts.misses += 1
        return default

    def set(self, key: str, value: Any, timeout: float | None = DEFAULT_TIMEOUT, *args: Any, **kwargs: Any) -> bool:
        """Keep a value; ``timeout=None`` keeps it as long as anything is kept."""
        try:
            done: bool = super().set(key, value, self._end(timeout), *args, **kwargs)
        except ConnectionInterrupted:
            counts.away += 1
            raise
        return done

    def touch(self, key: str, timeout: float | None = DEFAULT_TIMEOUT, *args: Any, **kwargs: Any) -> bool:
        """Give a key another end."""
        done: bool = super().touch(key, self._end(timeout), *args, **kwargs)
        return done

    @interrupted
    def get_many(
        self, keys: Collection[str], version: int | None = None, client: Valkey | None = None
    ) -> dict[str, Any]:
        """Return the values that there are."""
        keys = list(keys)
        values = self._together(client, [("GET", self.make_key(key, version)) for key in keys])
        found: dict[str, Any] = {}
        for key, value in zip(keys, values, strict=True):
            if value is not None:
                try:
                    found[key] = self.decode(value)
                except Unreadable:
                    continue
        counts.hits += len(found)
        counts.misses += len(keys) - len(found)
        return found

    @interrupted
    def set_many(
        self,
        data: Mapping[str, Any],
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
        client: Valkey | None = None,
    ) -> list[str]:
        """Keep several values; return the keys that could not be kept: none, where this returns."""
        milliseconds = int(self._end(timeout) * 1000)
        commands: list[Command] = []
        for key, value in data.items():
            made = self.make_key(key, version)
            commands.append(
                ("SET", made, self.encode(value), "PX", milliseconds) if milliseconds > 0 else ("DEL", made)
            )
        self._together(client, commands)
        return []

    @interrupted
    def delete_many(self, keys: Iterable[str], version: int | None = None, client: Valkey | None = None) -> int:
        """Return how many there were."""
        return sum(self._together(client, [("DEL", self.make_key(key, version)) for key in keys]))

    @interrupted
    def delete_pattern(
        self,
        pattern: str,
        version: int | None = None,
        prefix: str | None = None,
        client: Valkey | None = None,
        itersize: int | None = None,  # noqa: ARG002 - django-redis' signature
    ) -> int:
        """Return how many keys there were. Reads all names in the cache: for people and tests."""
        found = (client or self.valkey()).keys_like(self.make_pattern(pattern, version, prefix), size=_SCANNED)
        return sum(
            sum(self._together(client, [("DEL", key) for key in found[start : start + _SCANNED]]))
            for start in range(0, len(found), _SCANNED)
        )

    @interrupted
    def keys(self, search: str, version: int | None = None, client: Valkey | None = None) -> list[str]:
        """Return the keys that fit. Reads all names in the cache."""
        found = (client or self.valkey()).keys_like(self.make_pattern(search, version), size=_SCANNED)
        return [self.reverse_key(key.decode()) for key in found]

    def iter_keys(
        self,
        search: str,
        itersize: int | None = None,  # noqa: ARG002 - django-redis' signature
        client: Valkey | None = None,
        version: int | None = None,
    ) -> Iterator[str]:
        """As keys()."""
        return iter(self.keys(search, version, client))

    def lock(self, key: str, version: int | None = None, timeout: float | None = None, **kwargs: Any) -> Any:
        """Return redis-py's lock, which ends after ``timeout`` even where its holder is gone."""
        return super().lock(key, version, self._end(timeout), **kwargs)

    def incr(self, key: str, delta: int = 1, version: int | None = None, **kwargs: Any) -> int:
        """Count up a key that is there. Raises ValueError where it is not."""
        if kwargs.pop("ignore_key_check", False):
            raise KeyWithoutEnd("incr(ignore_key_check=True)")
        return self._counted(key, delta, version, **kwargs)

    def decr(self, key: str, delta: int = 1, version: int | None = None, **kwargs: Any) -> int:
        """Count down."""
        return self._counted(key, -delta, version, **kwargs)

    def decode(self, value: bytes) -> Any:
        """Return what was encoded. Raises Unreadable."""
        if value[:1] in _DIGITS and value.removeprefix(b"-").isdigit():
            return int(value)
        return self._serializer.loads(value)

    def _counted(self, key: str, delta: int, version: int | None, **kwargs: Any) -> int:
        try:
            count: int = self._incr(key, delta, version, **kwargs)
        except ConnectionInterrupted:
            counts.away += 1
            raise
        return count

    def _together(self, client: Valkey | None, commands: list[Command]) -> list[Any]:
        answers = (client or self.valkey()).together(commands)
        for answer in answers:
            if isinstance(answer, RedisError):
                raise answer
        return answers

    def _end(self, timeout: Any) -> float:
        if timeout is DEFAULT_TIMEOUT:
            timeout = self._backend.default_timeout
        return float(self._longest if timeout is None else timeout)


def _refused(name: str) -> Callable[..., None]:
    def refuse(*_: object, **__: object) -> None:
        raise KeyWithoutEnd(name)

    return refuse


for _name in _ENDLESS:
    setattr(Client, _name, _refused(_name))
for _name in ("touch", "ttl", "pttl", "expire", "pexpire", "expire_at", "pexpire_at", "incr_version"):
    setattr(Client, _name, interrupted(getattr(Client, _name)))

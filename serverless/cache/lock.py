"""One key: its value, its age and the lock of who computes it, each in one round trip."""

from dataclasses import dataclass
from typing import Any, Final, Protocol

from redis.exceptions import RedisError

from serverless.cache.counts import counts
from serverless.cache.exceptions import Away, Unreadable

__all__ = ["Fresh", "Kept"]

# 1 and 2: the lock, the value. Kept only by who still has the lock.
_KEEP: Final = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[1])
return 1
"""
_RELEASE: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


class _Client(Protocol):
    def valkey(self) -> Any: ...
    def encode(self, value: object) -> Any: ...
    def decode(self, value: bytes) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A value, and the seconds until it is gone."""

    value: Any
    left: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """All raise Away where Valkey does not answer."""

    client: _Client
    key: str

    def look(self) -> Kept | None:
        """Return the value and the seconds that are left of it; None where there is none."""
        kept = self._kept(*self._together(("GET", self.key), ("PTTL", self.key)))
        if kept is None:
            counts.misses += 1
        else:
            counts.hits += 1
        return kept

    def take(self, token: str, *, lease: float) -> tuple[bool, Kept | None]:
        """Take the lock for so many seconds, and look again: whether it is ours now, and the value.

        Who had it until a moment ago may have kept the value meanwhile.
        """
        taken, *value = self._together(
            ("SET", self._lock(), token, "NX", "PX", int(lease * 1000)), ("GET", self.key), ("PTTL", self.key)
        )
        return taken is not None, self._kept(*value)

    def keep(self, token: str, value: object, *, seconds: float) -> None:
        """Keep the value and let go of the lock, unless it has become another's. Raises NotData."""
        made = self.client.encode(value)
        self._together(("EVAL", _KEEP, 2, self._lock(), self.key, token, made, int(seconds * 1000)))

    def release(self, token: str) -> None:
        """Let go of the lock, unless it has become another's."""
        self._together(("EVAL", _RELEASE, 1, self._lock(), token))

    def _kept(self, value: bytes | None, left: int) -> Kept | None:
        if value is None or left < 0:  # it may have ended between the two
            return None
        try:
            return Kept(value=self.client.decode(value), left=left / 1000)
        except Unreadable:
            return None

    def _together(self, *commands: tuple[Any, ...]) -> list[Any]:
        try:
            answers: list[Any] = self.client.valkey().together(commands)
        except RedisError as error:
            counts.away += 1
            raise Away("Valkey does not answer.") from error
        for answer in answers:
            if isinstance(answer, RedisError):
                counts.away += 1
                raise Away("Valkey refuses.") from answer
        return answers

    def _lock(self) -> str:
        """Named such that it lies in its key's slot: https://valkey.io/topics/cluster-spec/#hash-tags"""
        start = self.key.find("{")
        end = self.key.find("}", start + 1) if start >= 0 else -1
        return f"{self.key}:lock" if end > start + 1 else f"{{{self.key}}}:lock"

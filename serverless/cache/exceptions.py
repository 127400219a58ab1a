"""What goes wrong with a cache, where somebody can do something about it."""

from serverless.exceptions import ServerlessError

__all__ = ["Away", "CacheError", "KeyWithoutEnd", "NotData", "Unreadable"]


class CacheError(ServerlessError):
    """The root of this room's errors."""


class Away(CacheError):
    """Valkey did not answer, or refused. Django's cache interface never raises it: there it is a miss."""


class NotData(CacheError, TypeError):
    """A value is no data: it could be read again only by running code, or it would come back as something else."""


class Unreadable(CacheError, ValueError):
    """What Valkey has was not written by this serializer. It counts as a miss."""


class KeyWithoutEnd(CacheError, NotImplementedError):
    """An operation would make a key that never ends."""

    def __init__(self, operation: str) -> None:
        super().__init__(
            f"{operation} makes keys that never end, and crosses slots in cluster mode. Keep the whole value under one "
            "key with set(), or take a connection with django_redis.get_redis_connection() and end the key yourself."
        )

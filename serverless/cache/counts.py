"""How often this process has asked its caches, and with what success. Whoever reports it need not have a cache."""

from dataclasses import dataclass

__all__ = ["Counts", "counts"]


@dataclass(slots=True, kw_only=True)
class Counts:
    """Counted up since the process began. Events come one at a time, so that differences are an event's."""

    hits: int = 0
    misses: int = 0
    away: int = 0
    """Calls that Valkey did not answer, or was not asked for because it had not."""


counts = Counts()

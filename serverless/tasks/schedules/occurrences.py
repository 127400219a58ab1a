"""When a schedule occurs. Pure: instants in UTC in, instants in UTC out.

A rule is a fixed set of instants, whoever asks from when: this is what "each occurrence once" counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256
from itertools import count, islice, takewhile
from typing import Protocol
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Rule(Protocol):
    """What names the instants; ``text`` tells one rule from another."""

    @property
    def text(self) -> str: ...
    def after(self, time: datetime) -> Iterator[datetime]:
        """Yield the occurrences later than ``time``, in order, each instant once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """A rate: multiples of ``period`` since 1970 in UTC, so that no state is needed to know them."""

    period: timedelta

    @property
    def text(self) -> str:
        return f"every {self.period}"

    def after(self, time: datetime) -> Iterator[datetime]:
        past = (time - EPOCH) // self.period
        return (EPOCH + number * self.period for number in count(past + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """A cron expression on the clocks of ``zone``, understood as Debian's cron does.

    Where clocks skip an hour, times in it occur at its end; where they repeat one, times in it occur the first time
    only. Expressions whose minute or hour begins with ``*`` follow elapsed time instead.
    """

    expression: str
    zone: str

    @property
    def text(self) -> str:
        return f"{self.expression} {self.zone}"

    def after(self, time: datetime) -> Iterator[datetime]:
        from cronsim import CronSim  # the web function loads this module and never evaluates an expression

        for found in CronSim(self.expression, time.astimezone(zone_named(self.zone))):
            # In UTC, because times of one zone are compared without their offset. Several local times may be one
            # instant (the end of a skipped hour), or lie behind (the first of two equal hours).
            at = found.astimezone(UTC)
            if at > time:
                yield at
                time = at


def zone_named(name: str) -> tzinfo:
    """Return the zone; UTC also where the system has no time zone data. Raises KeyError, ValueError or OSError."""
    return UTC if name == "UTC" else ZoneInfo(name)


def missed(rule: Rule, *, after: datetime, until: datetime, limit: int | None = None) -> list[datetime]:
    """Return the occurrences in (after, until], oldest first, at most ``limit`` of them."""
    return list(islice(takewhile(lambda at: at <= until, rule.after(after)), limit))


def latest(rule: Rule, *, after: datetime, until: datetime) -> datetime | None:
    """Return the last occurrence in (after, until], or None.

    Looks back a day, then eight times as far, and so on: a year of missed minutes is half a million instants.
    """
    span = timedelta(days=1)
    while True:
        start = max(after, until - span)
        found = missed(rule, after=start, until=until)
        if found or start == after:
            return found[-1] if found else None
        span *= 8


def offset(key: str, at: datetime, *, jitter: timedelta) -> timedelta:
    """Return whole seconds from 0 to ``jitter``, the same for every process that asks about this occurrence."""
    seconds = int(jitter.total_seconds())
    digest = sha256(f"{key} {at.timestamp():.0f}".encode()).digest()
    return timedelta(seconds=int.from_bytes(digest[:8]) % (seconds + 1))

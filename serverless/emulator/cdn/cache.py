"""What the edge keeps of answers, in memory, the least recently used leaving first.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html
Errors are not kept, although CloudFront keeps them for 10 s unless told otherwise: a rendition that is asked for a
second before it exists has to show a second later. The distribution's error caching minimum TTL is 0 to match.
"""

import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

# Room for a gallery of some 600 renditions beside the functions on a laptop.
CAPACITY: Final = 128 * 1024**2
# CloudFront keeps objects of up to 50 GB; here one video must not push a gallery out.
LARGEST: Final = 8 * 1024**2
# CloudFront's defaults, with a minimum TTL of 0, under which `private` and `no-store` count.
DEFAULT_TTL: Final = 86_400
MAX_TTL: Final = 31_536_000
_NEVER_STALE: Final = frozenset({"must-revalidate", "proxy-revalidate"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Of a behaviour, in seconds: how long without being told, and how long at most, stale time included."""

    default: int = DEFAULT_TTL
    most: int = MAX_TTL


FILES: Final = Policy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One whole answer. Moments are seconds of the machine's own clock, which never steps back."""

    headers: Mapping[str, str]  # names in lower case
    body: bytes
    stored: float
    fresh_until: float
    stale_until: float
    """Till then it is shown while the next is fetched."""
    excused_until: float
    """Till then it is shown where the next cannot be had."""
    status: int = 200

    @property
    def fresh(self) -> bool:
        return time.monotonic() < self.fresh_until

    @property
    def stale(self) -> bool:
        """Whether it may be shown while the next is fetched."""
        return time.monotonic() < self.stale_until

    @property
    def excused(self) -> bool:
        """Whether it may be shown where the next cannot be had."""
        return time.monotonic() < self.excused_until

    @property
    def age(self) -> int:
        return int(time.monotonic() - self.stored)


class Cache:
    """Entries by key, at most `capacity` bytes of bodies."""

    def __init__(self, *, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._size = 0

    def get(self, key: str) -> Entry | None:
        """The entry, fresh or not."""
        if entry := self._entries.get(key):
            self._entries.move_to_end(key)
        return entry

    def takes(self, headers: Mapping[str, str]) -> bool:
        """Whether the object that these headers announce may be kept and is small enough."""
        length = headers.get("content-length", "")
        return ttl(headers) is not None and length.isdecimal() and int(length) <= min(LARGEST, self._capacity)

    def keep(
        self, key: str, headers: Mapping[str, str], body: bytes, *, status: int = 200, policy: Policy = FILES
    ) -> Entry:
        """The answer as an entry, kept under `key` if its headers allow that."""
        self.drop(key)
        seconds = ttl(headers, policy)
        entry = _entry(headers, body, status=status, seconds=seconds or 0, most=policy.most)
        if seconds is not None:
            self._entries[key] = entry
            self._size += len(body)
        while self._size > self._capacity:
            _, oldest = self._entries.popitem(last=False)
            self._size -= len(oldest.body)
        return entry

    def drop(self, key: str) -> None:
        """Forget one entry, if it is there."""
        if entry := self._entries.pop(key, None):
            self._size -= len(entry.body)


def _entry(headers: Mapping[str, str], body: bytes, *, status: int, seconds: int, most: int) -> Entry:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html#stale-content

    After an error CloudFront shows what is over its time unless `stale-if-error` says for how long.
    """
    said = _directives(headers.get("cache-control", ""))

    def until(name: str, untold: int) -> float:
        told = said.get(name, "")
        longer = 0 if said.keys() & _NEVER_STALE else int(told) if told.isdecimal() else untold
        return now + min(seconds + longer, most)

    now = time.monotonic()
    return Entry(
        headers=dict(headers),
        body=body,
        stored=now,
        fresh_until=now + seconds,
        stale_until=until("stale-while-revalidate", 0),
        excused_until=until("stale-if-error", most),
        status=status,
    )


def ttl(headers: Mapping[str, str], policy: Policy = FILES) -> int | None:
    """For how many seconds an answer is fresh; None if it may not be kept at all."""
    directives = _directives(headers.get("cache-control", ""))
    if directives.keys() & {"no-store", "private"}:
        return None
    if "no-cache" in directives:
        return 0
    for name in ("s-maxage", "max-age"):
        if directives.get(name, "").isdecimal():
            return min(int(directives[name]), policy.most)
    if expires := headers.get("expires"):
        try:
            left = parsedate_to_datetime(expires).timestamp() - time.time()
        except ValueError:  # `0` and the like mean that it is over
            return 0
        return max(0, min(int(left), policy.most))
    return policy.default


def _directives(header: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in header.split(","))
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}

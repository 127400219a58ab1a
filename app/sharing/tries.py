"""How often one may guess a PIN or password.

Twice bounded. In the cache, each viewer has 5 wrong tries in 15 minutes at a link, and 20 at all links together. In the
link's row, which no flush or restart forgets, all viewers together have 100: after each ten the link rests, for longer
every time, and after the hundredth it opens again only when the photographer says so. Hence whoever guesses finds
a PIN of four digits with a probability of 1 %, and one of the six digits that we make with 0.01 %. That is 40 tries in
the first day and 10 in every other.

A try is counted before it is looked at, under the row's lock: guesses sent at the same moment find the same limit. A
right one takes its viewer's own wrong tries back, so that typing errors of many guests never add up.
"""

import math
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache
from django.db.models import F
from django.db.models.functions import Greatest
from django.http import HttpRequest
from django.utils import timezone

from app.accounts.limits import count_up, viewer_key
from app.sharing import locks
from app.sharing.models import ShareLink
from serverless.db.shards import atomic

__all__ = ["LockedOut", "Rest", "forgive", "rest_of", "take", "take_back"]

VIEWER_TRIES, VIEWER_TRIES_ANYWHERE, VIEWER_WINDOW = 5, 20, timedelta(minutes=15)
BLOCK: Final = 10
RESTS: Final = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
MOST: Final = 100
# A cache that is away is back within minutes, or somebody has been woken up.
CACHE_AWAY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Nobody may try now: for how long (None: until the photographer acts), and whether that is our own fault."""

    time: timedelta | None
    ours: bool = False

    @property
    def in_words(self) -> str:
        """The time as one says it, never too short."""
        minutes = math.ceil((self.time or timedelta()) / timedelta(minutes=1))
        if minutes < 2:
            return "a minute"
        return f"{minutes} minutes" if minutes <= 90 else f"{math.ceil(minutes / 60)} hours"


class LockedOut(Exception):
    """This try was not looked at."""

    def __init__(self, rest: Rest) -> None:
        super().__init__("There were too many wrong tries.")
        self.rest = rest


def take(link: ShareLink, request: HttpRequest) -> int:
    """Count one try. Returns how many the viewer has left if it is wrong. Raises LockedOut.

    Refreshes `link`, so that what is compared next is the lock of this moment.
    """
    left = _take_of_viewer(link, request)
    with atomic(ShareLink):
        counted = ["lock", "wrong_tries", "rests_until"]
        link.refresh_from_db(fields=counted, from_queryset=ShareLink.objects.select_for_update())
        if rest := rest_of(link):
            raise LockedOut(rest)
        link.wrong_tries += 1
        link.rests_until = _rests_until(link.wrong_tries)
        link.save(update_fields=["wrong_tries", "rests_until"])
    return min(left, -link.wrong_tries % BLOCK)


def take_back(link: ShareLink, request: HttpRequest) -> None:
    """The try was right: it does not count, and neither do the viewer's wrong ones before it."""
    at_link, anywhere = _keys(link, request)
    own = cache.get(at_link) or 1
    cache.delete(at_link)
    with suppress(ValueError):  # its time is over
        cache.decr(anywhere, own)
    remaining = Greatest(F("wrong_tries") - own, 0)
    ShareLink.objects.filter(pk=link.pk).update(wrong_tries=remaining, rests_until=None)


def forgive(link: ShareLink) -> None:
    """Let everyone try again: the photographer has looked into it."""
    ShareLink.objects.filter(pk=link.pk).update(wrong_tries=0, rests_until=None)


def rest_of(link: ShareLink) -> Rest | None:
    """How long the link itself rests, if it does."""
    if link.wrong_tries >= MOST:
        return Rest(time=None)
    if link.rests_until and (time := link.rests_until - timezone.now()) > timedelta(0):
        return Rest(time=time)
    return None


def _take_of_viewer(link: ShareLink, request: HttpRequest) -> int:
    """Count in the cache. Without it nobody tries a PIN, while a password is still held by the row's own count."""
    seconds = int(VIEWER_WINDOW.total_seconds())
    at_link, anywhere = (count_up(key, seconds=seconds) for key in _keys(link, request))
    if at_link is None or anywhere is None:
        if link.lock_kind is locks.Kind.PIN:
            raise LockedOut(Rest(time=CACHE_AWAY, ours=True))
        return VIEWER_TRIES
    if at_link > VIEWER_TRIES or anywhere > VIEWER_TRIES_ANYWHERE:
        raise LockedOut(Rest(time=VIEWER_WINDOW))
    return min(VIEWER_TRIES - at_link, VIEWER_TRIES_ANYWHERE - anywhere)


def _keys(link: ShareLink, request: HttpRequest) -> tuple[str, str]:
    viewer = viewer_key(request)
    return f"limit:unlock:{link.pk}:{viewer}", f"limit:unlock:viewer:{viewer}"


def _rests_until(wrong_tries: int) -> datetime | None:
    blocks, rest = divmod(wrong_tries, BLOCK)
    return None if rest else timezone.now() + RESTS[min(blocks, len(RESTS)) - 1]

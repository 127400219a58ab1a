"""How often is too often, and when a token was last used: both in the cache, since a GET writes no row.

Both limits fail open. With the cache away nobody is refused: tokens cannot be guessed anyway (256 bits), and what
the requests cost is bounded by the function's concurrency.
"""

import ipaddress
from collections.abc import Sequence
from datetime import datetime

from django.core.cache import cache
from django.utils import timezone

from app.api.models import ApiToken
from app.api.problems import TOO_MANY_REQUESTS, Refusal

__all__ = ["count_refusal", "count_use", "last_uses"]

WINDOW_S = 60
REQUESTS_IN_WINDOW = 600
REFUSALS_IN_WINDOW = 30
_USE_KEPT_S = 400 * 24 * 3600


def count_use(token: ApiToken) -> None:
    """Count a request of this token, and note the time of the first in each window. Raises Refusal beyond the limit."""
    count = _count(f"api:uses:{token.pk}")
    if count == 1:
        cache.set(_use_key(token), timezone.now(), timeout=_USE_KEPT_S)
    if count > REQUESTS_IN_WINDOW:
        raise _too_many(f"This token has made more than {REQUESTS_IN_WINDOW} requests in a minute. Wait, then go on.")


def count_refusal(address: str) -> None:
    """Count a wrong token that came from this address. Raises Refusal beyond the limit.

    Good tokens are not refused because of it: a neighbour's broken script must not stop them.
    """
    if address and _count(f"api:refused:{_network(address)}") > REFUSALS_IN_WINDOW:
        raise _too_many("Too many wrong tokens came from this address. Wait a minute, and check the token.")


def last_uses(tokens: Sequence[ApiToken]) -> dict[ApiToken, datetime | None]:
    """When each token of one studio was last used, to the minute; None if never, or too long ago to be known."""
    found = cache.get_many([_use_key(token) for token in tokens]) or {}
    return {token: found.get(_use_key(token)) for token in tokens}


def _use_key(token: ApiToken) -> str:
    # The braces keep a studio's keys in one slot of a cluster, where get_many must not cross slots.
    return f"api:used:{{{token.studio_id}}}:{token.pk}"


def _network(address: str) -> str:
    """An IPv4 address, or an IPv6 network of 64 bits, which is what one customer gets."""
    prefix = 64 if ":" in address else 32
    return str(ipaddress.ip_network(f"{address}/{prefix}", strict=False).network_address)


def _count(key: str) -> int:
    """Count one more in the window that the first one opened, in one round trip; 0 while the cache is away."""
    for _ in range(2):
        try:
            return cache.incr(key) or 0
        except ValueError:  # nobody has counted yet
            if cache.add(key, 1, timeout=WINDOW_S):
                return 1
    return 0  # neither there nor to be made: it went away, or takes nothing, between the calls


def _too_many(detail: str) -> Refusal:
    return Refusal(TOO_MANY_REQUESTS, detail, headers={"Retry-After": str(WINDOW_S)})

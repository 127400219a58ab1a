"""How often one may try, counted in the cache by e-mail address and by the viewer's address."""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from app.accounts.models import UserManager


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So many tries in `seconds` from the first; `open_without_cache` says whether an absent cache lets all in."""

    name: str
    per_email: int
    per_viewer: int
    seconds: int
    open_without_cache: bool


# Open without the cache: nobody should lose their studio to a restart of Valkey, and each guess still costs a password
# hash (0.4 s of CPU), which the function's reserved concurrency bounds.
SIGN_IN: Final = Limit(name="sign-in", per_email=10, per_viewer=50, seconds=900, open_without_cache=True)
# Closed without the cache: what would get through is mail to people who did not ask for it.
MAIL: Final = Limit(name="mail", per_email=5, per_viewer=30, seconds=3600, open_without_cache=False)


def take(limit: Limit, request: HttpRequest, *, email: str) -> bool:
    """Count one try; False once there were too many, by this viewer or for this address."""
    by_viewer, by_email = _keys(limit, request, email)
    for key, most in ((by_viewer, limit.per_viewer), (by_email, limit.per_email)):
        count = count_up(key, seconds=limit.seconds)
        if count is None:
            return limit.open_without_cache
        if count > most:
            return False
    return True


def give_back(limit: Limit, request: HttpRequest, *, email: str) -> None:
    """Uncount a try that was right."""
    for key in _keys(limit, request, email):
        try:
            cache.decr(key)
        except ValueError:  # its time is over
            continue


def count_up(key: str, *, seconds: int) -> int | None:
    """Count up and return the count since `seconds` began; None where the cache does not answer."""
    cache.add(key, 0, seconds)
    try:
        count: int | None = cache.incr(key)
    except ValueError:  # evicted between the two calls: the cache is of no use right now
        return None
    return count


def viewer_key(request: HttpRequest) -> str:
    """The viewer as a part of a key, without the address in it: REMOTE_ADDR is the viewer's, see serverless.http."""
    return _digest(_viewer(request.META.get("REMOTE_ADDR", "")))


def _keys(limit: Limit, request: HttpRequest, email: str) -> tuple[str, str]:
    """One key a subject, without the subject in it."""
    of_email = _digest(UserManager.normalize_email(email))
    return f"limit:{limit.name}:viewer:{viewer_key(request)}", f"limit:{limit.name}:email:{of_email}"


def _digest(subject: str) -> str:
    return salted_hmac("app.accounts.limits", subject, algorithm="sha256").hexdigest()


def _viewer(address: str) -> str:
    """The address, or its /64 network in IPv6: that is what one household has."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else str(parsed)

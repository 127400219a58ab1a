import time
from email.utils import formatdate

import pytest

from serverless.emulator.cdn.cache import DEFAULT_TTL, LARGEST, MAX_TTL, Cache, ttl


@pytest.mark.parametrize(
    ("cache_control", "seconds"),
    [
        ("public, max-age=60", 60),
        ("max-age=60, s-maxage=5", 5),
        ("S-MAXAGE=5", 5),
        ('max-age="7"', 7),
        ("max-age=0", 0),
        ("public, max-age=31536000, immutable", MAX_TTL),
        ("max-age=99999999999", MAX_TTL),
        ("no-cache", 0),
        ("max-age=60, no-cache", 0),
        ("no-store, max-age=60", None),
        ("private, max-age=60", None),
        ("private, no-store", None),
        ("public", DEFAULT_TTL),
        ("max-age=soon", DEFAULT_TTL),
        ("", DEFAULT_TTL),
    ],
)
def test_cache_control_decides_for_how_long(cache_control: str, seconds: int | None) -> None:
    assert ttl({"cache-control": cache_control}) == seconds


def test_expires_counts_without_a_max_age() -> None:
    in_a_minute = formatdate(time.time() + 60, usegmt=True)
    assert 57 <= (ttl({"expires": in_a_minute}) or 0) <= 60
    assert ttl({"expires": formatdate(time.time() - 60, usegmt=True)}) == 0
    assert ttl({"expires": "0"}) == 0
    assert ttl({"expires": in_a_minute, "cache-control": "max-age=5"}) == 5


def test_the_least_recently_used_leave_first() -> None:
    cache = Cache(capacity=10)
    for key in "abc":
        cache.keep(key, {}, b"123")
    assert cache.get("a") is not None
    cache.keep("d", {}, b"123")
    assert [key for key in "abcd" if cache.get(key)] == ["a", "c", "d"]
    cache.keep("e", {}, b"0123456789")
    assert [key for key in "abcde" if cache.get(key)] == ["e"]


def test_replacing_and_dropping_give_their_bytes_back() -> None:
    cache = Cache(capacity=10)
    for _ in range(5):
        cache.keep("a", {}, b"123456")
    cache.keep("b", {}, b"1234")
    assert cache.get("a")
    cache.drop("a")
    cache.drop("a")
    cache.keep("c", {}, b"123456")
    assert cache.get("b")
    assert cache.get("c")


def test_what_may_not_be_kept_is_not_and_replaces_nothing_but_itself() -> None:
    cache = Cache()
    cache.keep("a", {}, b"old")
    assert cache.keep("a", {"cache-control": "no-store"}, b"new").body == b"new"
    assert cache.get("a") is None


@pytest.mark.parametrize(
    ("length", "cache_control", "taken"),
    [(str(LARGEST), "", True), (str(LARGEST + 1), "", False), ("", "", False), ("1", "private", False)],
)
def test_only_small_public_objects_are_taken(length: str, cache_control: str, taken: bool) -> None:
    assert Cache().takes({"content-length": length, "cache-control": cache_control}) is taken
    assert not Cache(capacity=10).takes({"content-length": "11"})


def test_an_entry_knows_its_age() -> None:
    entry = Cache().keep("a", {"cache-control": "max-age=60"}, b"")
    assert (entry.fresh, entry.age) == (True, 0)
    assert not Cache().keep("a", {"cache-control": "max-age=0"}, b"").fresh

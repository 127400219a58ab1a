"""One computes, whoever else wants it takes the last value, and the death of who computes is survived."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from serverless.cache import get_or_compute
from serverless.cache.backend import ValkeyCache
from serverless.cache.exceptions import NotData
from tests.valkeys import Server


class Work:
    """Computes a number, one higher each time; as long as it is held it does not end."""

    def __init__(self) -> None:
        self.began = 0
        self.entered, self.go = threading.Semaphore(0), threading.Event()
        self.go.set()

    def __call__(self) -> int:
        self.began += 1
        value = self.began
        self.entered.release()
        assert self.go.wait(20)
        return value


@pytest.fixture(params=["single", "cluster"], autouse=True)
def cache(request: pytest.FixtureRequest, settings: Settings) -> ValkeyCache:
    from django.core.cache import caches

    if request.param == "single":
        location = request.getfixturevalue("server").url
    else:
        location = f"{request.getfixturevalue('nodes')[0].url}?cluster=true"
    prefix = f"fresh-{time.monotonic_ns()}"
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": location, "KEY_PREFIX": prefix}}
    found = caches["default"]
    assert isinstance(found, ValkeyCache)
    return found


def locks(cache: ValkeyCache) -> list[bytes]:
    found = cache.client.valkey().keys_like("*:lock", size=1000)
    return [key for key in found if cache.key_prefix.encode() in key]


def age(cache: ValkeyCache, key: str, *, left: float) -> None:
    """Let all but ``left`` seconds of the key's time pass."""
    assert cache.pexpire(key, int(left * 1000))


def test_a_fresh_value_is_not_computed_again() -> None:
    work = Work()
    assert [get_or_compute("key", work, ttl=60, stale=60) for _ in range(3)] == [1, 1, 1]


def test_nothing_is_a_value() -> None:
    calls: list[None] = []
    for _ in range(2):
        assert get_or_compute("key", lambda: calls.append(None), ttl=60) is None
    assert len(calls) == 1


def test_it_is_kept_for_as_long_as_it_may_be_shown(cache: ValkeyCache) -> None:
    get_or_compute("key", Work(), ttl=60, stale=600)
    assert 650_000 < cache.pttl("key") <= 660_000
    assert not locks(cache), "the lock is gone"


@pytest.mark.parametrize("key", ["key", "in {braces} of its own", "half a {brace"])
def test_many_environments_compute_once_where_there_is_nothing(key: str) -> None:
    work = Work()
    work.go.clear()
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(get_or_compute, key, work, ttl=60, patience=20) for _ in range(8)]
        assert work.entered.acquire(timeout=20)
        work.go.set()
        assert {answer.result(20) for answer in answers} == {1}
    assert work.began == 1


def test_many_environments_take_the_stale_value_while_one_computes(cache: ValkeyCache) -> None:
    work = Work()
    get_or_compute("key", work, ttl=60, stale=600)
    age(cache, "key", left=500)
    work.go.clear()
    with ThreadPoolExecutor(1) as pool:
        assert work.entered.acquire(timeout=20)
        one = pool.submit(get_or_compute, "key", work, ttl=60, stale=600)
        assert work.entered.acquire(timeout=20)
        assert {get_or_compute("key", work, ttl=60, stale=600) for _ in range(5)} == {1}
        work.go.set()
        assert one.result(20) == 2
    assert get_or_compute("key", work, ttl=60, stale=600) == 2
    assert work.began == 2


def dead(cache: ValkeyCache, key: str) -> None:
    """Leave the lock of an environment that was killed while it computed."""
    assert cache.fresh(key).take("somebody's", lease=0.3)[0]


def test_the_lease_of_who_died_ends_while_the_stale_value_is_shown(cache: ValkeyCache) -> None:
    work = Work()
    get_or_compute("key", work, ttl=60, stale=600)
    age(cache, "key", left=500)
    dead(cache, "key")
    assert get_or_compute("key", work, ttl=60, stale=600) == 1
    time.sleep(0.35)
    assert get_or_compute("key", work, ttl=60, stale=600) == 2


def test_who_waits_for_one_that_died_computes_when_the_lease_is_over(cache: ValkeyCache) -> None:
    work = Work()
    dead(cache, "key")
    assert get_or_compute("key", work, ttl=60, patience=20) == 1
    assert get_or_compute("key", work, ttl=60) == 1


def test_who_waits_too_long_computes_for_itself(cache: ValkeyCache) -> None:
    assert cache.fresh("key").take("somebody's", lease=60)[0]
    assert get_or_compute("key", Work(), ttl=60, patience=0.05) == 1
    assert cache.get("key") is None, "it was not its to keep"


def test_who_comes_back_from_a_freeze_does_not_overwrite(cache: ValkeyCache) -> None:
    def frozen() -> str:
        for lock in locks(cache):  # its lease ended
            assert cache.client.valkey().ask("DEL", lock)
        assert get_or_compute("key", lambda: "new", ttl=60) == "new"
        return "old"

    assert get_or_compute("key", frozen, ttl=60) == "old"
    assert cache.get("key") == "new"


class Broken(Exception):
    pass


def fails() -> int:
    raise Broken


def test_a_failure_is_the_callers_and_frees_the_lock() -> None:
    with pytest.raises(Broken):
        get_or_compute("key", fails, ttl=60)
    assert get_or_compute("key", Work(), ttl=60, patience=0) == 1


def test_a_failure_with_a_stale_value_shows_it_and_waits(cache: ValkeyCache, caplog: pytest.LogCaptureFixture) -> None:
    get_or_compute("key", Work(), ttl=60, stale=600)
    age(cache, "key", left=500)
    for _ in range(3):
        assert get_or_compute("key", fails, ttl=60, stale=600) == 1
    assert len([record for record in caplog.records if record.levelname == "ERROR"]) == 1


def test_the_end_of_a_requests_time_frees_the_lock() -> None:
    def interrupted() -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get_or_compute("key", interrupted, ttl=60)
    assert get_or_compute("key", Work(), ttl=60, patience=0) == 1


def test_what_is_no_data_is_said(cache: ValkeyCache) -> None:
    with pytest.raises(NotData):
        get_or_compute("key", lambda: (1, 2), ttl=60)


def test_without_valkey_it_is_computed_each_time(settings: Settings) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:9"}}
    work = Work()
    assert [get_or_compute("key", work, ttl=60, stale=60) for _ in range(2)] == [1, 2]


def test_valkey_dies_while_it_is_computed(settings: Settings, own: Server) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": own.url}}
    work = Work()

    def dying() -> int:
        own.kill()
        return work()

    assert get_or_compute("key", dying, ttl=60) == 1
    own.start()
    assert get_or_compute("key", work, ttl=60) == 2
    assert get_or_compute("key", work, ttl=60) == 2


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: get_or_compute("key", Work(), ttl=0), "seconds above 0"),
        (lambda: get_or_compute("key", Work(), ttl=1, stale=-1), "0 or more"),
        (lambda: get_or_compute("key", Work(), ttl=1, lease=0), "above 0"),
        (lambda: get_or_compute("key", Work(), ttl=1, patience=-1), "0 or more"),
        (lambda: get_or_compute("a}b", Work(), ttl=1), "brace"),
        (lambda: get_or_compute("a}{b", Work(), ttl=1), "brace"),
    ],
)
def test_what_makes_no_sense_is_refused(call: Callable[[], int], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()


def test_a_cache_without_locks_is_refused(settings: Settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    with pytest.raises(ImproperlyConfigured, match="ValkeyCache"):
        get_or_compute("key", Work(), ttl=1)

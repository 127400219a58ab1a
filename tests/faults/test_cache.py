"""Valkey killed, restarted, flushed, frozen, silent and slow, with Loupe's pages before it.

The invariant: each page answers as it is meant to without a cache, and has waited for it in vain once at most; limits
are open or closed as their endpoint says; and the first request after the fault has cleared uses the cache again.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.signals import request_started
from django.test import Client
from pytest_django.fixtures import Settings

from app.accounts.models import Membership, Studio, User
from app.api.models import ApiToken
from app.galleries.actions import create_gallery
from app.galleries.models import Gallery
from app.sharing.actions import create_share_link
from app.sharing.locks import Kind, hashed
from serverless.cache.backend import ValkeyCache
from serverless.cache.breaker import BUDGET, Breaker, readable
from serverless.cache.counts import counts
from tests.app.conftest import new_photo
from tests.valkeys import Door, Server, servers

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("cache-faults")]

# Long beside what a busy machine needs for an answer.
WAIT_S = 1.0


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with servers() as started:
        yield started[0]


@pytest.fixture(autouse=True)
def door(server: Server, settings: Settings) -> Iterator[Door]:
    """Lead Loupe to a Valkey of its own, through a door."""
    made = Door(server)
    server.ask("FLUSHALL")
    options = {"SOCKET_TIMEOUT": WAIT_S, "SOCKET_CONNECT_TIMEOUT": WAIT_S, "PAUSE": 60}
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": made.url, "OPTIONS": options}}
    BUDGET.renew()
    yield made
    server.thaw()
    made.close()


def the_cache() -> ValkeyCache:
    found = caches["default"]
    assert isinstance(found, ValkeyCache)
    return found


def breaker() -> Breaker:
    found = the_cache().client.valkey().connection_pool.breaker
    assert isinstance(found, Breaker)
    return found


@contextmanager
def killed(server: Server, _: Door) -> Iterator[None]:
    server.kill()
    try:
        yield
    finally:
        server.start()


@contextmanager
def frozen(server: Server, _: Door) -> Iterator[None]:
    server.freeze()
    try:
        yield
    finally:
        server.awake()
    heard()


@contextmanager
def unreachable(_: Server, door: Door) -> Iterator[None]:
    door.shut()
    try:
        yield
    finally:
        door.open()


@contextmanager
def full(server: Server, _: Door) -> Iterator[None]:
    """Out of memory, with nothing that it may forget."""
    server.ask("CONFIG", "SET", "maxmemory", "1")
    try:
        yield
    finally:
        server.ask("CONFIG", "SET", "maxmemory", "0")


@contextmanager
def reader(server: Server, _: Door) -> Iterator[None]:
    """A failover has made it a reader."""
    server.ask("REPLICAOF", "127.0.0.1", "9")
    try:
        yield
    finally:
        server.ask("REPLICAOF", "NO", "ONE")


AWAY = [killed, frozen, unreachable]
FAULTS = [*AWAY, full, reader]
type Fault = Callable[[Server, Door], AbstractContextManager[None]]


@dataclass(frozen=True, kw_only=True)
class Loupe:
    """A photographer who has signed in, a gallery behind three doors, and a token."""

    client: Client
    token: str
    paths: dict[str, str]

    def ask(self, name: str) -> int:
        return REQUESTS[name](self)


def post(loupe: Loupe, path: str, **form: str) -> int:
    return Client().post(path, form).status_code


SIGN_UP = {"studio_name": "Eve", "email": "eve@example.test", "password": "long-enough-7319"}
REQUESTS: dict[str, Callable[[Loupe], int]] = {
    "gallery": lambda loupe: Client().get(loupe.paths["open"]).status_code,
    "dashboard": lambda loupe: loupe.client.get("/studio/").status_code,
    "api": lambda loupe: (
        Client().get("/api/v1/galleries/", headers={"Authorization": f"Bearer {loupe.token}"}).status_code
    ),
    "sign in": lambda loupe: post(loupe, "/sign-in/", username="ada@example.test", password="right"),
    "sign up": lambda loupe: post(loupe, "/sign-up/", **SIGN_UP),
    "pin": lambda loupe: post(loupe, f"{loupe.paths['pin']}unlock/", secret="271828"),
    "password": lambda loupe: post(loupe, f"{loupe.paths['password']}unlock/", secret="a long password"),
}
WITH = {"gallery": 200, "dashboard": 200, "api": 200, "sign in": 302, "sign up": 302, "pin": 302, "password": 302}
# Open: whoever knows a password gets in, and the API answers. Closed: mail to strangers, and six digits.
WITHOUT = WITH | {"sign up": 429, "pin": 429}


@pytest.fixture
def loupe() -> Loupe:
    studio = Studio.objects.create(slug="ours", name="Our Studio")
    user = User.objects.create_user("ada@example.test", "right")
    Membership.objects.create(studio=studio, user=user)
    gallery: Gallery = create_gallery(studio, title="Ada & Charles")
    new_photo(gallery)
    locks = {"open": "", "pin": hashed(Kind.PIN, "271828"), "password": hashed(Kind.PASSWORD, "a long password")}
    client = Client()
    client.force_login(user)
    return Loupe(
        client=client,
        token=ApiToken.objects.all().issue(studio, label="Ours")[1],
        paths={name: f"/s/{create_share_link(gallery, label=name, lock=lock)[1]}/" for name, lock in locks.items()},
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_pages_answer_and_limits_fail_as_chosen(loupe: Loupe, server: Server, door: Door, fault: Fault) -> None:
    loupe.ask("dashboard")
    with fault(server, door):
        for name, status in WITHOUT.items():
            before, away = breaker().timeouts, counts.away
            assert loupe.ask(name) == status, name
            assert counts.away > away or fault not in AWAY, f"{name} did not miss the cache"
            assert breaker().timeouts - before <= 1
    for name, status in WITH.items():
        away = counts.away
        assert loupe.ask(name) == status, name
        assert counts.away == away, f"{name} did not use the cache again"


@pytest.mark.parametrize("fault", [killed, unreachable])
def test_who_refuses_is_asked_again_at_once(server: Server, door: Door, fault: Fault) -> None:
    """That costs no time: nobody waits."""
    cache = the_cache()
    cache.set("key", 1)
    with fault(server, door):
        for _ in range(3):
            assert cache.get("key", "miss") == "miss"
        assert breaker().timeouts == 0
    assert cache.set("key", 2)
    assert cache.get("key") == 2


def heard() -> None:
    """Return when the answer that was waited for has come after all, through the door."""
    deadline = time.monotonic() + 20
    while (waiting := breaker()._canary) is not None and not readable(waiting):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def ten_calls() -> int:
    """As a page makes them. Returns how many were answered."""
    request_started.send(sender=None)
    cache, away = the_cache(), counts.away
    for number in range(4):
        cache.get(f"key-{number}")
        cache.set(f"key-{number}", number)
    cache.get_many(["key-1", "key-2"])
    cache.set_many({"key-1": 1, "key-2": 2})
    return 10 - (counts.away - away)


@pytest.mark.parametrize("warm", [True, False])
def test_frozen_ten_calls_cost_one_wait(server: Server, door: Door, warm: bool) -> None:
    if warm:
        assert ten_calls() == 10
    came, asked = door.came, door.asked
    with frozen(server, door):
        assert [ten_calls() for _ in range(5)] == [0] * 5
        assert breaker().timeouts == 1
        assert door.asked - asked == 1
        assert door.came - came == (0 if warm else 1)
    assert ten_calls() == 10


def test_frozen_again_and_again_it_is_left_alone(server: Server, door: Door) -> None:
    """Each time it came back in between: the second time nobody relies on that."""
    ten_calls()
    for _ in range(2):
        with frozen(server, door):
            assert ten_calls() == 0
        ten_calls()
    assert breaker().timeouts == 2
    assert ten_calls() == 0, "left alone for the pause"


def test_silent_it_is_asked_again_after_the_pause(door: Door, settings: Settings) -> None:
    """As behind a gateway that forgot the connection: the answer never comes, and nobody says so."""
    options = settings.CACHES["default"]["OPTIONS"] | {"PAUSE": 0.5}
    settings.CACHES = {"default": settings.CACHES["default"] | {"OPTIONS": options}}
    assert ten_calls() == 10
    door.silent = True
    assert ten_calls() == 0
    door.silent = False
    assert breaker().timeouts == 1
    time.sleep(0.5)
    assert ten_calls() == 10


def test_slow_ten_calls_cost_one_budget(door: Door) -> None:
    """No answer is too late by itself; all of them together are."""
    ten_calls()
    door.delay = WAIT_S * 0.45
    asked = door.asked
    assert 1 <= ten_calls() <= 3
    assert door.asked - asked <= 3
    door.delay = 0
    breaker().reset()
    assert ten_calls() == 10


def test_an_answer_that_drips_is_not_waited_for(server: Server, door: Door) -> None:
    the_cache().set("large", "x" * 2_000_000)
    door.delay = WAIT_S / 4  # before each piece of 64 kB
    assert the_cache().get("large", "miss") == "miss"
    assert breaker().timeouts == 1


def test_flushed_nobody_notices(loupe: Loupe, server: Server) -> None:
    loupe.ask("dashboard")
    server.ask("FLUSHALL")
    for name, status in WITH.items():
        assert loupe.ask(name) == status, name


@pytest.mark.parametrize("fault", FAULTS)
def test_sessions_survive(loupe: Loupe, server: Server, door: Door, fault: Fault) -> None:
    """They are in the database as well: nobody is signed out, and who signs in meanwhile stays so."""
    assert loupe.ask("dashboard") == 200
    with fault(server, door):
        assert loupe.ask("dashboard") == 200
        late = Client()
        late.post("/sign-in/", {"username": "ada@example.test", "password": "right"})
        assert late.get("/studio/").status_code == 200
    for client in (loupe.client, late):
        assert client.get("/studio/").status_code == 200
    server.ask("FLUSHALL")
    for client in (loupe.client, late):
        assert client.get("/studio/").status_code == 200
        assert server.ask("KEYS", f"*cached_db{client.session.session_key}"), "it is in Valkey again"
    assert Session.objects.count() == 2


def test_a_session_is_data_in_valkey(loupe: Loupe, server: Server) -> None:
    loupe.ask("dashboard")
    (key,) = server.ask("KEYS", "*cached_db*")
    assert server.ask("GET", key).startswith(b"j{")
    assert server.ask("PTTL", key) > 0

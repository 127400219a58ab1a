"""Valkey alone and as a cluster of three, once a run; and caches on them that nobody else sees."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from serverless.cache import factory
from serverless.cache.backend import ValkeyCache
from serverless.cache.breaker import BUDGET
from tests.valkeys import Server, servers

type Make = Callable[..., ValkeyCache]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with servers() as started:
        yield started[0]


@pytest.fixture
def own() -> Iterator[Server]:
    """A server that the test may harm."""
    with servers() as started:
        yield started[0]


@pytest.fixture(scope="session")
def nodes() -> Iterator[list[Server]]:
    with servers(3, cluster=True) as started:
        yield started


@pytest.fixture
def make() -> Iterator[Make]:
    """Make a cache; busy machines answer late."""
    BUDGET.renew()
    known = set(factory._clients)

    def go(location: str, *, prefix: str = "", **options: float) -> ValkeyCache:
        options = {"SOCKET_TIMEOUT": 5, "SOCKET_CONNECT_TIMEOUT": 5, **options}
        return ValkeyCache(location, {"KEY_PREFIX": prefix or uuid4().hex, "OPTIONS": options})

    yield go
    for key in set(factory._clients) - known:
        factory._clients.pop(key).shut()
    BUDGET.renew()


@pytest.fixture(params=["single", "cluster"])
def cache(request: pytest.FixtureRequest, make: Make) -> ValkeyCache:
    """A cache in each mode."""
    if request.param == "single":
        return make(request.getfixturevalue("server").url)
    return make(f"{request.getfixturevalue('nodes')[0].url}?cluster=true")


def all_servers(request: pytest.FixtureRequest) -> list[Server]:
    """The servers behind ``cache``."""
    cluster: Any = "cluster" in request.node.callspec.id
    return request.getfixturevalue("nodes") if cluster else [request.getfixturevalue("server")]

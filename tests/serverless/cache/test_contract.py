"""What Django promises of a cache, and what this one promises beyond it, in both modes."""

import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from serverless.cache.backend import ValkeyCache
from serverless.cache.counts import counts
from serverless.cache.exceptions import KeyWithoutEnd
from tests.serverless.cache.conftest import Make, all_servers
from tests.valkeys import Server

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
VALUES: list[Any] = [
    None, True, False, 0, -7, 2**70, 1.5, "", "ä\0", "12", "-", b"", b"\x00\xff", b"12", [], {}, ["a", [1, None]],
    {"a": {"b": [1.5]}}, MOMENT, MOMENT.replace(tzinfo=None), date(2026, 1, 2), time(3, 4, 5),
    timedelta(days=-3, microseconds=7), Decimal("1.10"), UUID(int=5), {"when": MOMENT, "raw": b"\xff", "plain": 1},
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_what_comes_back_is_what_was_put_in(cache: ValkeyCache, value: Any) -> None:
    assert cache.set("key", value)
    found = cache.get("key", "nothing")
    assert found == value
    assert type(found) is type(value)
    assert cache.get_many(["key"]) == {"key": value}


def test_many_keys_of_many_slots(cache: ValkeyCache) -> None:
    data = {f"key-{number}": number for number in range(60)}
    assert cache.set_many(data) == []
    assert cache.get_many([*data, "absent"]) == data
    assert cache.delete_many([*list(data)[:20], "absent"]) == 20
    assert cache.get_many(data) == dict(list(data.items())[20:])
    assert cache.get_many([]) == {}
    assert cache.set_many({}) == []
    assert cache.delete_many([]) == 0


def test_no_command_crosses_slots(cache: ValkeyCache, request: pytest.FixtureRequest) -> None:
    for server in all_servers(request):
        server.ask("CONFIG", "RESETSTAT")
    test_many_keys_of_many_slots(cache)
    for server in all_servers(request):
        refused = str(server.ask("INFO", "errorstats"))
        assert "CROSSSLOT" not in refused
        assert "ERR" not in refused


def test_add_counts_and_deletes(cache: ValkeyCache) -> None:
    assert cache.add("n", 1)
    assert not cache.add("n", 2)
    assert cache.incr("n") == 2
    assert cache.decr("n", 5) == -3
    assert cache.get("n") == -3
    assert cache.has_key("n")
    assert "n" in cache
    assert cache.delete("n")
    assert not cache.delete("n")
    with pytest.raises(ValueError, match="not found"):
        cache.incr("n")
    assert cache.get_or_set("n", lambda: 5) == 5
    assert cache.incr_version("n") == 2
    assert cache.get("n", version=2) == 5
    assert cache.get("n") is None


def test_patterns(cache: ValkeyCache) -> None:
    cache.set_many({"a:1": 1, "a:2": 2, "b:1": 3})
    assert sorted(cache.keys("a:*")) == ["a:1", "a:2"]
    assert sorted(cache.iter_keys("*")) == ["a:1", "a:2", "b:1"]
    assert cache.delete_pattern("a:*") == 2
    assert cache.keys("*") == ["b:1"]


def test_locks_end(cache: ValkeyCache) -> None:
    with cache.lock("lock", timeout=60):
        assert 0 < cache.ttl("lock") <= 60
        assert not cache.lock("lock", blocking=False).acquire()
    assert cache.lock("lock").acquire()
    assert cache.ttl("lock") > 0


def ends(cache: ValkeyCache, key: str) -> float:
    left = cache.pttl(key)
    assert left is not None, f"{key} has no end"
    return float(left) / 1000


def test_every_key_has_an_end(make: Make, server: Server, nodes: list[Server]) -> None:
    for location in (server.url, f"{nodes[0].url}?cluster=true"):
        cache = make(location, LONGEST_TIMEOUT=5000)
        cache.set("default", 1)
        assert 295 < ends(cache, "default") <= 300
        cache.set("none", 1, None)
        cache.add("added", 1, timeout=None)
        cache.set_many({"many": 1}, None)
        cache.set("touched", 1)
        cache.touch("touched", None)
        cache.get_or_set("got", 1, None)
        cache.lock("lock").acquire()
        for key in ("none", "added", "many", "touched", "got", "lock"):
            assert 4900 < ends(cache, key) <= 5000
        cache.incr("none")
        cache.incr_version("added")
        assert ends(cache, "none") > 4900
        assert cache.pttl("added", version=2) > 4900
        cache.set("over", 1, 0)
        cache.set_many({"over": 1}, -1)
        assert "over" not in cache


@pytest.mark.parametrize(
    "make_endless",
    [
        lambda cache: cache.sadd("set", 1),
        lambda cache: cache.hset("hash", "a", 1),
        lambda cache: cache.zadd("sorted", {"a": 1}),
        lambda cache: cache.persist("key"),
        lambda cache: cache.sunionstore("a", "b"),
        lambda cache: cache.incr("n", ignore_key_check=True),
    ],
)
def test_what_would_never_end_is_refused(make: Make, server: Server, make_endless: Any) -> None:
    cache = make(server.url)
    with pytest.raises(KeyWithoutEnd, match="never end"):
        make_endless(cache)
    assert cache.keys("*") == []


def test_whoever_writes_to_valkey_runs_no_code(cache: ValkeyCache) -> None:
    import pickle

    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return pytest.fail, ("code out of the cache was run",)

    raw = cache.client.valkey()
    for evil in (
        pickle.dumps(Evil()),
        b"j{",
        b"",
        b"x",
        b't{"\\u0000os.system": 1}',
        b"p[200]\n",
        b"p{}",
        b"--1",
        b"\xc3",
    ):
        raw.ask("SET", cache.client.make_key("evil"), evil, "PX", 60_000)
        assert cache.get("evil", "miss") == "miss"
        assert cache.get_many(["evil"]) == {}


def test_one_connection_for_all_that_a_process_does(make: Make, server: Server) -> None:
    cache, before = make(server.url), server.clients()
    for number in range(20):
        cache.set(f"key-{number}", number)
    cache.get_many(["key-1", "key-2"])
    with cache.lock("lock", timeout=5):
        pass
    cache.delete_pattern("*")
    make(server.url).get("x")  # as another thread's cache object
    assert server.clients() - before == 1


def test_connecting_asks_nothing(make: Make, server: Server) -> None:
    cache = make(server.url)
    cache.get("x")
    port = cache.client.valkey().connection_pool._available_connections[0]._sock.getsockname()[1]
    (mine,) = [line for line in server.ask("CLIENT", "LIST").decode().splitlines() if f":{port} " in line]
    assert "tot-cmds=1" in mine.split()


def test_threads_share(make: Make, server: Server) -> None:
    cache = make(server.url)
    cache.set("n", 0)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: cache.incr("n"), range(400)))
    assert cache.get("n") == 400


def test_a_connection_that_went_away_meanwhile_is_not_noticed(make: Make, server: Server) -> None:
    cache = make(server.url)
    cache.set("key", 1)
    server.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    assert cache.get("key") == 1


def test_an_answer_left_behind_is_nobodys(make: Make, server: Server) -> None:
    cache = make(server.url)
    cache.set_many({"mine": "mine", "other": "other"})
    pool = cache.client.valkey().connection_pool
    connection = pool.get_connection()
    connection._sock.sendall(b"*2\r\n$3\r\nGET\r\n$5\r\nother\r\n")  # interrupted before it has read
    while not connection._poll.poll(100):
        pass
    pool.release(connection)
    assert cache.get("mine") == "mine"


def test_the_end_of_a_requests_time_leaves_no_answer_behind(make: Make, server: Server) -> None:
    cache = make(server.url)
    cache.set("key", "right")
    connection = cache.client.valkey().connection_pool._available_connections[0]

    class Interrupting:
        def __init__(self, sock: socket.socket) -> None:
            self.sock = sock

        def __getattr__(self, name: str) -> Any:
            return getattr(self.sock, name)

        def recv(self, _: int) -> bytes:
            raise KeyboardInterrupt

    connection._parser._sock = Interrupting(connection._sock)
    with pytest.raises(KeyboardInterrupt):
        cache.get("key")
    assert cache.get("key") == "right"


def test_hits_and_misses_are_counted(make: Make, server: Server) -> None:
    cache = make(server.url)
    hits, misses = counts.hits, counts.misses
    cache.set("a", 1)
    cache.get("a")
    cache.get("b")
    cache.get_many(["a", "b", "c"])
    assert (counts.hits - hits, counts.misses - misses) == (2, 3)


def test_large_values_in_pieces(cache: ValkeyCache) -> None:
    value = bytes(range(256)) * 8192
    cache.set("large", value)
    assert cache.get("large") == value
    assert cache.get_many(["large", "large2"]) == {"large": value}


def test_without_valkey_everyone_has_an_answer_of_their_own(make: Make) -> None:
    """Whoever adds to what was found must not add to what the next one finds."""
    cache = make("redis://127.0.0.1:9")
    found = cache.get_many(["a"])
    found["somebody's"] = 1
    assert cache.get_many(["a"]) == {}

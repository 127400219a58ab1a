"""A cluster of three: where keys lie, how they are found when they have moved, and a server of it that is away."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from redis.crc import key_slot

from serverless.cache.backend import ValkeyCache
from serverless.cache.cluster import ClusterValkey
from tests.serverless.cache.conftest import Make
from tests.valkeys import Server, servers, settle


@pytest.fixture
def cluster(make: Make, nodes: list[Server]) -> ValkeyCache:
    return make(f"{nodes[0].url}?cluster=true")


def holder(nodes: list[Server], cache: ValkeyCache, key: str) -> Server:
    """The server that has the key."""
    made = str(cache.client.make_key(key))
    (found,) = [node for node in nodes if made.encode() in node.ask("KEYS", "*")]
    return found


def test_keys_lie_on_all_servers(cluster: ValkeyCache, nodes: list[Server]) -> None:
    cluster.set_many({str(number): number for number in range(60)})
    assert len({holder(nodes, cluster, str(number)).port for number in range(60)}) == 3


def test_one_connection_a_server(cluster: ValkeyCache, nodes: list[Server]) -> None:
    before = [node.clients() for node in nodes]
    for _ in range(3):
        cluster.set_many({str(number): number for number in range(60)})
        cluster.get("1")
    assert [node.clients() - count for node, count in zip(nodes, before, strict=True)] == [1, 1, 1]


def test_many_keys_are_one_round_trip_to_each_server(cluster: ValkeyCache, nodes: list[Server]) -> None:
    cluster.get("x")
    for node in nodes:
        node.ask("CONFIG", "RESETSTAT")
    cluster.get_many([str(number) for number in range(60)])
    client = cluster.client.valkey()
    assert isinstance(client, ClusterValkey)
    for pool in client._pools.values():
        assert len(pool._available_connections) == 1


def test_a_slot_that_has_moved_is_found(cluster: ValkeyCache, nodes: list[Server]) -> None:
    """MOVED, for one key and in the middle of many."""
    cluster.set("moving", "old")
    giver = holder(nodes, cluster, "moving")
    taker = next(node for node in nodes if node is not giver)
    slot = giver.ask("CLUSTER", "KEYSLOT", cluster.client.make_key("moving"))
    name = taker.ask("CLUSTER", "MYID")
    giver.ask("DEL", cluster.client.make_key("moving"))
    for node in (taker, giver, *nodes):
        node.ask("CLUSTER", "SETSLOT", slot, "NODE", name)
    data = {str(number): number for number in range(20)} | {"moving": "new"}
    cluster.set_many(data)
    assert cluster.get_many(data) == data
    assert holder(nodes, cluster, "moving") is taker
    assert cluster.get("moving") == "new"


def test_a_slot_on_its_way_is_asked_for(cluster: ValkeyCache, nodes: list[Server]) -> None:
    """ASK: the key is not where its slot still is."""
    cluster.set("key", "value")
    giver = holder(nodes, cluster, "key")
    taker = next(node for node in nodes if node is not giver)
    made = cluster.client.make_key("key")
    slot = giver.ask("CLUSTER", "KEYSLOT", made)
    taker.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", giver.ask("CLUSTER", "MYID"))
    giver.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", taker.ask("CLUSTER", "MYID"))
    try:
        giver.ask("MIGRATE", "127.0.0.1", taker.port, made, 0, 5000)
        assert cluster.get("key") == "value"
        assert cluster.get_many(["key"]) == {"key": "value"}
        assert cluster.set("key", "other")
        assert cluster.get("key") == "other"
    finally:
        for node in (taker, giver, *nodes):
            node.ask("CLUSTER", "SETSLOT", slot, "NODE", taker.ask("CLUSTER", "MYID"))


def test_clear_empties_all_servers(make: Make) -> None:
    with servers(2, cluster=True) as own:
        cache = make(f"{own[1].url}?cluster=true")
        cache.set_many({str(number): number for number in range(40)})
        assert all(node.ask("DBSIZE") for node in own)
        cache.clear()
        assert not any(node.ask("DBSIZE") for node in own)


def test_a_server_that_is_away_takes_its_own_keys_along(make: Make) -> None:
    with servers(2, cluster=True) as own:
        for node in own:
            node.ask("CONFIG", "SET", "cluster-require-full-coverage", "no")
        cache = make(f"{own[0].url}?cluster=true")
        keys = [str(number) for number in range(20)]
        cache.set_many(dict.fromkeys(keys, 1))
        lost = {key for key in keys if holder(own, cache, key) is own[1]}
        assert lost
        own[1].kill()
        assert {key for key in keys if cache.get(key) is None} == lost
        own[1].start()
        settle(own)
        assert all(cache.set(key, 1) for key in lost)


def test_a_server_alone_is_no_cluster(make: Make, server: Server) -> None:
    cache = make(f"{server.url}?cluster=true")
    assert cache.get("x", "miss") == "miss"
    assert cache.get_many(["x"]) == {}


def test_a_cluster_is_no_server_alone(make: Make, nodes: list[Server]) -> None:
    cache = make(nodes[0].url)
    assert cache.get_many([str(number) for number in range(20)]) == {}


@contextmanager
def scripted(answers: Callable[[bytes], bytes]) -> Iterator[int]:
    """A server that answers each command, all of a packet at once, as ``answers`` says; yields its port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while command := self.request.recv(65_536):
                self.request.sendall(answers(command) * max(1, command.count(b"\r\nGET\r\n")))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_a_server_that_is_down_while_another_sends_elsewhere_is_a_miss(make: Make) -> None:
    """In the midst of a failover the map is thrown away, and a slot's new place comes in."""
    ports: list[int] = []

    def slots() -> bytes:
        ranges = b"".join(
            b"*3\r\n:%d\r\n:%d\r\n*2\r\n$9\r\n127.0.0.1\r\n:%d\r\n" % (node * 8192, node * 8192 + 8191, port)
            for node, port in enumerate(ports)
        )
        return b"*2\r\n" + ranges

    def down(command: bytes) -> bytes:
        return slots() if b"CLUSTER" in command else b"-CLUSTERDOWN The cluster is down\r\n"

    def elsewhere(command: bytes) -> bytes:
        return slots() if b"CLUSTER" in command else b"-MOVED 9000 127.0.0.1:%d\r\n" % ports[0]

    with scripted(down) as one, scripted(elsewhere) as other:
        ports += [one, other]
        cache = make(f"redis://127.0.0.1:{one}?cluster=true")
        asked = [str(number) for number in range(20)]
        assert {key_slot(str(cache.client.make_key(key)).encode()) // 8192 for key in asked} == {0, 1}
        assert cache.get_many(asked) == {}
        assert [cache.get(key, "miss") for key in asked] == ["miss"] * 20

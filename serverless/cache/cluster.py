"""Cluster mode: each key lies in one of 16,384 slots, each slot on one server, and any server says where.

https://valkey.io/topics/cluster-spec/. redis-py's own RedisCluster is not used: where a server is away it asks all the
others for the map again, sleeps and tries ten times, each within timeouts of its own; and it reads a table of commands.
Here whatever fails is a miss, and the map is read again with the next call.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Final

from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import AskError, ClusterDownError, MovedError, RedisError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from serverless.cache.address import Address
from serverless.cache.pool import Pool
from serverless.cache.valkey import Command, Valkey, exchange
from serverless.cache.wire import Piece

__all__ = ["ClusterValkey"]

type Node = tuple[str, int]

_REDIRECTS: Final = 3
# Where a command has its key, if not behind its name; and those that every server has to hear.
_KEY_AT: Final = {"EVAL": 3, "EVALSHA": 3}
_EVERYWHERE: Final = frozenset({"FLUSHDB", "PING", "SCRIPT"})


class ClusterValkey(Valkey):
    """All servers of a cluster. A command names keys of one slot."""

    def __init__(self, address: Address, pool_of: Callable[[str, int], Pool]) -> None:
        self._seed: Node = (address.host, address.port)
        self._pool_of = pool_of
        self._pools: dict[Node, Pool] = {}
        self._slots: list[Node | None] = []
        super().__init__(connection_pool=self._pool(self._seed))

    def ask(self, *command: Piece) -> Any:
        """Send one command to where its key lies, and follow where it was moved. Raises redis-py's errors."""
        if command[0] in _EVERYWHERE:
            return [_answered(exchange(pool, [command])[0]) for pool in self._primaries()][-1]
        return _answered(self._send({0: command})[0])

    def together(self, commands: Sequence[Command]) -> list[Any]:
        """Send all commands, those of one server in one round trip. An error that was answered is in its place."""
        answers = self._send(dict(enumerate(commands)))
        return [answers[number] for number in range(len(commands))]

    def keys_like(self, pattern: str, *, size: int) -> list[bytes]:
        """Return the keys of all servers that fit the pattern."""
        return [key for pool in self._primaries() for key in Valkey(connection_pool=pool).keys_like(pattern, size=size)]

    def shut(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            pool.disconnect()
            pool.breaker.reset()

    def _send(self, commands: dict[int, Command]) -> dict[int, Any]:
        """Return the answers by the commands' numbers."""
        answers: dict[int, Any] = {}
        left = commands
        for _ in range(_REDIRECTS):
            for node, numbers in self._by_node(left).items():
                answers |= zip(numbers, self._ask(node, [left[number] for number in numbers]), strict=True)
            left = {number: command for number, command in left.items() if isinstance(answers[number], AskError)}
            for number, command in left.items():
                error = answers[number]
                node = (error.host or self._seed[0], error.port)
                if isinstance(error, MovedError):
                    if self._slots:  # another server's answer may have had them forgotten
                        self._slots[_slot(command)] = node
                else:  # this one key is on its way there, its slot not yet
                    answers[number] = self._ask(node, [("ASKING",), command])[1]
            if not any(isinstance(answers[number], MovedError) for number in left):
                break
            left = {number: command for number, command in left.items() if isinstance(answers[number], MovedError)}
        return answers

    def _ask(self, node: Node, commands: Sequence[Command]) -> list[Any]:
        try:
            answers = exchange(self._pool(node), commands)
        except (RedisConnectionError, RedisTimeoutError):
            self._slots = []  # another may have taken its place
            raise
        if any(isinstance(answer, ClusterDownError) for answer in answers):
            self._slots = []
        return answers

    def _by_node(self, commands: dict[int, Command]) -> dict[Node, list[int]]:
        slots = self._slots or self._read_map()
        found: dict[Node, list[int]] = defaultdict(list)
        for number, command in commands.items():
            if (node := slots[_slot(command)]) is None:
                self._slots = []
                raise ClusterDownError("The key's slot is on no server: the cluster is not complete.")
            found[node].append(number)
        return found

    def _primaries(self) -> list[Pool]:
        slots = self._slots or self._read_map()
        return [self._pool(node) for node in sorted({node for node in slots if node})]

    def _read_map(self) -> list[Node | None]:
        """Ask the servers known so far, then the one in the settings, until one answers. Raises the last error."""
        error: RedisError = RedisConnectionError("No server of the cluster is known.")
        for node in dict.fromkeys([*self._pools, self._seed]):
            try:
                (ranges,) = exchange(self._pool(node), [("CLUSTER", "SLOTS")])
            except (RedisConnectionError, RedisTimeoutError) as failed:
                error = failed
                continue
            if isinstance(ranges, ResponseError):
                error = ranges
                continue
            self._slots = slots = _placed(ranges, asked=node[0])
            self._forget_others()
            return slots
        raise error

    def _forget_others(self) -> None:
        """Close what is open to servers that are none any more."""
        known = {*self._slots, self._seed}
        for node in self._pools.keys() - known:
            self._pools.pop(node).disconnect()

    def _pool(self, node: Node) -> Pool:
        if node not in self._pools:
            self._pools[node] = self._pool_of(*node)
        return self._pools[node]


def _answered(answer: Any) -> Any:
    if isinstance(answer, RedisError):
        raise answer
    return answer


def _slot(command: Command) -> int:
    at = _KEY_AT.get(str(command[0]), 1)
    if len(command) <= at:
        raise RedisError(f"{command[0]!r} names no key: in cluster mode nobody knows which server is meant.")
    key = command[at]
    if not isinstance(key, bytes | str):
        raise RedisError("A key is text or bytes.")
    return key_slot(key.encode() if isinstance(key, str) else key)


def _placed(ranges: Sequence[Any], *, asked: str) -> list[Node | None]:
    """Return each slot's primary. A server that does not know its own name is the one that was asked."""
    slots: list[Node | None] = [None] * REDIS_CLUSTER_HASH_SLOTS
    for first, last, (host, port, *_), *_ in ranges:
        name = host.decode() if host and host != b"?" else asked
        slots[first : last + 1] = [(name, port)] * (last + 1 - first)
    return slots

"""Cluster mode: each key lies in one of 16,384 slots, each slot on one server, and any server says where.

https://valkey.io/topics/cluster-spec/. redis-py's own RedisCluster is not used: where a server is away it asks all others
for the map again, sleeps and tries ten times, each within its own timeouts; and it loads the map of commands besides.
Here whatever fails is a miss, and the map is read again with the next call.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from redis.crc import key_slot
from redis.exceptions import AskError, ClusterDownError, MovedError, RedisError, ResponseError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from serverless.cache.address import Address
from serverless.cache.pool import Pool
from serverless.cache.valkey import Command, Valkey, exchange

__all__ = ["ClusterValkey"]

type Node = tuple[str, int]

_REDIRECTS: Final = 3
# Where a command has its key, if not behind its name; and those that every server has to hear.
_KEY_AT: Final = {"EVAL": 3, "EVALSHA": 3}
_EVERYWHERE: Final = frozenset({"FLUSHDB", "PING", "SCRIPT LOAD"})


class ClusterValkey(Valkey):
    """All servers of a cluster. A command names keys of one slot."""

    def __init__(self, address: Address, pool_of: Callable[[str, int], Pool]) -> None:
        self._seed: Node = (address.host, address.port)
        self._pool_of = pool_of
        self._pools: dict[Node, Pool] = {}
        self._slots: dict[int, Node] = {}
        super().__init__(connection_pool=self._pool(self._seed))

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send one command to where its key lies, and follow where it was moved. Raises redis-py's errors."""
        if args[0] in _EVERYWHERE:
            return [Valkey(connection_pool=pool).execute_command(*args, **options) for pool in self._primaries()][0]
        answer = self._send({0: tuple(args)})[0]
        if isinstance(answer, RedisError):
            raise answer
        callback = self.response_callbacks.get(args[0])
        options.pop("keys", None)
        return callback(answer, **options) if callback else answer

    def together(self, commands: Sequence[Command]) -> list[Any]:
        """Send all commands, those of one server in one round trip. An error that was answered is in its place."""
        answers = self._send(dict(enumerate(commands)))
        return [answers[number] for number in range(len(commands))]

    def keys_like(self, pattern: str, *, size: int) -> list[bytes]:
        """Return the keys of all servers that fit the pattern."""
        return [
            key for pool in self._primaries() for key in Valkey(connection_pool=pool).keys_like(pattern, size=size)
        ]

    def shut(self) -> None:
        """Close all connections."""
        for pool in self._pools.values():
            pool.disconnect()

    def _send(self, commands: dict[int, Command]) -> dict[int, Any]:
        """Return the answers by the commands' numbers."""
        answers: dict[int, Any] = {}
        left = commands
        for _ in range(_REDIRECTS):
            for node, numbers in self._by_node(left).items():
                answers |= zip(numbers, self._ask(node, [left[number] for number in numbers]), strict=True)
            left = {number: command for number, command in left.items() if self._was_moved(command, answers[number])}
            for number, command in left.items():
                if isinstance(error := answers[number], AskError):
                    asked = self._ask((error.host or self._seed[0], error.port), [("ASKING",), command])
                    answers[number] = asked[1]
            left = {number: command for number, command in left.items() if isinstance(answers[number], MovedError)}
            if not left:
                break
        return answers

    def _ask(self, node: Node, commands: Sequence[Command]) -> list[Any]:
        try:
            answers = exchange(self._pool(node), commands)
        except (RedisConnectionError, RedisTimeoutError):
            self._slots = {}  # another may have taken its place
            raise
        if any(isinstance(answer, ClusterDownError) for answer in answers):
            self._slots = {}
        return answers

    def _was_moved(self, command: Command, answer: object) -> bool:
        if isinstance(answer, MovedError) and not isinstance(answer, AskError):
            self._slots[_slot(command)] = (answer.host or self._seed[0], answer.port)
            return True
        return isinstance(answer, AskError)

    def _by_node(self, commands: dict[int, Command]) -> dict[Node, list[int]]:
        if not self._slots:
            self._read_map()
        found: dict[Node, list[int]] = defaultdict(list)
        for number, command in commands.items():
            node = self._slots.get(_slot(command))
            if node is None:
                self._slots = {}
                raise ClusterDownError("The key's slot is on no server: the cluster is not complete.")
            found[node].append(number)
        return found

    def _primaries(self) -> list[Pool]:
        if not self._slots:
            self._read_map()
        return [self._pool(node) for node in sorted(set(self._slots.values()))]

    def _read_map(self) -> None:
        """Ask the servers known so far, then the one in the settings, until one answers. Raises the last one's error."""
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
            self._slots = dict(_placed(ranges, asked=node[0]))
            self._forget_others()
            return
        raise error

    def _forget_others(self) -> None:
        """Close what is open to servers that are none any more."""
        known = {*self._slots.values(), self._seed}
        for node in self._pools.keys() - known:
            self._pools.pop(node).disconnect()

    def _pool(self, node: Node) -> Pool:
        if node not in self._pools:
            self._pools[node] = self._pool_of(*node)
        return self._pools[node]


def _slot(command: Command) -> int:
    at = _KEY_AT.get(str(command[0]), 1)
    if len(command) <= at:
        raise RedisError(f"{command[0]} names no key: in cluster mode nobody knows which server is meant.")
    key = command[at]
    return key_slot(key if isinstance(key, bytes) else str(key).encode())


def _placed(ranges: Sequence[Any], *, asked: str) -> Iterator[tuple[int, Node]]:
    """Yield each slot and its primary. A server that does not know its own name is the one that was asked."""
    for first, last, (host, port, *_), *_ in ranges:
        node = ((host or b"").decode() or asked, port)
        for slot in range(first, last + 1):
            yield slot, node

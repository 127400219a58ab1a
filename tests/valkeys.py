"""Valkey servers of a test's own: alone or as a cluster of three, killed, stopped, flushed and started again.

And a door before one, behind which it is slow or silent, and which counts who came.
"""

import asyncio
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from redis.client import Redis
from redis.crc import REDIS_CLUSTER_HASH_SLOTS

from serverless.emulator.services import valkey
from serverless.emulator.services.process import Process, free_port, last_lines, start

_START_S = 20.0


class Server:
    """One valkey-server. ``kill``, ``freeze`` and ``start`` act on its process; ``ask`` goes past our clients."""

    def __init__(self, state: Path, *, cluster: bool = False) -> None:
        self.port, self.bus = free_port(), free_port()
        self._state, self._cluster = state, cluster
        self._process: Process | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.popen.pid

    def start(self) -> None:
        home = self._state / f"valkey-{self.port}"
        home.mkdir(exist_ok=True)
        options = {
            "bind": "127.0.0.1", "port": self.port, "dir": home, "save": "", "appendonly": "no", "daemonize": "no",
            "cluster-enabled": "yes" if self._cluster else "no", "cluster-node-timeout": 60_000,
            # By default 10,000 above, among the ports of outgoing connections, where somebody may be already.
            "cluster-port": self.bus,
        }  # fmt: skip
        command = [
            str(valkey._binary()),
            *(str(part) for name, value in options.items() for part in (f"--{name}", value)),
        ]
        self._process = start(f"valkey-{self.port}", command, state=self._state)
        deadline = time.monotonic() + _START_S
        while not valkey._answers(self.port):
            if self._process.popen.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError(f"valkey-server: {last_lines(self._process.log)}")
            time.sleep(0.01)

    def kill(self) -> None:
        assert self._process is not None
        self._process.popen.kill()
        self._process.popen.wait()

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def awake(self) -> None:
        """Thaw it, and return when it has dealt with all that had arrived: each of its rounds reads from everybody."""
        self.thaw()
        for _ in range(3):
            self.ask("PING")

    def stop(self) -> None:
        if self._process is not None:
            self.kill()

    def ask(self, *command: Any) -> Any:
        with Redis(port=self.port, protocol=2, socket_timeout=20) as client:
            return client.execute_command(*command)

    def clients(self) -> int:
        """How many are connected, but this one that asks."""
        return len(self.ask("CLIENT", "LIST", "TYPE", "normal").decode().splitlines()) - 1


@contextmanager
def servers(count: int = 1, *, cluster: bool = False) -> Iterator[list[Server]]:
    """Start some, and stop them at the end."""
    state = Path(tempfile.mkdtemp(prefix="serverless-valkeys-"))
    for name in ("logs", "run"):
        (state / name).mkdir()
    made: list[Server] = []
    try:
        made.extend(Server(state, cluster=cluster) for _ in range(count))
        if cluster:
            join(made)
        yield made
    finally:
        for server in made:
            server.stop()
        shutil.rmtree(state)


def join(nodes: Sequence[Server]) -> None:
    """Make the servers one cluster, each with its share of the slots."""
    share = -(-REDIS_CLUSTER_HASH_SLOTS // len(nodes))
    for number, node in enumerate(nodes):
        last = min((number + 1) * share, REDIS_CLUSTER_HASH_SLOTS) - 1
        node.ask("CLUSTER", "ADDSLOTSRANGE", number * share, last)
        node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
    for node in nodes[1:]:
        node.ask("CLUSTER", "MEET", "127.0.0.1", nodes[0].port, nodes[0].bus)
    settle(nodes)


def settle(nodes: Sequence[Server]) -> None:
    """Return when all of them know all of them."""
    deadline = time.monotonic() + _START_S
    while not all(_complete(node, len(nodes)) for node in nodes):
        assert time.monotonic() < deadline, "the cluster does not come together"
        time.sleep(0.05)


def _complete(node: Server, count: int) -> bool:
    told = str(node.ask("CLUSTER", "INFO"))
    return "cluster_state:ok" in told and f"cluster_known_nodes:{count}" in told and f"cluster_size:{count}" in told


class Door:
    """A port before a server's. Closed it refuses; silent it takes everything and lets nothing through."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.delay = 0.0
        self.silent = False
        self.came = 0
        self.asked = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._links: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Server | None = None
        self.port = free_port()
        self.open()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def open(self) -> None:
        self._run(self._open())

    def shut(self) -> None:
        """Refuse whoever comes, and reset who is there."""
        self._run(self._shut())

    def close(self) -> None:
        self.shut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, coroutine: Any) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(20)

    async def _open(self) -> None:
        self._listening = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _shut(self) -> None:
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        for link in self._links:
            link.transport.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._links.add(client)
        self.came += 1
        try:
            with suppress(OSError):
                from_server, server = await asyncio.open_connection("127.0.0.1", self.server.port)
                self._links.add(server)
                try:
                    await self._forward(reader, client, from_server, server)
                finally:
                    self._links.discard(server)
                    server.transport.abort()
        finally:
            self._tasks.discard(task)
            self._links.discard(client)
            client.transport.abort()

    async def _forward(
        self,
        reader: asyncio.StreamReader,
        client: asyncio.StreamWriter,
        from_server: asyncio.StreamReader,
        server: asyncio.StreamWriter,
    ) -> None:
        async def there() -> None:
            while chunk := await reader.read(65_536):
                self.asked += 1
                if not self.silent:
                    server.write(chunk)

        async def back() -> None:
            while chunk := await from_server.read(65_536):
                await asyncio.sleep(self.delay)
                if not self.silent:
                    client.write(chunk)

        ways = [asyncio.ensure_future(there()), asyncio.ensure_future(back())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

"""A door before PostgreSQL that sees each statement and can do harm before it is run or before its reply arrives."""

import asyncio
import os
import signal
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from tests.faults import wire

type When = Literal["before", "after"]
type Harm = Callable[["Link"], Awaitable[None]]


@dataclass(slots=True, kw_only=True)
class Rule:
    """Do ``harm`` when a statement begins (``before``) or has been run (``after``) at ``step``.

    ``skip``: so many times nothing happens first. ``times``: how often it happens then. ``of``: only to this process.
    """

    step: str
    when: When
    harm: Harm
    skip: int = 0
    times: int = 1
    of: int | None = None


class Link:
    """One client's connection: two streams, and the statement that is under way."""

    def __init__(self, proxy: "Proxy", client: asyncio.StreamWriter, server: asyncio.StreamWriter, pid: int) -> None:
        self.proxy, self.client, self.server, self.pid = proxy, client, server, pid
        self.backend = 0
        self.status = b"I"
        self.after: Rule | None = None
        self.refusal: bytes | None = None  # answers the statements up to the next Sync instead of the server
        self.silent = False

    def cut(self) -> None:
        """Reset both ends."""
        for writer in (self.client, self.server):
            if (raw := writer.get_extra_info("socket")) is not None:
                with suppress(OSError):
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    async def from_client(self, reader: asyncio.StreamReader) -> None:
        frames = wire.Frames()
        while chunk := await reader.read(65536):
            for kind, message in frames.feed(chunk):
                await self._forward(kind, message)
            await self.server.drain()

    async def _forward(self, kind: int, message: bytes) -> None:
        if (step := wire.step_of(kind, message)) is not None:
            if (rule := self.proxy.find(step, "before", self)) is not None:
                await rule.harm(self)
            self.after = self.proxy.find(step, "after", self) or self.after
        if self.refusal is not None:
            if kind in b"QS":  # the end of a simple or of an extended query
                self.client.write(self.refusal + wire.ready(b"I" if self.status == b"I" else b"E"))
                self.refusal = None
            return
        if not self.silent and not self.server.is_closing():
            self.server.write(message)

    async def from_server(self, reader: asyncio.StreamReader) -> None:
        frames = wire.Frames()
        while chunk := await reader.read(65536):
            ended = False
            for kind, message in frames.feed(chunk):
                if kind == ord("K"):
                    self.backend = struct.unpack_from("!I", message, 5)[0]
                if kind == ord("Z"):
                    self.status, ended = message[5:6], True
            if ended and (rule := self.after) is not None:
                self.after = None
                await rule.harm(self)
            if not self.silent and not self.client.is_closing():
                self.client.write(chunk)
                await self.client.drain()


class Proxy:
    """Listens on one port for the length of the rig; what stands behind it may change."""

    def __init__(self) -> None:
        self.upstream = 0
        self.rules: list[Rule] = []
        self.links: set[Link] = set()
        self.away = False
        self.port = 0
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def find(self, step: str, when: When, link: Link) -> Rule | None:
        """Return the rule for this moment, if there is one and its turn has come; it is gone with its last time."""
        for rule in self.rules:
            if (rule.step, rule.when) == (step, when) and rule.of in {None, link.pid}:
                if rule.skip:
                    rule.skip -= 1
                    continue
                rule.times -= 1
                if not rule.times:
                    self.rules.remove(rule)
                return rule
        return None

    def cut(self) -> None:
        """Reset every connection: a freeze that outlived them, or a server that is gone."""
        for link in list(self.links):
            link.cut()

    async def _accept(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await self._serve(reader, client)
        finally:
            self._serving.discard(task)
            client.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        if self.away:
            return
        head = await reader.readexactly(4)
        startup = head + await reader.readexactly(struct.unpack("!I", head)[0] - 4)
        name = wire.parameters(startup).get("application_name", "")
        from_server, server = await asyncio.open_connection("127.0.0.1", self.upstream)
        server.write(startup)
        link = Link(self, client, server, int(name.rpartition("-")[2] or 0))
        self.links.add(link)
        ways = [asyncio.ensure_future(link.from_client(reader)), asyncio.ensure_future(link.from_server(from_server))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.links.discard(link)
            server.transport.abort()
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)


async def kill(link: Link) -> None:
    """kill -9 of the process that speaks, and of what it started."""
    os.killpg(link.pid, signal.SIGKILL)
    link.cut()


async def stop(link: Link) -> None:
    """SIGSTOP, as the platform freezes."""
    os.killpg(link.pid, signal.SIGSTOP)


async def cut(link: Link) -> None:
    """Reset the connection; what was sent before the reply is lost was run."""
    link.cut()


async def silence(link: Link) -> None:
    """Nothing more arrives on this connection, in either direction, and nobody says so."""
    link.silent = True


def refuse(code: str) -> Harm:
    """Let the statement fail with an SQLSTATE, as the server's own error."""

    async def harm(link: Link) -> None:
        link.refusal = wire.error(code, "made by the rig")

    return harm

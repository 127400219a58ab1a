"""A door before PostgreSQL that writes down who speaks when, and can hang up or fall silent; without TLS."""

import select
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

from tests.faults.wire import Frames

_STATEMENTS = {ord("Q"): slice(5, -1), ord("P"): slice(6, None)}  # Parse begins with the statement's empty name


@dataclass(slots=True)
class Recorder:
    """``turns``: who spoke, one entry however much was said before the other answered."""

    port: int
    turns: list[Literal["client", "server"]] = field(default_factory=list)
    statements: list[str] = field(default_factory=list)
    connections: int = 0
    mode: Literal["open", "silent"] = "open"
    refuse: bool = False
    hang_up_before: str = ""
    hang_up_after: str = ""
    _pairs: list["_Pair"] = field(default_factory=list)

    @property
    def round_trips(self) -> int:
        """How often the client had to wait for the server. What a server says of itself at last is no answer."""
        return sum(self.turns[at : at + 2] == ["client", "server"] for at in range(len(self.turns)))

    def forget(self) -> None:
        self.turns.clear()
        self.statements.clear()
        self.connections = 0

    def hang_up(self) -> None:
        """Reset every connection, at both ends."""
        for pair in list(self._pairs):
            pair.reset()

    def turn(self, who: Literal["client", "server"]) -> None:
        if self.turns[-1:] != [who]:
            self.turns.append(who)


class _Pair:
    def __init__(self, recorder: Recorder, client: socket.socket, server: socket.socket) -> None:
        self.recorder, self.client, self.server = recorder, client, server
        self.frames = Frames()
        self.greeted = False
        self.doomed = False

    def reset(self) -> None:
        for end in (self.client, self.server):
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)

    def run(self) -> None:
        try:
            while self._pass_on():
                pass
        except OSError:
            pass
        finally:
            self.recorder._pairs.remove(self)
            for end in (self.client, self.server):
                end.close()

    def _pass_on(self) -> bool:
        for ready in select.select([self.client, self.server], [], [])[0]:
            if not (chunk := ready.recv(65536)):
                return False
            if self.recorder.mode == "silent":
                continue
            if ready is self.server:
                self.recorder.turn("server")
                if self.doomed:
                    return False
                self.client.sendall(chunk)
                continue
            self.recorder.turn("client")
            if not self._let(chunk):
                return False
            self.server.sendall(chunk)
        return True

    def _let(self, chunk: bytes) -> bool:
        """Note the statements in what the client says; False where one of them is to be the last."""
        if not self.greeted:  # the first message has no type
            self.greeted = True
            return True
        for kind, message in self.frames.feed(chunk):
            if kind not in _STATEMENTS:
                continue
            text = message[_STATEMENTS[kind]].partition(b"\0")[0].decode()
            self.recorder.statements.append(text)
            if self.recorder.hang_up_before and self.recorder.hang_up_before in text:
                self.recorder.hang_up_before = ""
                return False
            if self.recorder.hang_up_after and self.recorder.hang_up_after in text:
                self.recorder.hang_up_after = ""
                self.doomed = True
        return True


@contextmanager
def recorded(upstream: int) -> Iterator[Recorder]:
    """Stand before the server at port ``upstream`` for the length of the block."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        recorder = Recorder(port=door.getsockname()[1])
        threads: list[threading.Thread] = []

        def accept() -> None:
            while True:
                try:
                    client, _ = door.accept()
                except OSError:
                    return
                recorder.connections += 1
                if recorder.refuse:
                    client.close()
                    continue
                try:
                    server = socket.create_connection(("127.0.0.1", upstream))
                except OSError:
                    client.close()
                    continue
                pair = _Pair(recorder, client, server)
                recorder._pairs.append(pair)
                threads.append(threading.Thread(target=pair.run))
                threads[-1].start()

        listening = threading.Thread(target=accept)
        listening.start()
        try:
            yield recorder
        finally:
            door.shutdown(socket.SHUT_RDWR)
            listening.join()
            recorder.hang_up()
            for thread in threads:
                thread.join()

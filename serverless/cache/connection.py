"""redis-py's connection, with an end to every wait, and nothing asked while it connects."""

import select
import socket
import ssl
import time
from functools import cache as once
from typing import Any, Final

from redis.connection import Connection
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import MasterDownError, ReadOnlyError, RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from serverless.cache.breaker import Breaker
from serverless.cache.wire import Packer, Parser

__all__ = ["BoundedConnection"]

# Seconds after which a connection is not used again. Between requests an environment may be frozen for long, and what
# lies between it and Valkey forgets quiet connections without telling; a new one costs one round trip, three with TLS.
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html
_IDLE_S: Final = 60
# A server that a failover has made a reader, or that has lost its primary: the name now leads to another one.
_ELSEWHERE: Final = (ReadOnlyError, MasterDownError)


_Untyped: Any = Connection  # it says that it has types, and most of it has none


class BoundedConnection(_Untyped):  # type: ignore[misc]
    """Connects and reads within what ``breaker`` allows, and trips it when nothing came."""

    def __init__(self, *, breaker: Breaker, connect_limit: float, tls: bool, **options: Any) -> None:
        self.breaker = breaker
        self._connect_limit, self._tls = connect_limit, tls
        self._quiet_since = 0.0
        self._poll = select.poll()
        self._parser: Parser
        self._sock: Any = None
        super().__init__(
            driver_info=None,  # CLIENT SETINFO twice
            parser_class=Parser,
            command_packer=Packer(),
            socket_timeout=breaker.limit,
            **options,
        )

    def ready(self, *, began: float, allowed: float) -> None:
        """Be connected, and be done ``allowed`` seconds after ``began``. Raises redis-py's errors."""
        sock = self._sock
        if sock is not None and self._is_stale():
            self.disconnect()
            sock = None
        self._parser.until, self._parser.waits = began + allowed, 0
        if sock is None:
            self.connect()
        elif sock.gettimeout() != allowed:
            sock.settimeout(allowed)

    def rest(self) -> None:
        """Nobody uses it from now on."""
        self._quiet_since = time.time()  # the wall clock goes on while the environment is frozen

    def read_response(self, *_: object, **__: object) -> Any:
        """Return an answer. Raises the error that was answered, or why there is none."""
        try:
            response = self._parser.read_response()
        except TimeoutError as error:
            self._trip()
            raise RedisTimeoutError("There was no answer in time.") from error
        except OSError as error:
            self.disconnect()
            raise RedisConnectionError(f"The connection broke: {error}.") from error
        except BaseException:  # the end of the request's time among them: the answer is still under way
            self.disconnect()
            raise
        if isinstance(response, ResponseError):
            if isinstance(response, _ELSEWHERE):
                self.mark_for_reconnect()
            raise response
        return response

    def ask(self, command: bytes) -> Any:
        """Send a packed command and return its answer; after anything but an answer the connection is closed."""
        try:
            self.send(command)
            return self.read_response()
        except RedisError:
            raise
        except BaseException:  # the end of the request's time: nobody knows what the next answer would be to
            self.disconnect()
            raise

    def send(self, packed: bytes) -> None:
        """Send packed commands."""
        try:
            self._sock.sendall(packed)
        except TimeoutError as error:
            self._trip()
            raise RedisTimeoutError("The cache takes nothing.") from error
        except OSError as error:
            self.disconnect()
            raise RedisConnectionError(f"The connection broke: {error}.") from error

    def send_packed_command(self, command: Any, check_health: bool = True) -> None:  # noqa: ARG002 - redis-py's signature
        """Send what a Packer returned."""
        if self._sock is None:
            self.connect()
        self.send(b"".join(command) if isinstance(command, list) else command)

    def _connect(self) -> Any:
        until = min(time.monotonic() + self._connect_limit, self._parser.until)
        try:
            sock = self._dial(until)
            if self._tls:
                sock = self._wrap(sock, until)
        except TimeoutError:
            self.breaker.trip(None)
            raise
        sock.settimeout(_left(self._parser.until))
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)
        return sock

    def _wrap(self, sock: socket.socket, until: float) -> ssl.SSLSocket:
        sock.settimeout(_left(until))
        try:
            return _tls().wrap_socket(sock, server_hostname=self.host)
        except BaseException:
            sock.close()
            raise

    def _dial(self, until: float) -> socket.socket:
        """Connect to the first of the host's addresses that answers, all of them together within the time."""
        failed: OSError = OSError("The host has no address.")
        for family, kind, protocol, _, address in socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM):
            sock = socket.socket(family, kind, protocol)
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.settimeout(_left(until))
                sock.connect(address)
            except BaseException as error:
                sock.close()
                if not isinstance(error, OSError):
                    raise
                failed = error
            else:
                return sock
        raise failed

    def _is_stale(self) -> bool:
        if time.time() - self._quiet_since > _IDLE_S:
            return True
        # Until something was read, TLS 1.3's session tickets may be waiting there.
        return self._parser.answered and bool(self._poll.poll(0))

    def _trip(self) -> None:
        """Leave the socket to the breaker: should the answer come, the server is back."""
        sock, self._sock = self._sock, None
        self.disconnect()
        self.breaker.trip(sock)


def _left(until: float) -> float:
    return max(until - time.monotonic(), 0.001)


@once
def _tls() -> ssl.SSLContext:
    """One a process: to read the system's roots takes 20 ms of CPU."""
    return ssl.create_default_context()

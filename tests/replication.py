"""Two PostgreSQL servers, of which the second is a streaming copy of the first, on ports that outlive restarts."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import psycopg.sql

from serverless.emulator.services import postgres
from serverless.emulator.services.process import Process, free_port, start

_PATIENCE_S = 20.0


class Pair:
    """``start``, then anything, ``remove``. Each server is a child of this process and ends with it."""

    def __init__(self) -> None:
        self._folders = {name: _folder(name) for name in ("primary", "replica")}
        self._ports = {name: free_port() for name in self._folders}
        self._processes: dict[str, Process] = {}
        self._user: str | None = None

    @property
    def password(self) -> str:
        return (self._folders["primary"] / "postgres" / "password").read_text()

    def url(self, name: str) -> str:
        return f"postgresql://local:{self.password}@127.0.0.1:{self._ports[name]}/postgres"

    def start(self) -> None:
        asyncio.run(self._start())

    def remove(self) -> None:
        for name in list(self._processes):
            self.stop(name)
        for folder in self._folders.values():
            shutil.rmtree(folder)

    def stop(self, name: str) -> None:
        """End a server as a restart does: it tells its clients."""
        if (process := self._processes.pop(name, None)) is not None:
            asyncio.run(process.stop())

    def kill(self, name: str) -> None:
        """End a server as a power cut does."""
        process = self._processes.pop(name)
        process.popen.kill()
        process.popen.wait()

    def serve(self, name: str) -> None:
        """Start a server that was stopped or killed."""
        asyncio.run(self._serve(name))

    def ask(self, name: str, statement: str) -> Any:
        """Run one statement on a connection of its own and return its first value."""
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None

    def catch_up(self) -> None:
        """Return once the replica has all that the primary has committed until now."""
        position = self.ask("primary", "SELECT pg_current_wal_flush_lsn()::text")
        self._until(lambda: self.ask("replica", f"SELECT pg_last_wal_replay_lsn() >= '{position}'"))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let the replica receive and not replay."""
        self.ask("replica", "SELECT pg_wal_replay_pause()")
        # Asked for is not done: https://www.postgresql.org/docs/18/functions-admin.html
        self._until(lambda: self.ask("replica", "SELECT pg_get_wal_replay_pause_state() = 'paused'"))
        try:
            yield
        finally:
            self.ask("replica", "SELECT pg_wal_replay_resume()")
            self.catch_up()

    @contextmanager
    def unlinked(self) -> Iterator[None]:
        """Cut the replica off; it goes on answering."""
        conninfo = self.ask("replica", "SHOW primary_conninfo")
        self._follow("host=127.0.0.1 port=9")
        try:
            self._until(lambda: self.ask("primary", "SELECT count(*) = 0 FROM pg_stat_replication"))
            yield
        finally:
            self._follow(conninfo)
            self.catch_up()

    def _follow(self, conninfo: str) -> None:
        self.ask("replica", f"ALTER SYSTEM SET primary_conninfo = {psycopg.sql.quote(conninfo)}")
        self.ask("replica", "SELECT pg_reload_conf()")

    async def _start(self) -> None:
        home = self._folders["primary"] / "postgres"
        self._user = postgres._own(home, postgres._binaries())
        postgres._password(home)
        await postgres._initialise(home / "data", postgres._binaries(), self._user, state=home.parent)
        await self._serve("primary")
        await self._copy()
        await self._serve("replica")

    async def _copy(self) -> None:
        home = self._folders["replica"] / "postgres"
        postgres._own(home, postgres._binaries())
        command = [str(postgres._binaries() / "pg_basebackup"), "-d", self.url("primary"), "-D", str(home / "data")]
        process = start("basebackup", [*command, "-R", "-c", "fast", "--no-sync"], state=home.parent, user=self._user)
        await process.until(lambda _: process.popen.poll() is not None)
        assert process.popen.returncode == 0, process.log.read_text()

    async def _serve(self, name: str) -> None:
        data = self._folders[name] / "postgres" / "data"
        options = postgres._OPTIONS | {"wal_receiver_status_interval": "100ms", "wal_retrieve_retry_interval": "100ms"}
        settings = [part for option, value in options.items() for part in ("-c", f"{option}={value}")]
        command = [str(postgres._binaries() / "postgres"), "-D", str(data), "-p", str(self._ports[name]), *settings]
        process = start(name, command, state=self._folders[name], user=self._user)
        self._processes[name] = process
        await process.until(lambda pid: postgres._ready(data, pid))

    def _until(self, condition: Any) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError("The replica does not follow.")
            time.sleep(0.01)


def _folder(name: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=f"serverless-{name}-"))
    folder.chmod(0o755)  # PostgreSQL runs as another user when this is root
    for part in ("logs", "run"):
        (folder / part).mkdir()
    return folder

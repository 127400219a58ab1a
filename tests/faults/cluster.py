"""The rig's own PostgreSQL cluster: started, restarted, made read-only, filled up, looked into past the proxy."""

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.rows import dict_row

from serverless.emulator.services.postgres import start_postgres
from serverless.emulator.services.process import Process

_MAX_CONNECTIONS = 30
_TABLES = """
CREATE TABLE effects (number serial PRIMARY KEY, mark text NOT NULL, run text NOT NULL);
CREATE TABLE notes (mark text PRIMARY KEY);
CREATE TABLE locks (id int PRIMARY KEY, held int NOT NULL DEFAULT 0);
INSERT INTO locks (id) VALUES (1), (2);
"""


class Cluster:
    """``start`` once; every other method needs it running."""

    def __init__(self) -> None:
        self.state = Path(tempfile.mkdtemp(prefix="serverless-faults-"))
        self.state.chmod(0o755)  # PostgreSQL runs as another user when this is root
        for name in ("logs", "run"):
            (self.state / name).mkdir()
        self.url = ""
        self.running = asyncio.Event()
        self._process: Process | None = None
        self._connection: psycopg.Connection[dict[str, Any]] | None = None

    @property
    def port(self) -> int:
        return int(urlsplit(self.url).port or 0)

    async def start(self) -> None:
        self._process, self.url = await start_postgres(self.state)
        self.running.set()

    async def prepare(self, environ: Mapping[str, str]) -> None:
        """Make the tables, with the product's own migrations."""
        self.execute(f"ALTER SYSTEM SET max_connections = {_MAX_CONNECTIONS}")
        self.execute("ALTER SYSTEM SET deadlock_timeout = '100ms'")
        await self.restart()
        command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=Path(__file__).parents[2], env={**environ, "DATABASE_URL": self.url}, check=True)  # noqa: ASYNC221 - nothing runs yet
        self.execute(_TABLES)

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def stop(self) -> None:
        self.running.clear()
        self._forget()
        if self._process is not None:
            await self._process.stop()
            self._process = None

    async def remove(self) -> None:
        await self.stop()
        shutil.rmtree(self.state)

    def rows(self, statement: str, *parameters: Any) -> list[dict[str, Any]]:
        """Run one statement on a connection of our own, at once and for good, and return what it returns."""
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(
                self.url,
                autocommit=True,
                row_factory=dict_row,
                options="-c default_transaction_read_only=off -c lock_timeout=20ms",
            )
        with self._connection.cursor() as cursor:
            cursor.execute(statement.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else []

    async def insist(self, statement: str, *, seconds: float = 5.0) -> None:
        """Run one statement that needs locks, without waiting for them: who holds them speaks through this loop."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.rows(statement)
                return
            except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.02)

    def execute(self, statements: str) -> None:
        for statement in statements.split(";"):
            if statement.strip():
                self.rows(statement)

    def read_only(self, *, on: bool) -> None:
        """Be the server that a failover has made a reader, or be the writer again."""
        self.execute(
            f"ALTER SYSTEM SET default_transaction_read_only = {'on' if on else 'off'}; SELECT pg_reload_conf()"
        )

    def terminate(self, backend: int) -> None:
        self.rows("SELECT pg_terminate_backend(%s, 1000)", backend)

    def occupy(self) -> list["psycopg.Connection[Any]"]:
        """Take every connection slot that is left."""
        taken: list[psycopg.Connection[Any]] = []
        with suppress(psycopg.OperationalError):
            while len(taken) < _MAX_CONNECTIONS:
                taken.append(psycopg.connect(self.url))
        return taken

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

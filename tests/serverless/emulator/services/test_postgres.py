import asyncio
import os
from pathlib import Path

import psycopg
import pytest

from serverless.emulator.services.postgres import start_postgres
from serverless.emulator.services.state import StateLock, may_lend_access


@pytest.mark.skipif(os.geteuid() == 0 and not may_lend_access(), reason="this container took the right from root")
def test_server_runs_in_a_directory_closed_to_all_but_its_owner(tmp_path: Path) -> None:
    """A fresh clone in /root, or where mktemp made a place for it."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    StateLock(closed).release()

    async def run() -> None:
        process, url = await start_postgres(closed)
        try:
            with psycopg.connect(url) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
            with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
                psycopg.connect(url.replace("//local:", "//local:wrong"))
        finally:
            await process.stop()

    asyncio.run(run())

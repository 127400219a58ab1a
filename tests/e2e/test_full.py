"""Loupe before a database that has no connection left: quick, honest answers at the front door, and no task dead."""

import os
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.e2e.cloud import Cloud, running
from tests.e2e.conftest import state_directory
from tests.e2e.studio import Studio
from tests.e2e.test_crash import photographs
from tests.pgbouncer import bouncer
from tests.serverless.db.conftest import server

pytestmark = pytest.mark.xdist_group("e2e")

# As many as there are execution environments at work on a small machine.
POOL = 8
# What RDS Proxy's borrow timeout is in the stack, less a second.
WAIT_S = 3
# One wait in vain, and what a machine with other work takes for a page. Two waits would be longer.
QUICK_S = WAIT_S + 2.5


@dataclass(frozen=True, kw_only=True)
class Place:
    """A database of its own, whose owner is no superuser: those are let in however full a server is."""

    name: str
    url: str

    @contextmanager
    def without_slots(self) -> Iterator[None]:
        """Let the server have none left for this user, and end those that it has."""
        role = Identifier(self.name)
        with server() as root:
            root.execute(SQL("ALTER ROLE {} CONNECTION LIMIT 0").format(role))
            root.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [self.name])
            try:
                yield
            finally:
                root.execute(SQL("ALTER ROLE {} CONNECTION LIMIT -1").format(role))

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        with server(self.name) as root:
            return root.execute(statement.encode()).fetchall()


@contextmanager
def occupied(url: str) -> Iterator[None]:
    """Hold each connection of the pool in a transaction."""
    with ExitStack() as stack:
        for _ in range(POOL):
            client = stack.enter_context(psycopg.connect(url))
            while True:
                try:
                    client.execute("SELECT 1")
                    break
                except psycopg.OperationalError:  # those at work have not given theirs back
                    client = stack.enter_context(psycopg.connect(url))
        yield


@pytest.fixture
def place() -> Iterator[Place]:
    name = f"full_{uuid.uuid4().hex[:8]}"
    with server() as root:
        root.execute(SQL("CREATE ROLE {} LOGIN PASSWORD 'full'").format(Identifier(name)))
        root.execute(SQL("CREATE DATABASE {0} OWNER {0}").format(Identifier(name)))
    port = urlsplit(os.environ["DATABASE_URL"]).port
    yield Place(name=name, url=f"postgresql://{name}:full@127.0.0.1:{port}/{name}")
    with server() as root:
        root.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
        root.execute(SQL("DROP ROLE {}").format(Identifier(name)))


@pytest.fixture(params=["pgbouncer", "PostgreSQL"])
def full(request: pytest.FixtureRequest, place: Place) -> Iterator[tuple[Cloud, AbstractContextManager[None]]]:
    """A cloud, and what fills its database up for the length of a block."""
    with ExitStack() as stack:
        url, filled = place.url, place.without_slots()
        if request.param == "pgbouncer":
            url = stack.enter_context(bouncer(place.url, pool_size=POOL, wait_s=WAIT_S)).url
            filled = occupied(url)
        state = stack.enter_context(state_directory())
        yield stack.enter_context(running(state, variables={"DATABASE_URL": url})), filled


def turned_away(studio: Studio, path: str, form: dict[str, str] | None = None) -> None:
    """Ask, and be told at once to come again."""
    data = None if form is None else urlencode(form | {"csrfmiddlewaretoken": studio.csrf}).encode()
    request = urllib.request.Request(studio.url + path, data, {"Origin": studio.url} if data else {})
    began = time.monotonic()
    with pytest.raises(urllib.error.HTTPError) as caught:
        studio._opener.open(request, timeout=60)
    took = time.monotonic() - began
    with caught.value as answer:
        body = answer.read().decode()
        assert (answer.code, answer.headers["Retry-After"]) == (503, "5"), body
        assert "is busy" in body
    assert took < QUICK_S, f"{path} took {took:.1f} s"


def test_visitors_are_told_to_come_again_and_tasks_wait(
    full: tuple[Cloud, AbstractContextManager[None]], place: Place, tmp_path: Path
) -> None:
    cloud, filled = full
    studio = Studio(cloud)
    gallery = studio.new_gallery("Before")
    studio.upload(gallery, photographs(tmp_path)[:8])
    pages = ["/studio/", gallery, "/admin/", studio.new_link(gallery, "Somebody").removeprefix(cloud.url)]
    with filled:
        for path in pages:
            turned_away(studio, path)
        turned_away(studio, "/studio/galleries/", {"title": "Refused", "event_date": ""})
        assert "Loupe" in studio.get("/"), "what needs no database goes on"
        said = [line for line in cloud.lines if '"database unavailable"' in line]
        assert len(said) >= len(pages) + 1
        assert all('"reason": "exhausted"' in line for line in said)
    assert "Before" in studio.get("/studio/"), "the first request after it"
    assert place.ask("SELECT count(*) FROM tasks_taskrow WHERE state = 'dead'") == [(0,)]
    # What found no connection is seen to by the tick some minutes later; here those minutes are over.
    place.ask("UPDATE tasks_taskrow SET wake_at = now() WHERE state = 'ready' RETURNING id")
    studio.settle(gallery, timeout_s=150)
    rows = place.ask("SELECT DISTINCT state, attempts > 1 FROM tasks_taskrow")
    assert rows == [("done", False)], "one that was cut short may have lost an attempt, no more"
    assert "Refused" not in studio.get("/studio/")

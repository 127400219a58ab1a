"""The whole cloud with its database behind pgbouncer, every invocation watched: from an upload to a client's heart."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect
from psycopg.sql import SQL, Identifier

from tests.e2e.cloud import Cloud, running
from tests.e2e.conftest import state_directory
from tests.e2e.test_api import get, make_token
from tests.e2e.test_studio import new_gallery, photographs, signed_in
from tests.pgbouncer import Bouncer, bouncer
from tests.serverless.db.conftest import server

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("e2e")]

# Fewer than execution environments, so that they share.
SERVER_CONNECTIONS = 2


@pytest.fixture(scope="module")
def pool() -> Iterator[Bouncer]:
    """A pgbouncer before an empty database."""
    name = f"pooled_{uuid.uuid4().hex[:8]}"
    with server() as owner:
        owner.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    with bouncer(url, pool_size=SERVER_CONNECTIONS) as running_pool:
        yield running_pool
    with server() as owner:
        owner.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture(scope="module")
def pooled(pool: Bouncer) -> Iterator[Cloud]:
    with (
        state_directory() as state,
        running(state, variables={"DATABASE_URL": pool.url, "PINNING_SAMPLE": "1"}) as cloud,
    ):
        yield cloud


def test_pages_api_and_tasks_share_two_connections_and_pin_none(
    pool: Bouncer, pooled: Cloud, chromium: Browser, tmp_path: Path
) -> None:
    with signed_in(chromium, pooled) as context:
        (page,) = context.pages
        new_gallery(page, "Pooled")
        page.locator("[data-chooser]").set_input_files(photographs(tmp_path / "few", count=4))
        expect(page.locator("[data-grid] > li")).to_have_count(4, timeout=90_000)
        page.get_by_role("link", name="Share").click()
        page.get_by_label("Label").fill("Ms Example")
        page.get_by_role("button", name="Make a link").click()
        address = page.locator("[data-secret]").input_value()
        token = make_token(pooled, chromium)
        assert get(f"{pooled.url}/api/v1/galleries/", token=token)[0] == 200
        client = chromium.new_context()
        visit = client.new_page()
        visit.goto(address)
        expect(visit.locator("main img").first).to_be_visible()
        client.close()
    stats = {row["database"]: row for row in pool.show("STATS")}[urlsplit(pool.url).path[1:]]
    assert stats["total_xact_count"] > 50
    servers = [row for row in pool.show("SERVERS") if row["database"] == urlsplit(pool.url).path[1:]]
    assert len(servers) <= SERVER_CONNECTIONS
    said = "\n".join([*pooled.lines, *(log.read_text(errors="replace") for log in pooled.state_dir.glob("logs/*"))])
    assert "serverless.db.pinning" not in said
    assert '"Pins"' not in said
    assert "Traceback" not in said, said[said.index("Traceback") - 1000 :][:4000]

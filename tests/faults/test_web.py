"""Requests that meet a database which restarts, fails over, is full or gone: quick answers that are true."""

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from psycopg.sql import SQL, Literal

from tests.faults import proxy
from tests.faults.proxy import Link, Rule, When
from tests.faults.rig import Rig
from tests.faults.scenario import scenario

pytestmark = pytest.mark.xdist_group("faults")

type Answer = dict[str, Any]
# Seconds: connect_timeout is 3, and nothing is waited for twice.
QUICK_S = 4.0


async def read(rig: Rig) -> Answer:
    return await rig.ask("/notes")


async def write(rig: Rig, mark: str = "", *, hold: float = 0.0) -> Answer:
    """Write one note. Whatever becomes of it: a success is one that was kept."""
    mark = mark or uuid.uuid4().hex
    answer = await rig.ask("/notes", {"mark": mark, "hold": hold})
    await rig.cluster.running.wait()
    if answer["statusCode"] == 200:
        assert mark in kept(rig)
    return answer


def kept(rig: Rig) -> set[str]:
    return {row["mark"] for row in rig.cluster.rows("SELECT mark FROM notes")}


def unavailable(answer: Answer) -> bool:
    return answer["statusCode"] == 503 and int(answer["headers"]["retry-after"]) > 0


ASKS: dict[str, Callable[[Rig], Awaitable[Answer]]] = {"read": read, "write": write}


async def warm(rig: Rig) -> None:
    """Have one environment that holds a connection."""
    assert (await write(rig))["statusCode"] == 200


async def works_again(rig: Rig, ask: str, fault: str) -> None:
    """The first request of either kind succeeds."""
    rig.clear(fault)
    assert (await ASKS[ask](rig))["statusCode"] == 200


@pytest.mark.parametrize("ask", ASKS)
@scenario()
async def test_it_is_restarted_between_requests(rig: Rig, ask: str) -> None:
    await warm(rig)
    await rig.restart_database()
    await works_again(rig, ask, "restart")


@pytest.mark.parametrize("ask", ASKS)
@scenario()
async def test_it_is_restarted_during_a_request(rig: Rig, ask: str) -> None:
    await warm(rig)
    asking = rig.loop.create_task(write(rig, "cut short", hold=0.5))
    await rig.until(lambda: any(link.status == b"T" for link in rig.proxy.links))
    await rig.restart_database()
    assert unavailable(await asking)
    await works_again(rig, ask, "restart")
    assert "cut short" not in kept(rig)


@pytest.mark.parametrize("ask", ASKS)
@scenario()
async def test_it_is_away(rig: Rig, ask: str) -> None:
    await warm(rig)
    rig.proxy.away = True
    rig.proxy.cut()
    for asked in ASKS.values():
        began = time.monotonic()
        assert unavailable(await asked(rig))
        assert time.monotonic() - began < QUICK_S
    rig.proxy.away = False
    await works_again(rig, ask, "away")


@pytest.mark.parametrize("ask", ASKS)
@scenario()
async def test_sockets_do_not_outlive_a_freeze(rig: Rig, ask: str) -> None:
    await warm(rig)
    rig.proxy.cut()
    await works_again(rig, ask, "a freeze")


# --- broken at the first statement, after it was found good ---------------------------------------------------------
@pytest.mark.parametrize("when", ["before", "after"])
@scenario()
async def test_a_read_whose_connection_breaks_is_run_again(rig: Rig, when: When) -> None:
    await warm(rig)
    rig.proxy.rules = [Rule(step="read", when=when, harm=proxy.cut)]
    assert json.loads((await read(rig))["body"]) == {"count": 1}
    assert not rig.proxy.rules
    assert any('"message": "request repeated"' in line for line in rig.log)


@pytest.mark.parametrize(("step", "when"), [("write", "before"), ("write", "after"), ("commit", "before")])
@scenario()
async def test_a_write_whose_connection_breaks_is_not(rig: Rig, step: str, when: When) -> None:
    await warm(rig)
    rig.proxy.rules = [Rule(step=step, when=when, harm=proxy.cut)]
    assert unavailable(await write(rig, "broken"))
    assert "broken" not in kept(rig)
    await works_again(rig, "write", "a broken connection")


@scenario()
async def test_a_commit_whose_reply_is_lost_is_not_called_a_success_nor_a_failure(rig: Rig) -> None:
    await warm(rig)
    rig.proxy.rules = [Rule(step="commit", when="after", harm=proxy.cut)]
    answer = await write(rig, "kept")
    assert unavailable(answer)
    assert "not known whether what you sent was saved" in answer["body"]
    assert "kept" in kept(rig)
    await works_again(rig, "write", "a lost reply")


@pytest.mark.parametrize(("ask", "status"), [("read", 200), ("write", 503)])
@scenario()
async def test_a_backend_is_terminated(rig: Rig, ask: str, status: int) -> None:
    await warm(rig)

    async def terminate(link: Link) -> None:
        rig.cluster.terminate(link.backend)

    rig.proxy.rules = [Rule(step=ask, when="before", harm=terminate)]
    assert (await ASKS[ask](rig))["statusCode"] == status
    assert not rig.proxy.rules
    await works_again(rig, ask, "termination")


# --- failover -------------------------------------------------------------------------------------------------------
@scenario()
async def test_a_failover_leaves_a_read_only_server(rig: Rig) -> None:
    """Reading goes on. Writing is answered at once, and each time tries a new connection: it may lead to the writer."""
    await warm(rig)
    rig.cluster.read_only(on=True)
    try:
        await asyncio.sleep(0.1)  # the server's processes read their configuration between statements
        seen = set()
        for _ in range(3):
            assert unavailable(await write(rig, "refused"))
            assert (await read(rig))["statusCode"] == 200
            seen |= {link.backend for link in rig.proxy.links}
        assert len(seen) == 3
    finally:
        rig.cluster.read_only(on=False)
    await asyncio.sleep(0.1)
    await works_again(rig, "write", "read-only")
    assert "refused" not in kept(rig)


@scenario()
async def test_the_next_request_connects_to_the_writer(rig: Rig) -> None:
    """The old server lives on as a reader, and keeps its connections; behind the name stands another one."""
    await warm(rig)
    old = {link.backend for link in rig.proxy.links}
    rig.proxy.rules = [Rule(step="write", when="before", harm=proxy.refuse("25006"))]
    assert unavailable(await write(rig, "refused"))
    await works_again(rig, "write", "failover")
    assert not old & {link.backend for link in rig.proxy.links}


# --- no connection is left ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("ask", ASKS)
@scenario()
async def test_no_connection_slot_is_left(rig: Rig, ask: str) -> None:
    await warm(rig)
    rig.proxy.cut()
    await rig.until(lambda: not rig.verdict().connections)
    taken = rig.cluster.occupy()
    try:
        for asked in ASKS.values():
            began = time.monotonic()
            assert unavailable(await asked(rig))
            assert time.monotonic() - began < QUICK_S
    finally:
        for connection in taken:
            connection.close()
    said = [line for line in rig.log if '"message": "database unavailable"' in line]
    assert said
    assert all('"reason": "exhausted"' in line for line in said)
    await works_again(rig, ask, "too many connections")


# --- a password that is changed -------------------------------------------------------------------------------------
@scenario()
async def test_the_password_is_rotated_in_mid_run(rig: Rig) -> None:
    """The environment keeps running: its next connection is made with what the secret says by then."""
    before = urlsplit(rig._environ["DATABASE_URL"])
    role, after = f"rotated_{uuid.uuid4().hex[:8]}", "the/new@one"
    rig.cluster.rows(f"CREATE ROLE {role} LOGIN SUPERUSER PASSWORD 'the old one'")

    def url(password: str) -> str:
        return json.dumps({"DATABASE_URL": f"postgresql://{role}:{password}@127.0.0.1:{before.port}{before.path}"})

    client: Any = boto3.client("secretsmanager")
    arn = client.create_secret(Name=f"rig-{uuid.uuid4().hex}", SecretString=url("the%20old%20one"))["ARN"]
    more = {"SECRETS": arn, "AWS_ENDPOINT_URL_SECRETS_MANAGER": client.meta.endpoint_url, "DATABASE_URL": ""}
    try:
        async with rig.employ(function="web", more=more):
            await warm(rig)
            rig.cluster.rows(SQL("ALTER ROLE {} PASSWORD {}").format(SQL(role), Literal(after)).as_string())
            assert (await write(rig))["statusCode"] == 200  # the connection that there is, is not asked again
            client.put_secret_value(SecretId=arn, SecretString=url("the%2Fnew%40one"))
            rig.proxy.cut()
            await works_again(rig, "write", "a rotated password")
    finally:
        rig.cluster.rows(f"DROP ROLE {role}")
        client.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)

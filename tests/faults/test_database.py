"""A database that goes away, comes back, is read-only, full, or says no; and sockets that a freeze outlives."""

import asyncio

import pytest

from tests.faults import proxy
from tests.faults.proxy import Harm, Link, Rule, When
from tests.faults.rig import Rig
from tests.faults.scenario import scenario

pytestmark = pytest.mark.xdist_group("faults")

HARMS: dict[str, tuple[When, Harm]] = {
    "cut before": ("before", proxy.cut),
    "cut after": ("after", proxy.cut),
    "serialization failure": ("before", proxy.refuse("40001")),
    "deadlock": ("before", proxy.refuse("40P01")),
    "read-only": ("before", proxy.refuse("25006")),
}


async def warm(rig: Rig) -> None:
    """Have an environment of each function that holds a connection."""
    await rig.enqueue(("noop", {"mark": "before"}))
    await rig.drain(within=60)


async def works_again(rig: Rig, fault: str) -> None:
    """The first invocation of either function succeeds."""
    rig.clear(fault)
    assert await rig.enqueue(("effect", {"mark": f"after {fault}"}))
    await rig.pump()
    assert {row["state"] for row in rig.verdict().rows if row["mark"] == f"after {fault}"} == {"done"}


@scenario()
async def test_it_is_restarted_between_invocations(rig: Rig) -> None:
    await warm(rig)
    await rig.restart_database()
    await works_again(rig, "restart")


@scenario()
async def test_it_is_restarted_during_an_invocation(rig: Rig) -> None:
    await warm(rig)
    await rig.enqueue(("nap", {"mark": "nap", "seconds": 0.5}), *(("effect", {"mark": f"{n}"}) for n in range(3)))
    pumping = rig.loop.create_task(rig.pump())
    await rig.until(lambda: bool(rig.verdict().of("began")))
    await rig.restart_database()
    await pumping
    await works_again(rig, "restart")
    await rig.drain()


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("step", ["claim", "effect", "report"])
@scenario()
async def test_a_statement_of_the_worker_fails(rig: Rig, step: str, harm: str) -> None:
    """Cut before: it was not run. After: it was, and its reply is lost."""
    await rig.enqueue(*(("effect", {"mark": f"{step}-{number}"}) for number in range(3)))
    when, done = HARMS[harm]
    rig.proxy.rules = [Rule(step=step, when=when, harm=done, skip=0 if step == "claim" else 1)]
    await rig.drain(within=180)
    assert not rig.proxy.rules


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["enqueue", "commit", "confirm"])
@scenario()
async def test_a_reply_to_the_web_function_is_lost(rig: Rig, step: str, when: When) -> None:
    """COMMIT's above all: the caller hears of an error, and the task runs even so. A lost confirmation hurts nobody."""
    await warm(rig)
    rig.proxy.rules = [Rule(step=step, when=when, harm=proxy.cut)]
    assert await rig.enqueue(("effect", {"mark": "one"}), ("effect", {"mark": "two"})) == (step == "confirm")
    await rig.drain(within=180)
    stored = {row["mark"] for row in rig.verdict().rows} - {"before"}
    assert stored == ({"one", "two"} if step == "confirm" or (step, when) == ("commit", "after") else set())


@scenario()
async def test_sockets_do_not_outlive_a_freeze(rig: Rig) -> None:
    await warm(rig)
    rig.proxy.cut()
    await works_again(rig, "a freeze")


@scenario()
async def test_a_connection_falls_silent(rig: Rig) -> None:
    """As behind a gateway that forgot it: nothing answers, nothing says so, and the platform kills the function."""
    async with rig.employ(timeout_s=3):
        await rig.enqueue(("effect", {"mark": "silent"}))
        rig.proxy.rules = [Rule(step="claim", when="before", harm=proxy.silence)]
        await rig.drain(within=180)
    assert any("Task timed out" in line for line in rig.log)


@scenario()
async def test_a_backend_is_terminated(rig: Rig) -> None:
    await rig.enqueue(*(("effect", {"mark": f"{number}"}) for number in range(3)))

    async def terminate(link: Link) -> None:
        rig.cluster.terminate(link.backend)

    rig.proxy.rules = [Rule(step=step, when="before", harm=terminate) for step in ("claim", "effect", "report")]
    await rig.drain(within=180)
    assert not rig.proxy.rules


@scenario()
async def test_a_failover_leaves_a_read_only_server(rig: Rig) -> None:
    await warm(rig)
    await rig.enqueue(("effect", {"mark": "waiting"}))
    rig.cluster.read_only(on=True)
    try:
        await asyncio.sleep(0.1)  # the server's processes read their configuration between statements
        await rig.pump()
        assert not await rig.enqueue(("effect", {"mark": "refused"}))
    finally:
        rig.cluster.read_only(on=False)
    await asyncio.sleep(0.1)
    await works_again(rig, "read-only")
    await rig.drain(within=180)
    assert "refused" not in {row["mark"] for row in rig.verdict().rows}


@scenario()
async def test_no_connection_slot_is_left(rig: Rig) -> None:
    await rig.enqueue(("effect", {"mark": "waiting"}))
    rig.proxy.cut()
    await rig.until(lambda: not rig.verdict().connections)
    taken = rig.cluster.occupy()
    try:
        await rig.pump()
        assert not await rig.enqueue(("effect", {"mark": "refused"}))
    finally:
        for connection in taken:
            connection.close()
    await works_again(rig, "too many connections")
    await rig.drain(within=180)
    assert all((row["state"], row["attempts"]) == ("done", 0) for row in rig.verdict().rows)


@scenario()
async def test_twenty_minutes_without_it_leave_no_task_dead(rig: Rig) -> None:
    await rig.enqueue(*(("effect", {"mark": f"{number}"}) for number in range(12)))
    rig.proxy.away = True
    rig.proxy.cut()
    for _ in range(20):
        await rig.pump()
        assert not await rig.enqueue(("effect", {"mark": "refused"}))
        assert (await rig.tick()).json()["databases_away"] == 1
        await rig.advance(60)
    rig.proxy.away = False
    await works_again(rig, "twenty minutes")
    await rig.drain(within=180)
    assert all(row["attempts"] == 0 for row in rig.verdict().rows)


@scenario()
async def test_two_tasks_deadlock(rig: Rig) -> None:
    """One of them is the victim: an attempt of its own, and the next run gets through."""
    await rig.enqueue(("deadlock", {"mark": "one", "first": 1, "second": 2}))
    first = rig.loop.create_task(rig.pump())
    await rig.until(lambda: bool(rig.verdict().of("began", "one")))
    await rig.enqueue(("deadlock", {"mark": "other", "first": 2, "second": 1}))
    await rig.pump()
    await first
    assert [line.more["error"] for line in rig.verdict().of("raised")] == ["OperationalError"]
    await rig.drain(within=180)


@scenario()
async def test_two_tasks_cannot_be_serialized(rig: Rig) -> None:
    await rig.enqueue(("serialize", {"mark": "one"}))
    first = rig.loop.create_task(rig.pump())
    await rig.until(lambda: bool(rig.verdict().of("began", "one")))
    await rig.enqueue(("serialize", {"mark": "five"}))
    await rig.pump()
    await first
    assert [line.more["error"] for line in rig.verdict().of("raised")] == ["OperationalError"]
    await rig.drain(within=180)

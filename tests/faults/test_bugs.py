"""Is the rig worth anything? Mistakes that are made on purpose, and the promise that each must be seen to break."""

import asyncio

import pytest

from tests.faults import proxy
from tests.faults.proxy import Rule
from tests.faults.rig import MAIN, TIMEOUT_S, VISIBILITY_S, Rig
from tests.faults.scenario import mistake, scenario

pytestmark = pytest.mark.xdist_group("faults")


@mistake("no_partial_response", breaks="I7")
async def test_no_partial_batch_response(rig: Rig, handler: str) -> None:
    async with rig.employ(handler=handler):
        await rig.enqueue(("effect", {"mark": "lost"}))
        rig.proxy.rules = [Rule(step="claim", when="before", harm=proxy.refuse("40001"), times=9)]
        await rig.drain()


@mistake("claim_first", breaks="I1")
async def test_a_row_is_marked_as_done_when_it_is_claimed(rig: Rig, handler: str) -> None:
    async with rig.employ(handler=handler):
        await rig.enqueue(("effect", {"mark": "lost"}))
        rig.proxy.rules = [Rule(step="effect", when="before", harm=proxy.kill)]
        await rig.drain()


@mistake("no_reconnect", breaks="I6")
async def test_connections_are_never_closed(rig: Rig, handler: str) -> None:
    async with rig.employ(handler=handler):
        await rig.enqueue(("noop", {"mark": "before"}))
        await rig.drain()
        await rig.restart_database()
        rig.clear("restart")
        await rig.enqueue(("effect", {"mark": "after"}))
        await rig.pump()


@mistake("ignored_failed", breaks="I1")
async def test_failed_entries_are_ignored(rig: Rig, handler: str) -> None:
    """It would be late by a minute, then by two, by four, by an hour."""
    async with rig.employ(handler=handler, function="web"):
        rig.queue.faults = ["failed"]
        await rig.enqueue(("effect", {"mark": "late"}))
        await rig.drain(within=125)


@mistake("result_outside", breaks="I2")
async def test_the_result_is_written_after_the_transaction(rig: Rig, handler: str) -> None:
    async with rig.employ(handler=handler):
        await rig.enqueue(("atomic_effect", {"mark": "twice"}))
        rig.proxy.rules = [Rule(step="report", when="before", harm=proxy.kill)]
        await rig.drain()


@pytest.mark.parametrize("seconds", [-86_400, 86_400])
@mistake("python_clock", breaks="I1")
async def test_leases_are_on_the_functions_clock(rig: Rig, handler: str, seconds: int) -> None:
    async with rig.employ(handler=handler, more={"FAULTS_CLOCK": str(seconds)}):
        await rig.enqueue(("effect", {"mark": "killed"}))
        rig.proxy.rules = [Rule(step="effect", when="before", harm=proxy.kill)]
        await rig.drain(within=300)


@pytest.mark.parametrize("right", [True, False])
def test_the_visibility_timeout_is_shorter_than_the_functions(rig: Rig, right: bool) -> None:
    @scenario(breaks=None if right else "I9")
    async def play(rig: Rig) -> None:
        rig.queue.visibility = VISIBILITY_S if right else TIMEOUT_S / 40
        await rig.enqueue(("nap", {"mark": "delivered again", "seconds": 0.5}))
        await rig.drain()

    play(rig)


@mistake("no_wake_up", breaks="I1")
async def test_the_next_of_a_key_is_not_woken(rig: Rig, handler: str) -> None:
    """It would be late by two minutes, then by four, by eight, by an hour."""
    async with rig.employ(handler=handler):
        # Longer than the cold start of the environment that meets it at work.
        await rig.enqueue(("limited", {"mark": "first", "group": "a", "seconds": 2.5}))
        first = asyncio.create_task(rig.deliver(rig.receive(1)))
        await rig.until(lambda: bool(rig.verdict().of("began", "first")))
        await rig.enqueue(*(("limited", {"mark": f"{number}", "group": "a"}) for number in range(3)))
        await rig.deliver(rig.receive(3))
        await first
        await rig.drain(within=59)


@mistake("insertion_order", breaks="I4")
async def test_an_order_goes_by_insertion(rig: Rig, handler: str) -> None:
    """The first to insert is the last to commit, unless the second waits for it."""
    async with rig.employ(handler=handler, function="web"):
        await asyncio.gather(*(rig.enqueue(("noop", {"mark": f"warm {number}"}), hold=0.5) for number in range(2)))
        first = asyncio.create_task(rig.enqueue(("ordered", {"mark": "first", "group": "a"}), hold=1.5))
        await asyncio.sleep(0.5)
        await rig.enqueue(("ordered", {"mark": "second", "group": "a"}), hold=0.3)
        await first
        await rig.drain()


@mistake("forgets_replacement", breaks="I1")
async def test_what_replaced_a_running_task_is_forgotten(rig: Rig, handler: str) -> None:
    async with rig.employ(handler=handler, function="web"):
        await rig.enqueue(("unique_replace", {"mark": "old", "key": "a", "seconds": 2.0}))
        running = asyncio.create_task(rig.pump())
        await rig.until(lambda: bool(rig.verdict().of("began", "old")))
        await rig.enqueue(("unique_replace", {"mark": "new", "key": "a"}))
        await running
        await rig.drain()


@mistake("no_lock", breaks="I11")
async def test_a_limit_is_looked_at_without_a_lock(rig: Rig, handler: str) -> None:
    async with rig.employ(handler=handler):
        await rig.enqueue(*(("limited", {"mark": f"{number}", "group": "a", "seconds": 0.5}) for number in range(2)))
        await asyncio.gather(*(rig.deliver(rig.receive(1)) for _ in range(2)))
        await rig.drain()


@mistake("claims_paused", breaks="I12")
async def test_only_the_tick_knows_of_a_pause(rig: Rig, handler: str) -> None:
    async with rig.employ(handler=handler):
        await rig.pause("default")
        await asyncio.sleep(0.1)
        await rig.enqueue(("effect", {"mark": "held"}))
        await rig.pump()
        await rig.resume("default")
        await rig.drain(within=125)


@mistake("forgets_occurrence", breaks="I13")
async def test_an_occurrence_is_written_down_before_it_is_enqueued(rig: Rig, handler: str) -> None:
    async with rig.employ(handler=handler, more={"FAULTS_SCHEDULES": "yes"}):
        for minute in range(4):
            if minute == 2:
                rig.proxy.rules = [Rule(step="enqueue", when="before", harm=proxy.kill)]
            await rig.tick()
            await rig.advance(60)
        await rig.tick()
        await rig.drain()


@mistake("runs_again", breaks="I2")
async def test_a_request_is_run_again_after_a_lost_commit(rig: Rig, handler: str) -> None:
    """Its caller hears of a success, and has enqueued twice."""
    async with rig.employ(handler=handler, function="web"):
        await rig.enqueue(("noop", {"mark": "before"}))
        rig.proxy.rules = [Rule(step="commit", when="after", harm=proxy.cut)]
        assert await rig.enqueue(("atomic_effect", {"mark": "twice"})) == (handler != MAIN)
        await rig.drain()

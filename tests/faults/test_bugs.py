"""Is the rig worth anything? Mistakes that are made on purpose, and the promise that each must be seen to break."""

import pytest

from tests.faults import proxy
from tests.faults.proxy import Rule
from tests.faults.rig import TIMEOUT_S, VISIBILITY_S, Rig
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

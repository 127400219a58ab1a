"""The rig is only worth something if it notices: mistakes that are made on purpose, and the promise that each breaks."""

import pytest

from tests.faults import proxy
from tests.faults.proxy import Rule
from tests.faults.rig import TIMEOUT_S, Rig
from tests.faults.scenario import scenario

pytestmark = pytest.mark.xdist_group("faults")

BUGS = "tests.faults.bugs"


@scenario(breaks="I7")
async def test_no_partial_batch_response(rig: Rig) -> None:
    async with rig.employ(handler=f"{BUGS}.no_partial_response.handler"):
        await rig.enqueue(("effect", {"mark": "lost"}))
        rig.proxy.rules = [Rule(step="claim", when="before", harm=proxy.refuse("40001"), times=9)]
        await rig.drain()


@scenario(breaks="I1")
async def test_a_row_is_marked_as_done_when_it_is_claimed(rig: Rig) -> None:
    async with rig.employ(handler=f"{BUGS}.claim_first.handler"):
        await rig.enqueue(("effect", {"mark": "lost"}))
        rig.proxy.rules = [Rule(step="effect", when="before", harm=proxy.kill)]
        await rig.drain()


@scenario(breaks="I6")
async def test_connections_are_never_closed(rig: Rig) -> None:
    async with rig.employ(handler=f"{BUGS}.no_reconnect.handler"):
        await rig.enqueue(("noop", {"mark": "before"}))
        await rig.drain()
        await rig.restart_database()
        rig.clear("restart")
        await rig.enqueue(("effect", {"mark": "after"}))
        await rig.pump()


@scenario(breaks="I1")
async def test_failed_entries_are_ignored(rig: Rig) -> None:
    """It would be late by a minute, then by two, by four, by an hour."""
    async with rig.employ(handler=f"{BUGS}.ignored_failed.handler", function="web"):
        rig.queue.faults = ["failed"]
        await rig.enqueue(("effect", {"mark": "late"}))
        await rig.drain(within=125)


@pytest.mark.parametrize("seconds", [-86_400, 86_400])
@scenario(breaks="I1")
async def test_leases_are_on_the_functions_clock(rig: Rig, seconds: int) -> None:
    async with rig.employ(handler=f"{BUGS}.python_clock.handler", environ={"FAULTS_CLOCK": str(seconds)}):
        await rig.enqueue(("effect", {"mark": "killed"}))
        rig.proxy.rules = [Rule(step="effect", when="before", harm=proxy.kill)]
        await rig.drain(within=300)


@scenario(breaks="I9")
async def test_the_visibility_timeout_is_shorter_than_the_functions(rig: Rig) -> None:
    rig.queue.visibility = TIMEOUT_S / 40
    await rig.enqueue(("nap", {"mark": "delivered again", "seconds": 0.5}))
    await rig.drain()

"""What must not start: too late, or while it is paused."""

import asyncio

import pytest

from tests.faults import proxy
from tests.faults.proxy import Rule
from tests.faults.rig import Rig
from tests.faults.scenario import scenario

pytestmark = pytest.mark.xdist_group("faults-policies")

EFFECT = "tests.faults.project.tasks.effect"


def states(rig: Rig) -> dict[str, str]:
    return {row["mark"]: row["state"] for row in rig.verdict().rows}


# --- expiry ---------------------------------------------------------------------------------------------------------
@scenario()
async def test_one_that_comes_in_time_runs_and_one_that_does_not_is_dead(rig: Rig) -> None:
    await rig.enqueue(("noop", {"mark": "warm"}))
    await rig.pump()
    await rig.enqueue(("expiring", {"mark": "in time"}))
    await rig.pump()
    rig.queue.faults = ["unavailable"]
    await rig.enqueue(("expiring", {"mark": "late"}))
    await rig.drain(within=125)
    assert states(rig) == {"warm": "done", "in time": "done", "late": "dead"}
    assert not rig.verdict().of("began", "late")


@scenario()
async def test_time_goes_on_behind_others_of_a_batch(rig: Rig) -> None:
    """It was claimed with the others, in time, and its turn comes too late."""
    await rig.enqueue(("nap", {"mark": "nap", "seconds": 2.6}), ("expiring", {"mark": "behind"}))
    await rig.drain(within=60)
    assert states(rig) == {"nap": "done", "behind": "dead"}


@pytest.mark.parametrize("step", ["claim", "effect", "report"])
@scenario()
async def test_a_lost_worker_costs_it_its_time(rig: Rig, step: str) -> None:
    await rig.enqueue(("expiring", {"mark": "lost"}))
    rig.proxy.rules = [Rule(step=step, when="before", harm=proxy.kill)]
    await rig.drain(within=300)
    assert states(rig) == {"lost": "dead"}


# --- pauses ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["default", EFFECT])
@scenario()
async def test_nothing_starts_while_it_is_paused_and_then_everything_does(rig: Rig, name: str) -> None:
    await rig.enqueue(*(("effect", {"mark": f"before {number}"}) for number in range(3)))
    await rig.pause(name)
    await asyncio.sleep(0.1)
    await rig.enqueue(*(("effect", {"mark": f"during {number}"}) for number in range(3)))
    for _ in range(4):
        await rig.pump()
        await rig.advance(60)
        await rig.tick()
    assert not rig.verdict().of("began")
    await rig.resume(name)
    await rig.drain(within=125)


@scenario()
async def test_whoever_died_is_paused_as_well(rig: Rig) -> None:
    await rig.enqueue(("effect", {"mark": "killed"}), ("fail_first", {"mark": "failed", "times": 1}))
    rig.proxy.rules = [Rule(step="effect", when="before", harm=proxy.kill)]
    await rig.pump()
    await rig.pause("default")
    await asyncio.sleep(0.1)
    for _ in range(3):
        await rig.advance(60)
        await rig.tick()
        await rig.pump()
    assert len(rig.verdict().of("began", "killed")) == 1
    await rig.resume("default")
    await rig.drain(within=300)


@scenario()
async def test_what_another_pause_holds_stays_held(rig: Rig) -> None:
    await rig.pause("default")
    await rig.pause(EFFECT)
    await asyncio.sleep(0.1)
    await rig.enqueue(("effect", {"mark": "held"}), ("noop", {"mark": "free"}))
    await rig.resume("default")
    await rig.advance(61)
    await rig.tick()
    await rig.pump()
    assert states(rig) == {"held": "ready", "free": "done"}
    await rig.resume(EFFECT)
    await rig.drain(within=125)

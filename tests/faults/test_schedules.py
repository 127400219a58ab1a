"""Each occurrence once: ticks that come twice, at once, late, or are killed at each step."""

import asyncio

import pytest

from tests.faults import proxy
from tests.faults.proxy import Rule, When
from tests.faults.rig import Rig
from tests.faults.scenario import scenario

pytestmark = pytest.mark.xdist_group("faults-policies")

SCHEDULES = {"FAULTS_SCHEDULES": "yes"}


def enqueued(rig: Rig) -> int:
    return len(rig.verdict().rows)


@scenario()
async def test_ticks_come_twice_and_at_once(rig: Rig) -> None:
    async with rig.employ(more=SCHEDULES):
        await asyncio.gather(rig.tick(), rig.tick())
        for _ in range(5):
            await rig.advance(60)
            await asyncio.gather(rig.tick(), rig.tick())
            await rig.tick()
        await rig.drain(within=60)
    assert enqueued(rig) >= 5


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["enqueue", "commit", "confirm"])
@scenario()
async def test_a_tick_is_killed(rig: Rig, step: str, when: When) -> None:
    async with rig.employ(more=SCHEDULES):
        await rig.tick()
        await rig.advance(150)
        rig.proxy.rules = [Rule(step=step, when=when, harm=proxy.kill)]
        await asyncio.gather(rig.tick(), rig.tick())
        assert not rig.proxy.rules
        await rig.tick()
        await rig.drain(within=125)
    assert enqueued(rig) >= 2


@scenario()
async def test_the_database_is_away_for_ten_minutes(rig: Rig) -> None:
    async with rig.employ(more=SCHEDULES):
        await rig.tick()
        rig.proxy.away = True
        rig.proxy.cut()
        for _ in range(10):
            await rig.tick()
            await rig.advance(60)
        rig.proxy.away = False
        rig.clear("ten minutes without a database")
        await rig.tick()
        await rig.drain(within=125)
    assert enqueued(rig) >= 10

"""So many of a key at a time, and so many a minute, whoever dies; and nobody who waits is forgotten."""

import asyncio

import pytest

from tests.faults import proxy
from tests.faults.proxy import Harm, Rule, When
from tests.faults.rig import Rig, Wanted
from tests.faults.scenario import scenario

pytestmark = pytest.mark.xdist_group("faults-policies")

HARMS: dict[str, tuple[When, Harm]] = {
    "killed before": ("before", proxy.kill),
    "killed after": ("after", proxy.kill),
    "cut after": ("after", proxy.cut),
}
PAUSED = "tests.faults.project.policies.limited"


def limited(mark: str, *, seconds: float = 0.0, group: str = "a") -> Wanted:
    return "limited", {"mark": mark, "group": group, "seconds": seconds}


async def two_workers(rig: Rig) -> None:
    """Start both, which may take seconds: what a test does while a task runs has to find the second one ready."""
    await rig.enqueue(*(limited(f"start {number}", group=f"start {number}", seconds=0.5) for number in range(2)))
    await asyncio.gather(*(rig.deliver(rig.receive(1)) for _ in range(2)))


def paced(count: int) -> list[Wanted]:
    return [("paced", {"mark": f"paced {number}", "group": "a"}) for number in range(count)]


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("step", ["claim", "effect", "report"])
@scenario()
async def test_no_more_than_the_limit_run_and_nobody_is_forgotten(rig: Rig, step: str, harm: str) -> None:
    """Two workers, and places for one of each key. Who died keeps its place until its lease ends."""
    for number in range(4):
        await rig.enqueue(*(limited(f"{group}{number}", group=group, seconds=0.05) for group in "ab"))
    when, done = HARMS[harm]
    rig.proxy.rules = [Rule(step=step, when=when, harm=done, skip=1)]
    await asyncio.gather(*(rig.deliver(rig.receive(4)) for _ in range(2)))
    await rig.drain(within=240)
    assert not rig.proxy.rules


@scenario()
async def test_the_next_is_woken_where_sqs_takes_no_message(rig: Rig) -> None:
    await two_workers(rig)
    await rig.enqueue(limited("first", seconds=2.0))
    first = asyncio.create_task(rig.deliver(rig.receive(1)))
    await rig.until(lambda: bool(rig.verdict().of("began", "first")))
    await rig.enqueue(limited("second"))  # only now: the queue shuffles
    await rig.deliver(rig.receive(1))
    rig.queue.faults = ["unavailable"]
    await first
    await rig.drain(within=61)
    assert not rig.queue.faults


@scenario()
async def test_a_place_is_not_given_to_one_that_cannot_take_it(rig: Rig) -> None:
    """The longest waiting is behind another of its order: it is another's turn."""
    await two_workers(rig)
    await rig.enqueue(("limited_in_order", {"mark": "head", "order": "o", "group": "x"}))
    rig.queue.held.clear()
    await rig.enqueue(limited("runs", seconds=1.0))
    running = asyncio.create_task(rig.deliver(rig.receive(1)))
    await rig.until(lambda: bool(rig.verdict().of("began", "runs")))
    await rig.enqueue(("limited_in_order", {"mark": "behind", "order": "o", "group": "a"}))
    await rig.enqueue(limited("waits"))
    await rig.deliver(rig.receive(2))
    await running
    await rig.pump()
    assert {row["mark"] for row in rig.verdict().rows if row["state"] != "done"} == {"head", "behind"}
    await rig.drain(within=240)


@pytest.mark.parametrize("step", ["claim", "report"])
@scenario()
async def test_starts_are_spread(rig: Rig, step: str) -> None:
    await rig.enqueue(*paced(5))
    rig.proxy.rules = [Rule(step=step, when="after", harm=proxy.kill, skip=1)]
    await rig.drain(within=300)
    assert not rig.proxy.rules


@scenario()
async def test_a_backlog_of_places_that_have_passed_is_spread_again(rig: Rig) -> None:
    """All had their place in the rate when the task was paused; it is resumed when all of these have passed."""
    await rig.enqueue(*paced(6))
    await rig.pump()
    await rig.pause("default")
    await rig.advance(120)
    await rig.pump()
    await rig.tick()
    await rig.resume("default")
    await rig.drain(within=300)


@scenario()
async def test_a_pause_stops_a_batch_that_waits_for_its_turn(rig: Rig) -> None:
    await rig.enqueue(*(limited(f"{number}", seconds=0.7) for number in range(4)))
    running = asyncio.create_task(rig.deliver(rig.receive(4)))
    await rig.until(lambda: bool(rig.verdict().of("began")))
    await rig.pause(PAUSED)
    await running
    assert len(rig.verdict().of("ended")) == 1
    await rig.resume(PAUSED)
    await rig.drain(within=125)

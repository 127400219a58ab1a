"""Transactions, orders, chains and groups, under the faults that their promises are about."""

import pytest

from tests.faults import proxy
from tests.faults.proxy import Harm, Rule, When
from tests.faults.rig import Rig
from tests.faults.scenario import scenario

pytestmark = pytest.mark.xdist_group("faults")

KILL_AND_CUT: dict[str, tuple[When, Harm]] = {
    "killed before": ("before", proxy.kill),
    "killed after": ("after", proxy.kill),
    "cut before": ("before", proxy.cut),
    "cut after": ("after", proxy.cut),
    "cannot be serialized": ("before", proxy.refuse("40001")),
}


@pytest.mark.parametrize("fault", KILL_AND_CUT)
@pytest.mark.parametrize("step", ["effect", "report", "commit"])
@scenario()
async def test_effect_and_result_are_one(rig: Rig, step: str, fault: str) -> None:
    """Once, whether or not the worker lives to hear of it; and what it enqueued, once."""
    await rig.enqueue(
        ("atomic_effect", {"mark": "atomic"}),
        ("atomic_finish", {"mark": "finish"}),
        ("atomic_parent", {"mark": "parent", "children": 2}),
    )
    when, harm = KILL_AND_CUT[fault]
    rig.proxy.rules = [Rule(step=step, when=when, harm=harm, skip=skip) for skip in (0, 1, 1)]
    await rig.drain(within=900)
    assert not rig.proxy.rules
    assert len(rig.verdict().effects) == 5


@scenario()
async def test_an_atomic_worker_that_is_frozen_past_its_lease_is_undone(rig: Rig) -> None:
    await rig.enqueue(("atomic_effect", {"mark": "contested", "crash": ["before effect", "stop"]}))
    first = rig.loop.create_task(rig.deliver(rig.receive(1)))
    await rig.until(lambda: bool(rig.verdict().of("crashes", "contested")))
    await rig.advance(rig.queue.visibility + 61)
    await rig.tick()
    await rig.pump()
    rig.thaw()
    await first
    assert len(rig.verdict().of("ended", "contested")) == 2
    assert any("lease lost, outcome not written" in line for line in rig.log)


@pytest.mark.parametrize("fault", ["killed before", "killed after", "cut after"])
@pytest.mark.parametrize("step", ["claim", "effect", "report"])
@scenario()
async def test_an_order_is_kept(rig: Rig, step: str, fault: str) -> None:
    for number in range(6):
        await rig.enqueue(
            ("ordered", {"mark": f"a{number}", "group": "a"}), ("ordered", {"mark": f"b{number}", "group": "b"})
        )
    when, harm = KILL_AND_CUT[fault]
    rig.queue.chaos = lambda: "duplicated"
    rig.proxy.rules = [Rule(step=step, when=when, harm=harm, skip=skip) for skip in (1, 3)]
    await rig.drain()
    assert not rig.proxy.rules


@pytest.mark.parametrize("fault", KILL_AND_CUT)
@pytest.mark.parametrize("step", ["report", "commit", "enqueue"])
@scenario()
async def test_a_chain_and_a_group_come_to_their_end_once(rig: Rig, step: str, fault: str) -> None:
    await rig.enqueue(("chained", {"mark": "chain"}), ("grouped", {"mark": "group"}))
    when, harm = KILL_AND_CUT[fault]
    rig.queue.chaos = lambda: "duplicated"
    rig.proxy.rules = [Rule(step=step, when=when, harm=harm, skip=skip) for skip in (0, 1)]
    await rig.drain()
    marks = {row["mark"] for row in rig.verdict().rows}
    assert {"chain", "chain.0", "chain.1", "group", "group-0", "group-1", "group.then"} == marks

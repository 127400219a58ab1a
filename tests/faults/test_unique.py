"""One unfinished task a key: the second is dropped for it, or takes its place, whoever dies meanwhile."""

import asyncio
from typing import Any

import pytest

from tests.faults import proxy
from tests.faults.proxy import Harm, Rule, When
from tests.faults.rig import Rig
from tests.faults.scenario import scenario

pytestmark = pytest.mark.xdist_group("faults-policies")

HARMS: dict[str, tuple[When, Harm]] = {
    "killed before": ("before", proxy.kill),
    "killed after": ("after", proxy.kill),
    "cut after": ("after", proxy.cut),
}


async def while_it_runs(rig: Rig, kind: str, rule: Rule | None = None, **more: Any) -> None:
    """Let the worker run one, enqueue another of its key meanwhile, and let it come to its end."""
    await rig.enqueue((kind, {"mark": "old", "key": "a", "seconds": 1.0, **more}))
    running = asyncio.create_task(rig.deliver(rig.receive(1)))
    await rig.until(lambda: bool(rig.verdict().of("began", "old")))
    rig.proxy.rules = [rule] if rule else []
    await rig.enqueue((kind, {"mark": "new", "key": "a"}))
    await running
    await rig.drain(within=300)
    assert not rig.proxy.rules


@pytest.mark.parametrize("kind", ["unique_drop", "unique_replace"])
@scenario()
async def test_many_of_a_key_are_one(rig: Rig, kind: str) -> None:
    for number in range(4):
        await rig.enqueue((kind, {"mark": f"a{number}", "key": "a"}), (kind, {"mark": f"b{number}", "key": "b"}))
    await rig.drain(within=60)
    last = "0" if kind == "unique_drop" else "3"
    assert {row["mark"] for row in rig.verdict().rows} == {f"a{last}", f"b{last}"}


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("step", ["effect", "report"])
@scenario()
async def test_one_that_is_replaced_while_it_runs_runs_once_more(rig: Rig, step: str, harm: str) -> None:
    when, done = HARMS[harm]
    await while_it_runs(rig, "unique_replace", Rule(step=step, when=when, harm=done))
    assert [row["mark"] for row in rig.verdict().rows] == ["new"]


@scenario()
async def test_one_that_runs_while_another_is_dropped_for_it_is_run_to_its_end(rig: Rig) -> None:
    await while_it_runs(rig, "unique_drop", Rule(step="report", when="before", harm=proxy.kill))
    assert [row["mark"] for row in rig.verdict().rows] == ["old"]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ["unique_drop", "unique_replace"])
@scenario()
async def test_the_reply_to_a_commit_is_lost(rig: Rig, kind: str, when: When) -> None:
    await rig.enqueue((kind, {"mark": "old", "key": "a"}))
    rig.proxy.rules = [Rule(step="commit", when=when, harm=proxy.cut)]
    assert not await rig.enqueue((kind, {"mark": "new", "key": "a"}))
    await rig.drain(within=180)
    replaced = kind == "unique_replace" and when == "after"
    assert [row["mark"] for row in rig.verdict().rows] == ["new" if replaced else "old"]


@scenario()
async def test_a_replacement_that_is_rolled_back_leaves_what_was_there(rig: Rig) -> None:
    await rig.enqueue(("unique_replace", {"mark": "old", "key": "a"}))
    await rig.enqueue(("unique_replace", {"mark": "new", "key": "a"}), end="rollback")
    await rig.drain(within=60)
    assert [row["mark"] for row in rig.verdict().rows] == ["old"]


@scenario()
async def test_one_that_was_finished_is_nobodys_obstacle(rig: Rig) -> None:
    for number in range(3):
        await rig.enqueue(("unique_drop", {"mark": f"{number}", "key": "a"}))
        await rig.drain(within=60)
    assert len(rig.verdict().rows) == 3

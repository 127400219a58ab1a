"""A process that dies at each step: a worker from claim to answer, the web function from insert to send."""

import pytest

from tests.faults import proxy
from tests.faults.proxy import Rule, When
from tests.faults.rig import Rig
from tests.faults.scenario import scenario

pytestmark = pytest.mark.xdist_group("faults")

STEPS = ("claim", "effect", "report")
WHENS: tuple[When, ...] = ("before", "after")


@scenario()
async def test_without_a_fault(rig: Rig) -> None:
    assert await rig.enqueue(*((name, {"mark": name}) for name in ("noop", "effect", "effect_async")))
    await rig.drain(within=1)


@pytest.mark.parametrize("when", WHENS)
@pytest.mark.parametrize("step", STEPS)
@scenario()
async def test_the_worker_is_killed(rig: Rig, step: str, when: When) -> None:
    await rig.enqueue(*(("effect", {"mark": f"{step}-{number}"}) for number in range(3)))
    rig.proxy.rules = [Rule(step=step, when=when, harm=proxy.kill, skip=0 if step == "claim" else 1)]
    await rig.drain(within=180)
    assert not rig.proxy.rules


@pytest.mark.parametrize("when", WHENS)
@scenario()
async def test_the_worker_is_killed_where_it_runs_a_suspect(rig: Rig, when: When) -> None:
    await rig.enqueue(("effect", {"mark": "suspect"}))
    rig.proxy.rules = [
        Rule(step="effect", when="before", harm=proxy.kill),
        Rule(step="claim alone", when=when, harm=proxy.kill),
    ]
    await rig.drain(within=300)
    assert not rig.proxy.rules


@pytest.mark.parametrize("when", WHENS)
@pytest.mark.parametrize("step", ["enqueue", "commit", "confirm"])
@scenario()
async def test_the_web_function_is_killed(rig: Rig, step: str, when: When) -> None:
    rig.proxy.rules = [Rule(step=step, when=when, harm=proxy.kill)]
    committed = await rig.enqueue(("effect", {"mark": "one"}), ("effect", {"mark": "two"}))
    assert not committed
    assert not rig.proxy.rules
    await rig.drain(within=180)
    stored = {row["mark"] for row in rig.verdict().rows}
    assert stored == ({"one", "two"} if step == "confirm" or (step, when) == ("commit", "after") else set())


@pytest.mark.parametrize("how", ["kill", "abort", "exit", "exhaust"])
@pytest.mark.parametrize("where", ["before effect", "after effect"])
@scenario()
async def test_a_task_takes_its_process_with_it(rig: Rig, where: str, how: str) -> None:
    await rig.enqueue(
        ("effect", {"mark": "culprit", "crash": [where, how]}), *(("effect", {"mark": f"{n}"}) for n in range(4))
    )
    await rig.drain(within=300)
    rows = {row["mark"]: row["attempts"] for row in rig.verdict().rows}
    assert rows == {"0": 0, "1": 0, "2": 0, "3": 0, "culprit": 1 if how in {"exit", "exhaust"} else 0}


@scenario()
async def test_the_worker_is_killed_before_it_answers(rig: Rig) -> None:
    await rig.enqueue(
        ("effect", {"mark": "last words", "crash": ["after report", "kill"]}),
        *(("effect", {"mark": f"{number}"}) for number in range(3)),
    )
    await rig.drain(within=180)
    assert len(rig.verdict().of("began", "last words")) == 1


@scenario()
async def test_a_timeout_in_the_middle_of_a_batch(rig: Rig) -> None:
    """SIGKILL by the platform, without `finally`; stopped, so that nothing in the process can end it sooner."""
    async with rig.employ(timeout_s=3):
        await rig.enqueue(
            ("effect", {"mark": "stuck", "crash": ["before effect", "stop"]}), ("effect", {"mark": "innocent"})
        )
        await rig.drain(within=300)
    assert any("Task timed out" in line for line in rig.log)


@scenario()
async def test_nine_innocents_are_not_charged_for_the_one_that_kills(rig: Rig) -> None:
    await rig.enqueue(("kill_always", {"mark": "killer"}), *(("effect", {"mark": f"{n}"}) for n in range(9)))
    await rig.drain()
    states = {row["mark"]: (row["state"], row["attempts"]) for row in rig.verdict().rows}
    assert states.pop("killer") == ("dead", 5)
    assert set(states.values()) == {("done", 0)}


@scenario()
async def test_the_delete_is_lost_after_a_success(rig: Rig) -> None:
    rig.lose_deletes = 2
    await rig.enqueue(("effect", {"mark": "again"}), ("noop", {"mark": "noop"}))
    await rig.drain(within=180)
    assert len(rig.verdict().of("began", "again")) == 1


@scenario()
async def test_failures_are_retried_and_counted(rig: Rig) -> None:
    await rig.enqueue(
        ("fail_first", {"mark": "twice", "times": 2}),
        ("fail_first", {"mark": "four", "times": 4}),
        ("fail_always", {"mark": "always"}),
    )
    await rig.drain()
    rows = {row["mark"]: (row["state"], row["attempts"]) for row in rig.verdict().rows}
    assert rows == {"twice": ("done", 2), "four": ("done", 4), "always": ("dead", 5)}


@pytest.mark.parametrize("how", ["kill", "exit"])
@scenario()
async def test_a_redelivered_task_sends_its_follow_ups(rig: Rig, how: str) -> None:
    await rig.enqueue(("parent", {"mark": "parent", "children": 3, "crash": ["after effect", how]}))
    await rig.drain()
    assert sum(row["mark"].startswith("parent.") for row in rig.verdict().rows) >= 3


@pytest.mark.parametrize("end", ["rollback", "savepoint"])
@scenario()
async def test_what_was_rolled_back_never_runs(rig: Rig, end: "str") -> None:
    await rig.enqueue(("effect", {"mark": "kept"}))
    await rig.enqueue(("effect", {"mark": "undone"}), ("noop", {"mark": "undone too"}), end=end)  # type: ignore[arg-type]
    await rig.drain(within=60)
    assert [row["mark"] for row in rig.verdict().rows] == ["kept"]


@scenario()
async def test_a_worker_that_is_frozen_past_its_lease_loses(rig: Rig) -> None:
    """Both have run it; the result is the second's, and the first may not write over it."""
    await rig.enqueue(("effect", {"mark": "contested", "crash": ["after effect", "stop"]}))
    first = rig.loop.create_task(rig.deliver(rig.receive(1)))
    await rig.until(lambda: bool(rig.verdict().of("crashes", "contested")))
    await rig.advance(rig.queue.visibility + 61)
    await rig.tick()
    await rig.pump()
    (row,) = rig.verdict().rows
    assert row["state"] == "done"
    rig.thaw()
    await first
    (after,) = rig.verdict().rows
    assert after == row
    assert any("lease lost, outcome not written" in line for line in rig.log)


@scenario()
async def test_what_a_task_leaves_behind_is_not_seen_by_the_next(rig: Rig) -> None:
    await rig.enqueue(("messy", {"mark": "messy"}), ("observe", {"mark": "same batch"}))
    await rig.drain(within=60)
    await rig.enqueue(("observe", {"mark": "next batch"}))
    await rig.drain(within=60)

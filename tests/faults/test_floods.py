"""Tasks without a row: what SQS took is delivered at least once, and a bad item keeps its own message only."""

import pytest

from tests.faults import proxy
from tests.faults.proxy import Rule, When
from tests.faults.rig import Rig, Wanted
from tests.faults.scenario import scenario
from tests.faults.sqs import Fault

pytestmark = pytest.mark.xdist_group("faults-policies")


def items(count: int) -> list[Wanted]:
    return [("flooded", {"mark": f"item {number}"}) for number in range(count)]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["effect", "commit"])
@scenario()
async def test_the_worker_is_killed(rig: Rig, step: str, when: When) -> None:
    await rig.enqueue(*items(4))
    rig.proxy.rules = [Rule(step=step, when=when, harm=proxy.kill)]
    await rig.drain(within=125)
    assert not rig.proxy.rules


@pytest.mark.parametrize("fault", ["failed", "reply lost", "duplicated", "throttled"])
@scenario()
async def test_what_sqs_takes_is_delivered(rig: Rig, fault: Fault) -> None:
    rig.queue.faults = [fault]
    assert await rig.enqueue(*items(4))
    await rig.drain(within=125)
    accepted = {line.mark for line in rig.verdict().of("accepted")}
    lost = {"item 0"} if fault in {"failed", "throttled"} else set()
    assert accepted == {f"item {number}" for number in range(4)} - lost


@scenario()
async def test_a_bad_item_keeps_its_own_message(rig: Rig) -> None:
    await rig.enqueue(
        *items(5), ("flooded", {"mark": "bad", "fails": 1000}), ("flooded", {"mark": "twice", "fails": 2})
    )
    await rig.drain()
    assert len(rig.verdict().dead) == 1


@scenario()
async def test_what_was_rolled_back_is_not_sent(rig: Rig) -> None:
    await rig.enqueue(*items(2), end="rollback")
    await rig.enqueue(*items(2), end="savepoint")
    await rig.drain(within=60)
    assert not rig.verdict().of("accepted")


@scenario()
async def test_rows_in_the_same_batch_are_none_the_worse(rig: Rig) -> None:
    await rig.enqueue(("flooded", {"mark": "killer", "crash": ["before effect", "kill"]}), ("effect", {"mark": "row"}))
    await rig.drain(within=180)
    assert [row["attempts"] for row in rig.verdict().rows] == [0]

"""An SQS that refuses, hesitates, takes half, loses its reply, says everything twice and in any order."""

import pytest

from tests.faults import proxy
from tests.faults.proxy import Rule
from tests.faults.rig import Rig
from tests.faults.scenario import scenario
from tests.faults.sqs import Fault

pytestmark = pytest.mark.xdist_group("faults")

# The tick's minute and the one after.
SOON = 125.0
FAULTS: list[Fault] = ["unavailable", "throttled", "failed", "reply lost", "duplicated", "slow"]


@pytest.mark.parametrize("fault", FAULTS)
@scenario()
async def test_a_send_goes_wrong(rig: Rig, fault: Fault) -> None:
    """The caller hears nothing of it, and what SQS did not take is sent by the tick."""
    rig.queue.faults = [fault]
    assert await rig.enqueue(*(("effect", {"mark": f"{number}"}) for number in range(5)))
    rig.clear(fault)
    await rig.drain(within=SOON)


@scenario()
async def test_it_is_away_for_ten_minutes(rig: Rig) -> None:
    rig.queue.chaos = lambda: "unavailable"
    await rig.enqueue(*(("parent", {"mark": f"{number}", "children": 1}) for number in range(3)))
    for _ in range(10):
        await rig.advance(60)
        await rig.tick()
    assert not rig.queue.held
    rig.queue.chaos = lambda: None
    rig.clear("ten minutes without SQS")
    await rig.drain(within=SOON)


@scenario()
async def test_a_retry_cannot_be_sent(rig: Rig) -> None:
    await rig.enqueue(("fail_first", {"mark": "retried", "times": 1}))
    rig.queue.faults = ["throttled"]
    await rig.drain(within=SOON)


@scenario()
async def test_suspects_that_cannot_be_sent_do_not_lose_their_messages(rig: Rig) -> None:
    """The second time that one is sent for: by then the tick would come for it in two minutes, later in an hour."""
    await rig.enqueue(*(("effect", {"mark": f"{number}"}) for number in range(3)))
    rig.proxy.rules = [Rule(step="claim", when="after", harm=proxy.kill)]
    await rig.pump()
    await rig.advance(rig.queue.visibility + 1)
    rig.queue.faults = [None, "unavailable"]
    await rig.drain(within=SOON)
    assert not rig.queue.faults


@scenario()
async def test_every_message_comes_twice_and_shuffled(rig: Rig) -> None:
    rig.queue.chaos = lambda: "duplicated"
    await rig.enqueue(*(("effect", {"mark": f"{number}"}) for number in range(25)))
    await rig.drain(within=SOON)
    assert len(rig.verdict().of("began")) == 25


@scenario()
async def test_the_queue_is_emptied_by_accident(rig: Rig) -> None:
    await rig.enqueue(*(("effect", {"mark": f"{number}"}) for number in range(5)))
    rig.queue.held.clear()
    await rig.drain(within=240)


@scenario()
async def test_only_what_no_row_explains_ends_in_the_dead_letter_queue(rig: Rig) -> None:
    foreign = '{"order": 7}'
    rig.queue.put(foreign)
    await rig.enqueue(("effect", {"mark": "ours"}), ("fail_always", {"mark": "doomed"}))
    await rig.drain(within=7200)
    assert rig.verdict().dead == [foreign]


@scenario()
async def test_a_task_of_another_release_waits(rig: Rig) -> None:
    """A deploy in the middle of a drain: an unknown name costs no attempt while the release may still arrive."""
    await rig.enqueue(("effect", {"mark": "new"}))
    rig.cluster.execute("UPDATE tasks_taskrow SET path = 'tests.faults.project.tasks.not_yet'")
    for _ in range(20):
        await rig.pump()
        await rig.advance(60)
    rig.cluster.execute("UPDATE tasks_taskrow SET path = 'tests.faults.project.tasks.effect'")
    await rig.drain(within=SOON)
    assert [row["attempts"] for row in rig.verdict().rows] == [0]

"""Chains and groups: what follows comes once, after what it follows."""

import pytest
from django.tasks.exceptions import InvalidTask

from serverless.tasks import chain, group
from serverless.tasks.models import State, TaskGroup, TaskRow
from serverless.tasks.operate.retry import retry_dead
from serverless.tasks.work import lease
from serverless.tasks.work.lease import Outcome
from tests.serverless.tasks.conftest import StandIn, let_pass, only_row, process
from tests.serverless.tasks.policies import broken_key, fail_once, once, plus, total

pytestmark = pytest.mark.django_db(transaction=True)


def work() -> None:
    """Deliver messages until nothing is due."""
    while ready := list(TaskRow.objects.filter(state="ready")):
        process(*ready)
        if set(TaskRow.objects.filter(state="ready").values_list("pk", "lease")) == {
            (row.pk, row.lease) for row in ready
        }:
            return


def values() -> list[object]:
    return list(TaskRow.objects.order_by("pk").values_list("return_value", flat=True))


def test_each_gets_the_value_of_the_one_before(stand_in: StandIn) -> None:
    result = chain(plus.signature(1, 2), plus.signature(10), plus.signature(b=100)).enqueue()
    assert TaskRow.objects.count() == 1
    work()
    assert values() == [3, 13, 113]
    assert result.id.endswith(str(TaskRow.objects.order_by("pk")[0].pk))


def test_one_that_stands_alone_gets_its_own_arguments_only(stand_in: StandIn) -> None:
    chain(plus.signature(1, 2), plus.signature(10, 20).alone(), plus.signature(1)).enqueue()
    work()
    assert values() == [3, 30, 31]


def test_the_next_is_sent_with_the_outcome_of_the_one_before(stand_in: StandIn) -> None:
    chain(plus.signature(1, 2), plus.signature(10)).enqueue()
    process(only_row())
    first, second = TaskRow.objects.order_by("pk")
    assert (first.state, second.state, second.args) == ("done", "ready", [3, 10])
    assert stand_in.bodies()[-1] == [str(second.pk)]


def test_a_chain_ends_at_the_death_of_one_and_goes_on_with_another_round(stand_in: StandIn) -> None:
    chain(fail_once.signature(5), plus.signature(10)).enqueue()
    work()
    assert only_row().state == "dead"
    retry_dead(TaskRow.objects.all())
    work()
    assert values() == [5, 15]


def test_a_group_ends_with_the_list_of_its_values(stand_in: StandIn) -> None:
    calls = [plus.signature(number, 1) for number in range(5)]
    results = group(*calls, then=total.signature()).enqueue()
    assert len(results) == 5
    assert TaskRow.objects.count() == 5
    process(*list(TaskRow.objects.order_by("-pk"))[:4])
    assert TaskRow.objects.count() == 5
    assert str(TaskGroup.objects.get()) == "4 of 5"
    work()
    last = TaskRow.objects.order_by("-pk")[0]
    assert (last.args, last.return_value) == ([[1, 2, 3, 4, 5]], 15)


def test_a_group_of_different_tasks_keeps_their_order(stand_in: StandIn) -> None:
    group(plus.signature(1, 2), total.signature([4, 5]), plus.signature(3, 3), then=total.signature()).enqueue()
    work()
    assert TaskRow.objects.order_by("-pk")[0].args == [[3, 9, 6]]


def test_what_follows_a_group_may_be_a_chain(stand_in: StandIn) -> None:
    group(plus.signature(1, 2), plus.signature(3, 4), then=chain(total.signature(), plus.signature(100))).enqueue()
    work()
    assert TaskRow.objects.order_by("-pk")[0].return_value == 110


def test_a_group_waits_for_another_round_of_its_dead(stand_in: StandIn) -> None:
    group(fail_once.signature(5), plus.signature(1, 1), then=total.signature()).enqueue()
    work()
    assert TaskRow.objects.count() == 2
    retry_dead(TaskRow.objects.all())
    work()
    assert TaskRow.objects.order_by("-pk")[0].return_value == 7


def test_a_group_without_an_end(stand_in: StandIn) -> None:
    group(plus.signature(1, 2)).enqueue()
    work()
    assert values() == [3]


def test_duplicates_start_nothing_twice(stand_in: StandIn) -> None:
    """Two workers with the same row: the second one's report comes after its lease, and starts nothing."""
    chain(plus.signature(1, 2), plus.signature(10)).enqueue()
    (frozen,) = lease.claim([only_row().pk], database="default", seconds=60, worker="frozen")
    let_pass(61, frozen)
    process(frozen)
    assert lease.report(frozen, Outcome(state=State.DONE, attempts=0, value=3)) is None
    process(frozen, frozen)
    assert TaskRow.objects.count() == 2


def test_what_cannot_follow_is_a_failure_of_the_one_before(stand_in: StandIn) -> None:
    chain(plus.signature(1, 2), broken_key.signature()).enqueue()
    process(only_row())
    row = only_row()
    assert (row.state, row.attempts, row.errors[0]["exception_class_path"]) == (
        "ready", 1, "builtins.ZeroDivisionError"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (chain, "nothing to enqueue"),
        (group, "nothing to enqueue"),
        (lambda: chain(plus.signature(1, 2), once.signature()), "unique"),
        (lambda: group(plus.signature(1, 2), then=once.signature()), "unique"),
    ],
)
def test_what_cannot_be_linked_is_refused(make: object, says: str) -> None:
    with pytest.raises(InvalidTask, match=says):
        make()  # type: ignore[operator] # a lambda of the list

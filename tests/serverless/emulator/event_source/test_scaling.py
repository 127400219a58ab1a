"""https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html; back-off: services-sqs-errorhandling.html"""

import pytest

from serverless.emulator.event_source.scaling import STEP_S, Scaling


def scaling(maximum: int | None = None, *, report: bool = True) -> Scaling:
    return Scaling(maximum_concurrency=maximum, report_batch_item_failures=report)


@pytest.mark.parametrize(("maximum", "start"), [(None, 5), (1000, 5), (5, 5), (2, 2)])
def test_it_starts_with_five_or_its_maximum(maximum: int | None, start: int) -> None:
    assert scaling(maximum).pollers == start


def test_a_backlog_adds_300_a_minute() -> None:
    busy = scaling()
    for _ in range(round(60 / STEP_S)):
        busy.grow()
    assert busy.pollers == 5 + 300


@pytest.mark.parametrize(("maximum", "most"), [(None, 1250), (1000, 1000), (7, 7), (2, 2)])
def test_it_ends_at_its_maximum(maximum: int | None, most: int) -> None:
    busy = scaling(maximum)
    for _ in range(2000):
        busy.grow()
    assert busy.pollers == most


def test_empty_receives_take_back_what_a_backlog_added() -> None:
    idle = scaling()
    for _ in range(3):
        idle.grow()
    found = []
    for _ in range(5):
        idle.empty()
        found.append(idle.pollers)
    assert found == [7, 6, 5, 5, 5]


def test_function_errors_slow_it_down_and_successes_give_back() -> None:
    slow = scaling(report=False)
    for _ in range(9):
        slow.failed()
    assert slow.pollers == 1
    for _ in range(9):
        slow.succeeded()
    assert slow.pollers == 5


def test_with_partial_responses_function_errors_slow_nothing_down() -> None:
    steady = scaling()
    for _ in range(9):
        steady.failed()
    assert steady.pollers == 5


def test_throttling_slows_it_down_in_any_case() -> None:
    slow = scaling()
    slow.throttled()
    assert slow.pollers == 4

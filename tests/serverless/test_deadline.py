"""The deadline in this process; http/test_late.py has it in environments with Django and PostgreSQL behind it."""

import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from serverless.deadline import MARGIN_S, Deadline, DeadlineExceeded


@pytest.fixture(scope="module")
def deadline() -> Iterator[Deadline]:
    made = Deadline()
    yield made
    made.close()


def never() -> None:
    raise AssertionError("the other thread spoke")


def test_what_is_quick_returns(deadline: Deadline) -> None:
    assert deadline.call(lambda: 7, ends_at=time.monotonic() + 0.05, last_words=never) == 7
    time.sleep(0.1)  # nothing goes off later


def test_what_is_late_is_interrupted_where_it_is(deadline: Deadline) -> None:
    started = time.monotonic()
    with pytest.raises(DeadlineExceeded) as raised:
        deadline.call(lambda: time.sleep(10), ends_at=time.monotonic() + 0.05, last_words=never)
    assert time.monotonic() - started < 5
    assert raised.traceback[-2].name == "<lambda>"
    time.sleep(MARGIN_S / 2 + 0.1)


def test_a_time_that_is_up_already_interrupts_at_once(deadline: Deadline) -> None:
    with pytest.raises(DeadlineExceeded):
        deadline.call(lambda: time.sleep(10), ends_at=time.monotonic() - 3, last_words=never)


def test_a_call_that_ends_before_the_one_ahead_of_it_has_its_own_timer(deadline: Deadline) -> None:
    deadline.call(lambda: None, ends_at=time.monotonic() + 20, last_words=never)
    with pytest.raises(DeadlineExceeded):
        deadline.call(lambda: time.sleep(10), ends_at=time.monotonic() + 0.05, last_words=never)


def test_the_timer_of_an_earlier_call_interrupts_no_later_one(deadline: Deadline) -> None:
    deadline.call(lambda: None, ends_at=time.monotonic() + 0.05, last_words=never)
    started = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        deadline.call(lambda: time.sleep(10), ends_at=started + 0.4, last_words=never)
    assert time.monotonic() - started >= 0.4


def test_what_the_function_raises_passes(deadline: Deadline) -> None:
    def fails() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        deadline.call(fails, ends_at=time.monotonic() + 0.05, last_words=never)


def test_what_swallows_the_interruption_has_the_other_thread_speak(deadline: Deadline) -> None:
    said: list[float] = []

    def swallows() -> float:
        with suppress(BaseException):  # the bad habit that is tested
            time.sleep(10)
        until = time.monotonic() + 5
        while not said and time.monotonic() < until:
            time.sleep(0.01)
        return time.monotonic()

    started = time.monotonic()
    returned = deadline.call(
        swallows, ends_at=time.monotonic() + 0.05, last_words=lambda: said.append(time.monotonic())
    )
    (spoke,) = said
    assert started + MARGIN_S / 2 < spoke <= returned


def test_the_next_one_has_its_own_time(deadline: Deadline) -> None:
    for _ in range(3):
        with pytest.raises(DeadlineExceeded):
            deadline.call(lambda: time.sleep(10), ends_at=time.monotonic() + 0.02, last_words=never)
        deadline.call(lambda: time.sleep(0.05), ends_at=time.monotonic() + 10, last_words=never)

"""The rules of waiting, on a clock that the test moves."""

import socket
from collections.abc import Iterator

import pytest
from django.core.signals import request_started

from serverless.cache.breaker import BUDGET, PAUSE_S, RENEWED_S, Breaker, Budget, LeftAlone


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def budget(clock: Clock) -> Budget:
    return Budget(clock)


@pytest.fixture
def breaker(budget: Budget) -> Iterator[Breaker]:
    made = Breaker("valkey:6379", limit=0.5, budget=budget)
    yield made
    made.reset()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def test_usual_waits_cost_nothing(breaker: Breaker) -> None:
    for _ in range(1000):
        breaker.charge(0.05)
    assert breaker.allowance() == 0.5


def test_slow_answers_use_the_budget_up(breaker: Breaker) -> None:
    breaker.charge(0.2)
    assert breaker.allowance() == pytest.approx(0.3)
    breaker.charge(0.2)
    assert breaker.allowance() == pytest.approx(0.1)
    breaker.charge(0.1)
    with pytest.raises(LeftAlone, match="as long as it may"):
        breaker.allowance()


@pytest.mark.django_db  # which the signal concerns as well
def test_each_request_has_a_budget_of_its_own() -> None:
    BUDGET.renew()
    BUDGET.charge(0.5, 0.5)
    assert BUDGET.left(0.5) == 0
    request_started.send(sender=None)
    assert BUDGET.left(0.5) == 0.5


def test_what_is_longer_than_requests_gets_another(breaker: Breaker, clock: Clock) -> None:
    breaker.charge(0.5)
    clock.now += RENEWED_S - 0.1
    with pytest.raises(LeftAlone):
        breaker.allowance()
    clock.now += 0.2
    assert breaker.allowance() == 0.5


def test_after_a_timeout_the_server_is_left_alone(breaker: Breaker, clock: Clock, budget: Budget) -> None:
    breaker.trip(None)
    for _ in range(10):
        budget.renew()
        with pytest.raises(LeftAlone, match="left alone"):
            breaker.allowance()
    clock.now += PAUSE_S
    assert breaker.allowance() == 0.5


def test_the_answer_that_comes_after_all_ends_it(breaker: Breaker, pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    breaker.trip(ours)
    with pytest.raises(LeftAlone):
        breaker.allowance()
    theirs.sendall(b"$-1\r\n")
    assert breaker.allowance() == 0.5
    assert ours.fileno() == -1, "the socket is closed"


def test_so_does_the_end_of_the_connection(breaker: Breaker, pair: tuple[socket.socket, socket.socket]) -> None:
    breaker.trip(pair[0])
    pair[1].close()
    assert breaker.allowance() == 0.5


def test_who_only_answers_late_is_left_alone_the_second_time(
    breaker: Breaker, pair: tuple[socket.socket, socket.socket], clock: Clock
) -> None:
    breaker.trip(pair[0])
    pair[1].sendall(b"late")
    assert breaker.allowance()
    second, other = socket.socketpair()
    with other:
        breaker.trip(second)
        other.close()
        with pytest.raises(LeftAlone):
            breaker.allowance()
        assert second.fileno() == -1
        clock.now += PAUSE_S
        assert breaker.allowance()


def test_a_snapshot_takes_nothing_along(breaker: Breaker, pair: tuple[socket.socket, socket.socket]) -> None:
    breaker.trip(pair[0])
    breaker.reset()
    assert pair[0].fileno() == -1
    assert breaker.allowance() == 0.5

"""Whether a kept connection is any good, found out for as little as can be."""

import select
import time
from typing import Any, Final

import psycopg
from psycopg import pq

__all__ = ["ANSWER_S", "REST_S", "Moment", "answers", "has_word", "is_long", "listening", "now"]

# Seconds between two invocations after which a connection is asked for an answer, 0.5-1 ms inside a region. Within
# less, nothing on the way forgets it (RDS Proxy after 1,800 s, NAT gateways after 350 s), and what the server itself
# says is heard. https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html
REST_S: Final = 10.0
# Seconds for that answer. Without it the connection is replaced, for 6-10 ms.
ANSWER_S: Final = 1.5
# CLOCK_MONOTONIC stands still while a machine is suspended; this one does not. macOS has no other.
_CLOCK: Final[int] = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


type Moment = tuple[float, float]
"""Seconds on two clocks. Linux's own counts what it was told of; the wall clock is set right after a freeze."""


def now() -> Moment:
    return time.clock_gettime(_CLOCK), time.time()


def is_long(since: Moment, until: Moment) -> bool:
    """Tell whether a freeze may have lost what the server said. A wall clock that was set costs one look too many."""
    return until[0] - since[0] > REST_S or until[1] - since[1] > REST_S


def listening(connection: "psycopg.Connection[Any]") -> "select.poll":
    """Return what ``has_word`` asks: made once, because that takes as long as asking."""
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    return poll


def has_word(connection: "psycopg.Connection[Any]", poll: "select.poll") -> bool:
    """Tell whether the server said or did something unasked: it hung up, most likely. Sends nothing, 1 us."""
    return connection.closed or bool(poll.poll(0))


def answers(connection: "psycopg.Connection[Any]", *, within: float = ANSWER_S) -> bool:
    """Ask the server for anything; False where it says nothing in ``within`` seconds, or no."""
    pgconn, until = connection.pgconn, time.monotonic() + within
    try:
        pgconn.send_query(b"SELECT 1")
        poll = listening(connection)
        while pgconn.flush():  # a statement of 9 bytes fits into any socket that is not stuck
            if time.monotonic() > until:
                return False
        good = True
        while True:
            while pgconn.is_busy():
                left = until - time.monotonic()
                if left <= 0 or not poll.poll(left * 1000):
                    return False
                pgconn.consume_input()
            if (result := pgconn.get_result()) is None:
                return good
            good = good and result.status == pq.ExecStatus.TUPLES_OK
    except psycopg.Error:
        return False

"""Time-ordered identifiers, made before the insert, so that a row's keys and messages can name it at once."""

import os
import threading
import time
import uuid
from datetime import datetime

__all__ = ["first_of", "uuid7"]

_lock = threading.Lock()
_last = 0

# RFC 9562, section 5.7: 48 bits of Unix milliseconds, then 74 random bits around version and variant.
_RANDOM_A_BITS = 12
_RANDOM_B_BITS = 62


def uuid7() -> uuid.UUID:
    """Return a UUID of version 7 that sorts after every one this process made before.

    Ascending keys fill the right edge of a B-tree instead of random pages. The 12 bits after the timestamp hold the
    fraction of the millisecond (RFC 9562, section 6.2, method 3), which also keeps ids of one millisecond in order.
    Python gains ``uuid.uuid7`` in 3.14; PostgreSQL 18 reads both as the same thing.
    """
    global _last  # noqa: PLW0603 - the clock's last reading is the state that makes ids monotonic
    now = time.time_ns()
    stamp = (now // 1_000_000 << _RANDOM_A_BITS) | ((now % 1_000_000) << _RANDOM_A_BITS) // 1_000_000
    with _lock:
        _last = stamp = max(stamp, _last + 1)
    milliseconds, fraction = stamp >> _RANDOM_A_BITS, stamp & ((1 << _RANDOM_A_BITS) - 1)
    random_b = int.from_bytes(os.urandom(8)) >> (64 - _RANDOM_B_BITS)
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random_b)


def first_of(moment: datetime) -> uuid.UUID:
    """Return the lowest id of the millisecond of ``moment``: what was made earlier sorts before it.

    Ids carry the clock of whoever made them, so a range of them is as exact as the functions' clocks.
    """
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80 | 0x7 << 76 | 0b10 << 62)

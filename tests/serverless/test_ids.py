import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from serverless.ids import first_of, uuid7


def test_version_variant_and_time() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid7()
    after = time.time_ns() // 1_000_000
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert before <= made.int >> 80 <= after + 1


def test_ids_of_one_process_ascend_and_never_repeat() -> None:
    made = [uuid7() for _ in range(20_000)]
    assert made == sorted(set(made))


def test_threads_never_share_an_id() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = [one for batch in pool.map(lambda _: [uuid7() for _ in range(2_000)], range(4)) for one in batch]
    assert len(set(made)) == 8_000


def test_the_first_id_of_a_moment_lies_between_earlier_and_later_ones() -> None:
    made = uuid7()
    now = datetime.now(UTC)
    assert first_of(now - timedelta(seconds=1)) < made < first_of(now + timedelta(milliseconds=2))
    assert (first_of(now).version, first_of(now).variant) == (7, "specified in RFC 4122")

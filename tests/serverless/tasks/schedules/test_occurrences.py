"""Zones change their clocks: Europe/Berlin on 29 March 2026 (02:00 to 03:00) and 25 October 2026 (03:00 to 02:00)."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from serverless.tasks.schedules.occurrences import EPOCH, Cron, Every, Rule, latest, missed, offset

DAY = timedelta(days=1)
SPRING, AUTUMN = datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)


def berlin(expression: str) -> Cron:
    return Cron(expression=expression, zone="Europe/Berlin")


def during(rule: Rule, day: datetime) -> list[str]:
    """Return the occurrences from midnight to 06:00 UTC."""
    found = missed(rule, after=day - timedelta(seconds=1), until=day + timedelta(hours=6))
    assert all(at.tzinfo is UTC for at in found)
    return [f"{at:%H:%M}" for at in found]


@pytest.mark.parametrize(
    ("expression", "spring", "autumn"),
    [
        ("0 3 * * *", ["01:00"], ["02:00"]),
        ("30 2 * * *", ["01:00"], ["00:30"]),  # at the end of the skipped hour; the first of the two
        ("0,30 2 * * *", ["01:00"], ["00:00", "00:30"]),  # one instant is one occurrence
        ("30 1,2,3 * * *", ["00:30", "01:00", "01:30"], ["00:30", "02:30"]),
        ("30 * * * *", [f"0{hour}:30" for hour in range(6)], [f"0{hour}:30" for hour in range(6)]),
        ("*/30 2 * * *", [], ["00:00", "00:30", "01:00", "01:30"]),  # by elapsed time, as Debian's cron
    ],
)
def test_clocks_that_change_neither_lose_nor_double(expression: str, spring: list[str], autumn: list[str]) -> None:
    assert during(berlin(expression), SPRING) == spring
    assert during(berlin(expression), AUTUMN) == autumn


@pytest.mark.parametrize("expression", ["30 2 * * *", "0,30 2 * * *", "15 1-4 * * *", "45 * * * *", "*/30 2 * * *"])
@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_whenever_one_asks_the_occurrences_are_the_same(expression: str, day: datetime) -> None:
    rule = berlin(expression)
    whole = missed(rule, after=day - DAY, until=day + 2 * DAY)
    for minutes in range(0, 36 * 60, 7):
        start = day - timedelta(hours=6) + timedelta(minutes=minutes, seconds=minutes % 2 / 2)
        assert missed(rule, after=start, until=day + 2 * DAY) == [at for at in whole if at > start]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 9 * * MON-FRI", "2026-11-23 09:00"),
        ("15 10 L * *", "2026-11-30 10:15"),
        ("0 0 1 JAN,JUL *", "2027-01-01 00:00"),
        ("0 0 * * MON#1", "2026-12-07 00:00"),
        ("*/20 6-8 * * *", "2026-11-23 06:00"),
    ],
)
def test_names_ranges_steps_lists_and_last_days(expression: str, expected: str) -> None:
    sunday = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert f"{next(Cron(expression=expression, zone='UTC').after(sunday)):%Y-%m-%d %H:%M}" == expected


def test_a_time_that_never_comes_ends() -> None:
    assert list(berlin("0 0 */30 2 1L").after(SPRING)) == []


def test_a_rate_is_aligned_to_the_epoch() -> None:
    rule = Every(period=timedelta(minutes=15))
    start = datetime(2026, 11, 23, 12, 7, 3, tzinfo=UTC)
    assert [f"{at:%H:%M:%S}" for at in islice(rule.after(start), 3)] == ["12:15:00", "12:30:00", "12:45:00"]
    on_time = datetime(2026, 11, 23, 12, 15, tzinfo=UTC)
    assert next(rule.after(on_time)) == on_time + timedelta(minutes=15)
    assert next(Every(period=7 * DAY).after(EPOCH)) == EPOCH + 7 * DAY


def test_missed_are_the_oldest_first_up_to_and_with_the_end() -> None:
    rule = Every(period=timedelta(hours=1))
    assert [at.hour for at in missed(rule, after=SPRING, until=SPRING + timedelta(hours=3))] == [1, 2, 3]
    assert [at.hour for at in missed(rule, after=SPRING, until=SPRING + DAY, limit=2)] == [1, 2]
    assert missed(rule, after=SPRING + DAY, until=SPRING) == []


@pytest.mark.parametrize("expression", ["* * * * *", "0 3 * * *", "30 2 * * SUN", "0 0 29 2 *"])
def test_the_latest_is_the_last_of_all_that_were_missed(expression: str) -> None:
    rule = berlin(expression)
    for days in (0, 1, 3, 30):
        every = missed(rule, after=AUTUMN - days * DAY, until=AUTUMN)
        assert latest(rule, after=AUTUMN - days * DAY, until=AUTUMN) == (every[-1] if every else None)
    assert latest(berlin("0 0 29 2 *"), after=AUTUMN - 3650 * DAY, until=AUTUMN) == datetime(
        2024, 2, 28, 23, tzinfo=UTC
    )


def test_the_jitter_of_an_occurrence_is_whole_seconds_and_always_the_same() -> None:
    hours = [SPRING + timedelta(hours=number) for number in range(200)]
    jitter = timedelta(seconds=9)
    found = [offset("default nightly", at, jitter=jitter) for at in hours]
    assert {taken.total_seconds() for taken in found} == set(range(10))
    assert found == [offset("default nightly", at.astimezone(), jitter=jitter) for at in hours]
    assert found != [offset("default other", at, jitter=jitter) for at in hours]


def test_the_library_waits_for_the_first_expression() -> None:
    script = (
        "import sys, django; django.setup(); import serverless.tasks.upkeep.tick, serverless.tasks.admin\n"
        "assert 'serverless.tasks.schedules.occurrences' not in sys.modules\n"
        "from serverless.tasks.schedules.occurrences import EPOCH, Cron\n"
        "assert 'cronsim' not in sys.modules\n"
        "assert next(Cron(expression='0 3 * * *', zone='UTC').after(EPOCH)) and 'cronsim' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

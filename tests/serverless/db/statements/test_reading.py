import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from serverless.db.statements.reading import ORDERS, Reason, Unavailable, forget, read
from serverless.db.statements.wording import share, time

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counted() -> None:
    """Three calls of one statement, and nothing before."""
    forget("default")
    with connection.cursor() as cursor:
        for number in range(3):
            cursor.execute("SELECT generate_series(1, %s) AS counted_here", [number + 7])


def test_counts_and_times_without_values() -> None:
    (ours,) = [one for one in read("default", order="total").statements if "counted_here" in one.text]
    assert re.fullmatch(r"SELECT generate_series\(\$\d, \$\d\) AS counted_here", ours.text)
    assert (ours.calls, ours.rows) == (3, 7 + 8 + 9)
    assert 0 < ours.mean <= ours.longest <= ours.total
    assert 0 < ours.share <= 1


@pytest.mark.pins("temporary")
def test_only_queries_are_listed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE selected (a int)")
        cursor.execute("/* by a comment */ ( SELECT 1 AS behind_a_comment)")
        cursor.execute("INSERT INTO selected VALUES (1)")
    texts = {one.text for one in read("default", order="total").statements}
    assert {"( SELECT $1 AS behind_a_comment)", "INSERT INTO selected VALUES ($1)"} <= texts
    assert not [text for text in texts if text.startswith(("CREATE", "SAVEPOINT"))]


@pytest.mark.parametrize("order", ORDERS)
def test_first_is_what_was_asked_for(order: str) -> None:
    found = read("default", order=order)
    keys = {"total": "total", "mean": "mean", "calls": "calls", "rows": "rows"}
    values = [getattr(one, keys[order]) for one in found.statements]
    assert values == sorted(values, reverse=True)
    assert found.count == len(found.statements) > 1


def test_reset_forgets() -> None:
    before = read("default", order="total").since
    forget("default")
    found = read("default", order="total")
    assert not [one for one in found.statements if "counted_here" in one.text]
    assert before


def test_without_the_extension_the_transaction_goes_on() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION pg_stat_statements")
        for ask in (lambda: read("default", order="total"), lambda: forget("default")):
            with pytest.raises(Unavailable) as caught:
                ask()
            assert caught.value.reason in {Reason.ABSENT, Reason.NO_FUNCTION}
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_database_that_is_away_is_told_from_one_without_the_extension(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "PORT", "9")  # for connections that are yet to be made
    with ThreadPoolExecutor(max_workers=1) as pool, pytest.raises(Unavailable) as caught:
        pool.submit(read, "default", order="total").result()
    assert caught.value.reason is Reason.AWAY


def test_user_without_rights_sees_no_text_of_others() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE nosy")
        cursor.execute("SET LOCAL ROLE nosy")
        hidden = [one for one in read("default", order="total").statements if one.user != "nosy"]
        with pytest.raises(Unavailable) as caught:
            forget("default")
    assert caught.value.reason is Reason.REFUSED
    assert hidden
    assert {(one.text, one.queryid) for one in hidden} == {("", None)}


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [(0.0312, "0.031 ms"), (83.44, "83.4 ms"), (1500, "1.5 s"), (90_000, "1.5 min"), (5_400_000, "1.5 h")],
)
def test_times_have_a_unit(milliseconds: float, words: str) -> None:
    assert time(milliseconds) == words


def test_little_is_not_nothing() -> None:
    assert [share(part) for part in (0, 0.0004, 0.25, 1)] == ["0.0 %", "< 0.1 %", "25.0 %", "100.0 %"]

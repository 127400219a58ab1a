import random
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections
from pytest_django.fixtures import Settings

from serverless import queries
from serverless.meter import Mark, Meter


def of(meter: Meter, mark: Mark, *, status: int = 200) -> dict[str, Any]:
    return meter.of_request(mark, seconds=0.01234, status=status)


def test_the_first_is_cold_and_what_is_0_is_left_out() -> None:
    meter, kept = Meter(), queries.kept()
    first, second = of(meter, Mark()), of(meter, Mark())
    assert (first["Latency"], first["Queries"], first["ColdStarts"]) == (0.0123, 0, 1)
    assert second.keys() - {"ConnectionsKept"} == {"_aws", "Latency", "Queries"}
    assert second.get("ConnectionsKept", 0) == kept


@pytest.mark.parametrize(
    ("status", "named"),
    [(200, set()), (304, set()), (399, set()), (400, {"ClientErrors"}), (499, {"ClientErrors"}),
     (500, {"ServerErrors"}), (503, {"ServerErrors"})],
)  # fmt: skip
def test_statuses_fall_into_two_classes_of_errors(status: int, named: set[str]) -> None:
    fields = of(Meter(), Mark(), status=status)
    assert fields.keys() & {"ClientErrors", "ServerErrors"} == named


@pytest.mark.django_db(databases=["other"])
def test_statements_and_connections_are_those_since_the_mark() -> None:
    queries.count_statements()
    meter, mark = Meter(), Mark()
    connection = connections["other"].copy()  # apart from the test's transaction
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    fields = of(meter, mark)
    assert (fields["Queries"], fields["ConnectionsOpened"]) == (1, 1)
    connection.close()
    after = of(meter, Mark())
    assert "ConnectionsOpened" not in after
    assert after.get("ConnectionsKept", 0) == fields["ConnectionsKept"] - 1


def test_so_are_keys_that_a_cache_had_and_had_not() -> None:
    meter, mark = Meter(), Mark()
    cache.set("meter", 1, 10)
    for key in ("meter", "meter", "no-such-key-of-the-meter"):
        cache.get(key)
    fields = of(meter, mark)
    assert (fields["CacheHits"], fields["CacheMisses"]) == (2, 1)


def test_an_invocation_writes_its_line_even_where_it_fails(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(LookupError), Meter().invocation():
        raise LookupError("as asked")
    (record,) = [vars(record) for record in caplog.records if record.name == "serverless.metrics"]
    assert (record["Queries"], record["ColdStarts"]) == (0, 1)


@pytest.mark.parametrize(("share", "least", "most"), [(0, 0, 0), (0.25, 10, 45), (1, 100, 100)])
def test_a_share_of_them_is_a_share(share: float, least: int, most: int, settings: Settings) -> None:
    settings.SERVERLESS = {"METRICS": {"SHARE": share}}
    random.seed(7)
    meter = Meter()
    assert least <= sum(bool(of(meter, Mark())) for _ in range(100)) <= most
    assert meter.cold is False  # whether or not it was written

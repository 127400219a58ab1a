import pytest
from django.db import connections

from serverless import queries


@pytest.mark.django_db(databases=["default", "other"])
def test_statements_of_every_connection_are_counted_once() -> None:
    queries.count_statements()
    queries.count_statements()
    before = queries.sent()
    for alias in ("default", "other"):
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.executemany("SELECT %s", [(1,), (2,)])
    assert queries.sent() - before == 4

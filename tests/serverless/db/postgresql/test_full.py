"""A pooler whose connections are all at work: it lets clients connect, and has them wait with their first statement."""

import os
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError
from pytest_django.plugin import DjangoDbBlocker

from serverless.db import Failure, database_failure
from serverless.db.postgresql.base import DatabaseWrapper
from tests.pgbouncer import Bouncer, bouncer

WAIT_S = 1


@pytest.fixture(scope="module")
def pool() -> Iterator[Bouncer]:
    with bouncer(urlsplit(os.environ["DATABASE_URL"])._replace(path="/postgres").geturl(), pool_size=1,
                 wait_s=WAIT_S) as running:  # fmt: skip
        yield running


@pytest.fixture
def connection(pool: Bouncer, django_db_blocker: DjangoDbBlocker) -> Iterator[DatabaseWrapper]:
    given = settings.DATABASES["default"] | {
        "NAME": "postgres",
        "PORT": urlsplit(pool.url).port,
        "ATOMIC_REQUESTS": False,
    }
    with django_db_blocker.unblock():
        made = DatabaseWrapper(given | {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}, "pooled")
        yield made
        made.close()


def refused(connection: DatabaseWrapper) -> float:
    """Ask, and be refused; returns after how many seconds."""
    began = time.monotonic()
    with pytest.raises(OperationalError) as caught, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert database_failure(caught.value) is Failure.EXHAUSTED
    return time.monotonic() - began


@pytest.mark.parametrize("warm", [True, False])
def test_who_waited_in_vain_does_not_wait_twice_in_one_request(
    pool: Bouncer, connection: DatabaseWrapper, warm: bool
) -> None:
    """An error page that looks up its visitor asks once more."""
    if warm:
        connection.cursor().execute("SELECT 1")
    with psycopg.connect(pool.url) as other:
        other.execute("SELECT 1")
        assert refused(connection) > WAIT_S / 2
        assert refused(connection) < WAIT_S / 2
        connection.close_if_unusable_or_obsolete()  # the request is over
        assert refused(connection) > WAIT_S / 2, "the next one asks again"
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Group
from django.db import connection, connections, transaction

from serverless.connections import abandon, discard

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_transaction_that_is_half_open_is_left_behind() -> None:
    block = transaction.atomic()
    block.__enter__()  # and never left: the signal came in between
    Group.objects.create(name="half")
    abandon()
    assert not connection.in_atomic_block
    assert not Group.objects.exists()
    with transaction.atomic():
        Group.objects.create(name="whole")
    assert Group.objects.count() == 1


def test_a_connection_between_transactions_is_closed_and_kept() -> None:
    before = connections["default"]
    Group.objects.exists()
    abandon()
    assert before.connection is None
    assert connections["default"] is before


def test_a_connection_of_another_thread_is_discarded() -> None:
    connection.ensure_connection()
    held = connection.connection
    with ThreadPoolExecutor(1) as pool:
        pool.submit(discard, connections["default"]).result()
    assert held.closed
    assert connection.connection is None
    assert not Group.objects.exists()  # with the next one
    assert not connection.allow_thread_sharing


def test_what_was_never_opened_is_discarded_without_a_word() -> None:
    connection.close()
    discard(connections["default"])
    assert connection.connection is None

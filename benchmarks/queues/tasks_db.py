"""https://github.com/RealOrangeOne/django-tasks-db: rows of the database, looked for by its worker."""

from itertools import batched

from django.db import transaction
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from benchmarks.queues.jobs import noop
from benchmarks.queues.meter import timed, traced

TRANSACTION = 100


def clear() -> None:
    DBTaskResult.objects.all().delete()


def enqueue(count: int) -> None:
    for number in range(count):
        noop.enqueue(number)


def enqueue_in_transactions(count: int) -> None:
    for numbers in batched(range(count), TRANSACTION):
        with transaction.atomic():
            for number in numbers:
                noop.enqueue(number)


def consume(count: int) -> None:
    Worker(
        queue_names=["default"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=count,
        worker_id="benchmark",
        excluded_queue_names=[],
    ).run()


MEASURES = {
    "enqueue": timed(enqueue),
    "enqueue in transactions": timed(enqueue_in_transactions),
    "consume": timed(consume, enqueue_in_transactions),
    "enqueue: trips": traced(enqueue),
    "enqueue in transactions: trips": traced(enqueue_in_transactions),
    "consume: trips": traced(consume, enqueue_in_transactions),
}

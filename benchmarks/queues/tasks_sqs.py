"""https://pypi.org/project/django-tasks-sqs: the message is the task; its worker polls, ten messages at a time."""

from django.tasks import default_task_backend
from django_tasks_sqs.worker import Worker, WorkerOptions

from benchmarks.queues.jobs import noop
from benchmarks.queues.meter import timed

BATCH = 10


def enqueue(count: int) -> None:
    for number in range(count):
        noop.enqueue(number)


def enqueue_many(count: int) -> None:
    default_task_backend.enqueue_many(  # type: ignore[attr-defined] # theirs alone
        [(noop, [number], {}) for number in range(count)]
    )


def consume(count: int) -> None:
    worker = Worker(options=WorkerOptions(wait_time_seconds=0, max_messages=BATCH))
    for _ in range(count // BATCH):
        assert worker.run_once("default") == ["succeeded"] * BATCH


MEASURES = {
    "enqueue": timed(enqueue),
    "enqueue_many": timed(enqueue_many),
    "consume": timed(consume, enqueue_many),
}

"""https://pypi.org/project/django-lambda-tasks: an SQS message, and a row while and after it runs."""

import json
import uuid
from collections import deque
from itertools import batched

from django.db import connection
from lambda_tasks.decorators import lambda_task
from lambda_tasks.handler import handler

from benchmarks.queues.meter import timed, traced

BATCH = 10

_events: deque[dict[str, object]] = deque()


@lambda_task  # type: ignore[untyped-decorator]
def noop(*, number: int) -> None:
    pass


def clear() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE lambda_tasks_taskrecord")


def enqueue(count: int) -> None:
    for number in range(count):
        noop.execute_on_commit(number=number)


def make_events(count: int) -> None:
    bodies = [json.dumps(noop.serialize(number=number)["message"]) for number in range(count)]
    for some in batched(bodies, BATCH):
        _events.append({"Records": [{"messageId": str(uuid.uuid4()), "body": body} for body in some]})


def consume(count: int) -> None:
    for _ in range(count // BATCH):
        assert handler(_events.popleft(), None) == {"batchItemFailures": []}


MEASURES = {
    "enqueue": timed(enqueue),
    "consume": timed(consume, make_events),
    "consume: trips": traced(consume, make_events),
}

"""boto3 alone: what sending costs without any tasks."""

import json
import os
from itertools import batched

import boto3

from benchmarks.queues.meter import timed

BATCH = 10

_queue = f"{os.environ['AWS_ENDPOINT_URL']}/123456789012/queue-{os.getpid()}"
_sqs = boto3.client("sqs")


def send(count: int) -> None:
    for number in range(count):
        _sqs.send_message(QueueUrl=_queue, MessageBody=_body(number))


def send_batches(count: int) -> None:
    for numbers in batched(range(count), BATCH):
        entries = [{"Id": str(number), "MessageBody": _body(number)} for number in numbers]
        _sqs.send_message_batch(QueueUrl=_queue, Entries=entries)


def _body(number: int) -> str:
    return json.dumps({"task": "benchmarks.queues.jobs.noop", "args": [number]})


MEASURES = {"enqueue": timed(send), "enqueue_many": timed(send_batches)}

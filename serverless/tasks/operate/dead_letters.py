"""The dead-letter queue of each queue: look at its messages, send them back, delete them.

Tasks that fail are rows and never get there. What does: messages that no row explains (something else sends to the
queue), and any message while the database was away for ``maxReceiveCount`` receives.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.tasks import task_backends

from serverless.sigv4 import MissingCredentials
from serverless.tasks.exceptions import SQSFailed
from serverless.tasks.produce.queue import MAX_BATCH, ask

# What a queue that cannot be reached raises.
AWAY = (SQSFailed, MissingCredentials)
# Seconds for which a message that someone looks at is shown to nobody else.
HELD_FOR = 120
# ReceiveMessage asks a few of SQS's servers and may miss messages: that many empty answers in a row are the end.
EMPTY_ANSWERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetters:
    """The dead-letter queue ``url`` of ``queue``; ``count`` and ``in_flight`` are SQS's approximations."""

    queue: str
    queue_url: str
    url: str
    count: int
    in_flight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message. ``handle`` deletes it until the message is received again; times are in milliseconds."""

    id: str
    handle: str
    body: str
    receives: int
    attributes: dict[str, Any]
    message_attributes: dict[str, Any]


def queues() -> dict[str, str]:
    """Return the URL of each queue in TASKS that has one, by name."""
    found: dict[str, str] = {}
    for backend in task_backends.all():
        found |= backend.options.get("QUEUE_URLS", {})
    return dict(sorted(found.items()))


def find(queue: str, queue_url: str) -> DeadLetters | None:
    """Return the dead-letter queue that the redrive policy names, or None without one. Raises SQSFailed.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
    """
    reply = ask(queue_url, "GetQueueAttributes", {"AttributeNames": ["RedrivePolicy"]})
    if not (policy := reply.get("Attributes", {}).get("RedrivePolicy")):
        return None
    # A dead-letter queue is of the same account and region, so its URL differs in the name alone.
    name = str(json.loads(policy)["deadLetterTargetArn"]).rpartition(":")[2]
    url = f"{queue_url.rpartition('/')[0]}/{name}"
    counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = ask(url, "GetQueueAttributes", {"AttributeNames": counts})["Attributes"]
    waiting, in_flight = (int(attributes[name]) for name in counts)
    return DeadLetters(queue=queue, queue_url=queue_url, url=url, count=waiting, in_flight=in_flight)


def receive(letters: DeadLetters, *, limit: int) -> Iterator[Letter]:
    """Yield up to ``limit`` messages, and hold each for ``HELD_FOR`` seconds. Raises SQSFailed."""
    received, empty = 0, 0
    while received < limit and empty < EMPTY_ANSWERS:
        fields = {
            "MaxNumberOfMessages": min(MAX_BATCH, limit - received),
            "VisibilityTimeout": HELD_FOR,
            "MessageSystemAttributeNames": ["All"],
            "AttributeNames": ["All"],  # its earlier name
            "MessageAttributeNames": ["All"],
        }
        messages = ask(letters.url, "ReceiveMessage", fields).get("Messages", [])
        empty = 0 if messages else empty + 1
        received += len(messages)
        for message in messages:
            attributes = message.get("Attributes", {})
            yield Letter(
                id=message["MessageId"],
                handle=message["ReceiptHandle"],
                body=message["Body"],
                receives=int(attributes.get("ApproximateReceiveCount", 0)),
                attributes=attributes,
                message_attributes=message.get("MessageAttributes", {}),
            )


def redrive(letters: DeadLetters, *, body: str, handle: str, message_attributes: dict[str, Any]) -> None:
    """Send a message to its queue again, then delete it here. Raises SQSFailed.

    Where the deletion fails the message is in both queues: a task's is harmless twice, because its row is the task.
    """
    ask(letters.queue_url, "SendMessage", {"MessageBody": body, "MessageAttributes": message_attributes})
    delete(letters, handle=handle)


def delete(letters: DeadLetters, *, handle: str) -> None:
    """Delete a message for good. Raises SQSFailed."""
    ask(letters.url, "DeleteMessage", {"ReceiptHandle": handle})


def all_letters() -> Iterator[tuple[str, DeadLetters | Exception | None]]:
    """Yield each queue's name with its dead-letter queue, None without one, or the error that SQS gave instead."""
    for name, url in queues().items():
        try:
            yield name, find(name, url)
        except AWAY as error:
            yield name, error

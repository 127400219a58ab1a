"""``manage.py check --deploy`` asks SQS whether the queues are such that nothing gets lost.

Without credentials it asks nothing and says nothing: a machine that builds a release need not have any.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.apps import AppConfig
from django.core import checks
from django.core.checks import CheckMessage, Error, Info
from django.tasks import task_backends

from serverless.sigv4 import MissingCredentials
from serverless.tasks.backend import SQSBackend
from serverless.tasks.exceptions import SQSFailed
from serverless.tasks.produce.queue import ask

# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
VISIBILITY_FACTOR: Final = 6
# A database that is away for 20 minutes makes each message be received about once a visibility timeout, or as often as
# Lambda's pollers come back: fewer receives would carry sound messages into the dead-letter queue.
FEWEST_RECEIVES: Final = 10


def check_queues(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's signature
    """Check each queue's dead-letter queue and visibility timeout."""
    return [
        message
        for backend in task_backends.all()
        if isinstance(backend, SQSBackend)
        for queue, url in sorted(backend.options.get("QUEUE_URLS", {}).items())
        for message in _check(backend, queue, url)
    ]


def _check(backend: SQSBackend, queue: str, url: str) -> Iterator[CheckMessage]:
    try:
        reply = ask(url, "GetQueueAttributes", {"AttributeNames": ["RedrivePolicy", "VisibilityTimeout"]})
        attributes = reply["Attributes"]
        policy = json.loads(attributes.get("RedrivePolicy", "{}"))
        visibility = int(attributes["VisibilityTimeout"])
    except MissingCredentials:
        return
    except (SQSFailed, KeyError, ValueError) as error:
        yield Info(f"The queue {queue!r} could not be looked at: {error}", hint="", id="tasks.I040")
        return
    yield from _redrive(queue, policy)
    yield from _visibility(backend, queue, visibility)


def _redrive(queue: str, policy: dict[str, Any]) -> Iterator[CheckMessage]:
    if not policy:
        yield Error(
            f"The queue {queue!r} has no dead-letter queue: a message that nobody can read comes back for days.",
            hint="Give the queue a RedrivePolicy with a dead-letter queue and maxReceiveCount 50.",
            id="tasks.E041",
        )
    elif int(policy.get("maxReceiveCount", 0)) < FEWEST_RECEIVES:
        yield checks.Warning(
            f"The queue {queue!r} moves messages to the dead-letter queue after {policy['maxReceiveCount']} receives: "
            "an outage of the database would move them all.",
            hint="Set maxReceiveCount to 50: retries are counted in the rows.",
            id="tasks.W042",
        )


def _visibility(backend: SQSBackend, queue: str, visibility: int) -> Iterator[CheckMessage]:
    function = backend.options.get("FUNCTION_TIMEOUT")
    if not function:
        return
    wanted = VISIBILITY_FACTOR * function + backend.options.get("BATCH_WINDOW", 0)
    if visibility < function:
        yield Error(
            f"The queue {queue!r} shows messages again after {visibility} s, while the function may run {function} s: "
            "Lambda refuses such an event source mapping.",
            hint=f"Set VisibilityTimeout to {wanted}.",
            id="tasks.E043",
        )
    elif visibility < wanted:
        yield checks.Warning(
            f"The queue {queue!r} shows messages again after {visibility} s: less than six times the function's "
            f"{function} s and the batching window, so that throttled batches count as received.",
            hint=f"Set VisibilityTimeout to {wanted}.",
            id="tasks.W044",
        )

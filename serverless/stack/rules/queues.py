"""Queues and what empties them."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from serverless.stack import names
from serverless.stack.rules.rule import Rule
from serverless.stack.rules.view import Resource, View, names_of, text

__all__ = ["RULES"]

_QUEUE: Final = "AWS::SQS::Queue"
_MAPPING: Final = "AWS::Lambda::EventSourceMapping"
_LAMBDA: Final = "https://docs.aws.amazon.com/lambda/latest/dg"
_SQS: Final = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide"
# The time for the retries of a batch that was throttled. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
_VISIBILITY_FACTOR: Final = 6
# What SQS takes where nothing is said, in seconds.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
_VISIBILITY_DEFAULT: Final = 30
_RETENTION_DEFAULT: Final = 345_600
# Attempts are counted in rows; a receive that a database outage spoils must not spend one.
_RECEIVES: Final = 50
# What a mapping may be set to, and what Lambda keeps back of an account's 1,000 for functions without a reservation.
_CONCURRENCY: Final = range(2, 1001)
_ACCOUNT: Final = 1000
_UNRESERVED: Final = 100


def _sources(view: View) -> Iterator[tuple[Resource, Resource]]:
    """Yield each mapping that reads a queue of the template, with the queue."""
    queues = list(view.all(_QUEUE))
    for mapping in view.all(_MAPPING):
        for queue in queues:
            if names_of(mapping.properties.get("EventSourceArn"), queue.name):
                yield mapping, queue


def _redrive(queue: Resource) -> Mapping[str, Any]:
    policy = queue.properties.get("RedrivePolicy")
    return policy if isinstance(policy, Mapping) else {}


def _dead_letters(view: View) -> Iterator[tuple[Resource, Resource]]:
    """Yield each queue that has one with its dead-letter queue."""
    queues = list(view.all(_QUEUE))
    for source in queues:
        for dead in queues:
            if names_of(_redrive(source).get("deadLetterTargetArn"), dead.name):
                yield source, dead


def _partial(view: View) -> Iterator[tuple[str, str]]:
    for mapping, _ in _sources(view):
        if "ReportBatchItemFailures" not in mapping.properties.get("FunctionResponseTypes", ()):
            yield mapping.name, "a failed message takes its whole batch back to the queue."


def _visibility(view: View) -> Iterator[tuple[str, str]]:
    for mapping, queue in _sources(view):
        window = mapping.properties.get("MaximumBatchingWindowInSeconds", 0)
        least = _VISIBILITY_FACTOR * view.config.worker.timeout_s + window
        seconds = queue.properties.get("VisibilityTimeout", _VISIBILITY_DEFAULT)
        if seconds < least:
            yield queue.name, f"{seconds} s of visibility, not {least}."


def _has_redrive(view: View) -> Iterator[tuple[str, str]]:
    pairs = list(_dead_letters(view))
    last = {dead.name for _, dead in pairs}
    for queue in view.all(_QUEUE):
        if queue.name in last:
            continue
        receives = int(_redrive(queue).get("maxReceiveCount", 0))
        if queue.name not in {source.name for source, _ in pairs}:
            yield queue.name, "no dead-letter queue of this stack."
        elif receives < _RECEIVES:
            yield queue.name, f"{receives} receives, then the dead-letter queue."


def _dead_letters_last(view: View) -> Iterator[tuple[str, str]]:
    for source, dead in _dead_letters(view):
        kept, least = (q.properties.get("MessageRetentionPeriod", _RETENTION_DEFAULT) for q in (dead, source))
        if kept <= least:
            yield dead.name, f"keeps messages for {kept} s, its source for {least} s."


def _limited(view: View) -> Iterator[tuple[str, str]]:
    total, mappings = 0, [mapping for mapping, _ in _sources(view)]
    for mapping in mappings:
        most = mapping.properties.get("ScalingConfig", {}).get("MaximumConcurrency", 0)
        total += most
        if most not in _CONCURRENCY:
            yield mapping.name, "no MaximumConcurrency between 2 and 1,000."
    least = _CONCURRENCY.start * len(mappings)
    if total > max(view.config.worker_concurrency, least):
        yield ", ".join(m.name for m in mappings), f"{total} together, {view.config.worker_concurrency} reserved."


def _alias(view: View) -> Iterator[tuple[str, str]]:
    for mapping in view.all(_MAPPING):
        if not text(mapping.properties.get("FunctionName", "")).endswith(f":{names.ALIAS}"):
            yield mapping.name, "invokes a function past its alias."


def _reserved(view: View) -> Iterator[tuple[str, str]]:
    migrator = 1
    total = view.config.web_concurrency + view.config.worker_concurrency + migrator
    if view.kind == "home" and total > _ACCOUNT - _UNRESERVED:
        yield "web_concurrency", f"{total} environments reserved."


RULES: Final = (
    Rule(
        id="sqs-partial-batch",
        sentence="Every mapping from a queue asks for partial batch responses.",
        hint='Set FunctionResponseTypes to ["ReportBatchItemFailures"].',
        source=f"{_LAMBDA}/services-sqs-errorhandling.html",
        check=_partial,
    ),
    Rule(
        id="sqs-visibility",
        sentence="A queue hides a message for six times the worker's timeout, and the batching window.",
        hint="Raise VisibilityTimeout.",
        source=f"{_LAMBDA}/services-sqs-configure.html",
        check=_visibility,
    ),
    Rule(
        id="sqs-redrive",
        sentence="Every queue has a dead-letter queue, reached after 50 receives or more: rows count the attempts.",
        hint="Set RedrivePolicy with a maxReceiveCount of 50.",
        source=f"{_SQS}/sqs-dead-letter-queues.html",
        check=_has_redrive,
    ),
    Rule(
        id="sqs-dead-letter-retention",
        sentence="A dead-letter queue keeps messages longer than its source: their age counts from the first send.",
        hint="Set the dead-letter queue's MessageRetentionPeriod to 1209600 (14 days).",
        source=f"{_SQS}/setting-up-dead-letter-queue-retention.html",
        check=_dead_letters_last,
    ),
    Rule(
        id="sqs-maximum-concurrency",
        sentence="Every mapping has a maximum concurrency, and together they fit what the worker has reserved.",
        hint="Set ScalingConfig.MaximumConcurrency (2 at least), or raise worker_concurrency.",
        source=f"{_LAMBDA}/services-sqs-scaling.html",
        check=_limited,
    ),
    Rule(
        id="mapping-alias",
        sentence="A mapping invokes the alias that releases move, never a version.",
        hint=f"End FunctionName in :{names.ALIAS}.",
        source=f"{_LAMBDA}/configuration-aliases.html",
        check=_alias,
    ),
    Rule(
        id="reserved-concurrency",
        sentence="Reservations leave the 100 environments that Lambda insists on out of an account's 1,000.",
        hint="Lower web_concurrency or worker_concurrency, or ask AWS for more and a rule of your own.",
        source=f"{_LAMBDA}/configuration-concurrency.html",
        check=_reserved,
    ),
)

"""A queue and a dead-letter queue for each name in ``queues``: what wakes the worker.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from troposphere import GetAtt, Join, Output, Ref, Sub, Template, sqs

from serverless.stack import reach
from serverless.stack.config import StackConfig
from serverless.stack.home import arns
from serverless.stack.home.parts import Text
from serverless.stack.home.policy import document
from serverless.stack.outputs import HomeOutput

__all__ = ["Queue", "Queues", "add", "visibility_s"]

# A row explains almost every message, so that the dead-letter queue is the last net and no retry policy; an outage of
# the database spends a receive at each visibility timeout.
_MAX_RECEIVES: Final = 50
# Lambda's advice: each of the receives that throttling costs gets its time.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
_VISIBILITY_FACTOR: Final = 6
# A message keeps its age when it is moved, so that it stays among the dead letters for the difference: ten days. In the
# queue nothing is lost by its end, because the tick sends again what is due.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
_DAY_S: Final = 86_400
_RETENTION_S: Final = 4 * _DAY_S
_DEAD_RETENTION_S: Final = 14 * _DAY_S  # SQS's longest


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One queue. ``name`` is what tasks call it; the others are AWS's."""

    name: str
    title: str
    """What the names of its resources in the template end with."""
    queue_name: str
    dead_name: str
    arn: Text
    dead_arn: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Queues:
    queues: Sequence[Queue]

    @property
    def arns(self) -> tuple[Text, ...]:
        return tuple(queue.arn for queue in self.queues)

    @property
    def dead_arns(self) -> tuple[Text, ...]:
        return tuple(queue.dead_arn for queue in self.queues)


def visibility_s(config: StackConfig) -> int:
    """Return for how long a received message is nobody else's: six timeouts of the worker, and the window."""
    return _VISIBILITY_FACTOR * config.worker.timeout_s + config.worker.batching_window_s


def add(template: Template, config: StackConfig) -> Queues:
    """Add the queues with their policies, and the output that tells functions where they are."""
    queues = [_add(template, config, name) for name in config.queues]
    host = reach.host("sqs", region=config.region, ipv6=reach.outside(config.profile))
    urls = [Sub(f"{queue.name}=https://{host}/${{AWS::AccountId}}/{queue.queue_name}") for queue in queues]
    template.add_output(Output(HomeOutput.TASK_QUEUES, Value=Join(",", urls)))
    return Queues(queues=queues)


def _add(template: Template, config: StackConfig, name: str) -> Queue:
    title, queue_name = _title(name), f"{config.prefix}-{name}"
    dead_name = f"{queue_name}-dead"
    dead = template.add_resource(
        sqs.Queue(
            f"DeadLetters{title}",
            QueueName=dead_name,
            SqsManagedSseEnabled=True,
            MessageRetentionPeriod=_DEAD_RETENTION_S,
            # By name: the queue itself names this one. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
            RedriveAllowPolicy={"redrivePermission": "byQueue", "sourceQueueArns": [arns.queue(queue_name)]},
        )
    )
    queue = template.add_resource(
        sqs.Queue(
            f"Queue{title}",
            QueueName=queue_name,
            SqsManagedSseEnabled=True,
            VisibilityTimeout=visibility_s(config),
            MessageRetentionPeriod=_RETENTION_S,
            RedrivePolicy=sqs.RedrivePolicy(deadLetterTargetArn=GetAtt(dead, "Arn"), maxReceiveCount=_MAX_RECEIVES),
        )
    )
    template.add_resource(_tls_only(dead))
    template.add_resource(_tls_only(queue))
    return Queue(
        name=name,
        title=title,
        queue_name=queue_name,
        dead_name=dead_name,
        arn=GetAtt(queue, "Arn"),
        dead_arn=GetAtt(dead, "Arn"),
    )


def _tls_only(queue: sqs.Queue) -> sqs.QueuePolicy:
    statement = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": GetAtt(queue, "Arn"),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return sqs.QueuePolicy(f"{queue.title}Policy", Queues=[Ref(queue)], PolicyDocument=document(statement))


def _title(name: str) -> str:
    """Return the name in letters and digits, as titles in templates are: ``big-jobs`` becomes BigX2djobs."""
    return "".join(c if c.isalnum() else f"X{ord(c):x}" for c in f"{name[:1].upper()}{name[1:]}")

"""What Lambda looks at before it maps a queue to a function."""

from collections.abc import Sequence
from dataclasses import dataclass

from serverless.emulator import limits
from serverless.emulator.aws import AwsClient
from serverless.emulator.config import EventSourceConfig, FunctionConfig
from serverless.emulator.exceptions import ConfigInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A queue as SQS describes it."""

    url: str
    arn: str
    visibility_s: int

    @property
    def name(self) -> str:
        """The last part of its ARN."""
        return self.arn.rpartition(":")[2]


async def describe(aws: AwsClient, url: str) -> Queue:
    """Ask SQS. Raises AwsError."""
    answer = await aws.sqs("GetQueueAttributes", QueueUrl=url, AttributeNames=["QueueArn", "VisibilityTimeout"])
    attributes = answer["Attributes"]
    return Queue(url=url, arn=str(attributes["QueueArn"]), visibility_s=int(attributes["VisibilityTimeout"]))


def check(queue: Queue, function: FunctionConfig) -> None:
    """Raise ConfigInvalid where Lambda refuses the mapping, with an InvalidParameterValueException of these words.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-queueconfig
    """
    if queue.visibility_s < function.timeout_s:
        raise ConfigInvalid(
            f"Queue visibility timeout: {queue.visibility_s} seconds is less than Function timeout: "
            f"{function.timeout_s:.0f} seconds (queue {queue.name}, function {function.name}); "
            "Lambda makes no such mapping: raise the one or lower the other."
        )


def advice(queues: Sequence[Queue], function: FunctionConfig, config: EventSourceConfig) -> list[str]:
    """What Lambda accepts and AWS advises against, a sentence each.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-queueconfig
    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html#events-sqs-max-concurrency
    """
    wanted = recommended_visibility(function, config)
    said = [
        f"The visibility timeout of queue {queue.name} is {queue.visibility_s} s: AWS recommends {wanted} s, "
        f"{limits.SQS_VISIBILITY_FACTOR} times the function's timeout and the batching window."
        for queue in queues
        if queue.visibility_s < wanted
    ]
    together = (config.maximum_concurrency or limits.ESM_MOST) * len(queues)
    if together > function.concurrency:
        said.append(
            f"Up to {together} batches may be in progress, {function.name} has {function.concurrency} environments: "
            "batches may be throttled, and those that wait too long count as received."
        )
    return said


def recommended_visibility(function: FunctionConfig, config: EventSourceConfig) -> int:
    """In seconds, as AWS recommends it."""
    return int(function.timeout_s * limits.SQS_VISIBILITY_FACTOR) + config.batching_window_s

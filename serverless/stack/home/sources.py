"""What invokes the worker: a mapping for each queue, and the tick of every minute. All of it once there is a worker.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""

import json
from typing import Final

from troposphere import Template, awslambda, scheduler
from troposphere.validators import integer

from serverless.stack import names
from serverless.stack.config import StackConfig
from serverless.stack.home import arns
from serverless.stack.home.parameters import HAS_FUNCTIONS
from serverless.stack.home.queues import Queue, Queues
from serverless.stack.home.roles import Roles

__all__ = ["add", "maximum_concurrency", "schedule_name"]

# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html#events-sqs-max-concurrency
_LEAST_CONCURRENCY: Final = 2
# A tick that is late finds the same work as the next one.
_TICK_MAX_AGE_S: Final = 60
# What ``serverless.events`` knows as a tick; Scheduler puts in the time.
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
_TICK: Final = {
    "source": "serverless.scheduler",
    "detail-type": "tick",
    "time": "<aws.scheduler.scheduled-time>",
}


class _ScalingConfig(awslambda.ScalingConfig):  # type: ignore[misc]  # troposphere has no types
    """As CloudFormation has it: troposphere 4.11 has another resource's properties under the same name.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-eventsourcemapping-scalingconfig.html
    """

    props = {"MaximumConcurrency": (integer, True)}


def maximum_concurrency(config: StackConfig) -> int:
    """Return how many invocations one queue may have at once.

    Unless the project says so, the queues share what is reserved for the worker, less one for the tick: what is
    throttled counts as received, and 50 receives are all that a message has.
    """
    if config.worker.maximum_concurrency is not None:
        return config.worker.maximum_concurrency
    return max(_LEAST_CONCURRENCY, (config.worker_concurrency - 1) // len(config.queues))


def schedule_name(config: StackConfig) -> str:
    return f"{config.prefix}-tick"


def add(template: Template, config: StackConfig, queues: Queues, roles: Roles) -> None:
    """Add the mappings, the schedule, and how often a tick is tried: once."""
    for queue in queues.queues:
        template.add_resource(_mapping(config, queue))
    template.add_resource(_schedule(config, roles))
    # Scheduler hands the tick to Lambda's own queue, which would try a failed one twice more and keep it for six hours.
    # https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
    template.add_resource(
        awslambda.EventInvokeConfig(
            "WorkerInvocations",
            Condition=HAS_FUNCTIONS,
            FunctionName=names.function(config.prefix, "worker"),
            Qualifier=names.ALIAS,
            MaximumRetryAttempts=0,
            MaximumEventAgeInSeconds=_TICK_MAX_AGE_S,
        )
    )


def _mapping(config: StackConfig, queue: Queue) -> awslambda.EventSourceMapping:
    return awslambda.EventSourceMapping(
        f"Mapping{queue.title}",
        Condition=HAS_FUNCTIONS,
        EventSourceArn=queue.arn,
        FunctionName=arns.live(config.prefix, "worker"),
        BatchSize=config.worker.batch_size,
        MaximumBatchingWindowInSeconds=config.worker.batching_window_s,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        ScalingConfig=_ScalingConfig(MaximumConcurrency=maximum_concurrency(config)),
        # Lambda looks whether the role may receive when the mapping is made.
        DependsOn=["WorkerRole"],
    )


def _schedule(config: StackConfig, roles: Roles) -> scheduler.Schedule:
    return scheduler.Schedule(
        "Tick",
        Condition=HAS_FUNCTIONS,
        Name=schedule_name(config),
        Description="Sends tasks that are due, and enqueues what is scheduled.",
        ScheduleExpression="rate(1 minute)",
        FlexibleTimeWindow=scheduler.FlexibleTimeWindow(Mode="OFF"),
        Target=scheduler.Target(
            Arn=arns.live(config.prefix, "worker"),
            RoleArn=roles.scheduler,
            Input=json.dumps(_TICK),
            RetryPolicy=scheduler.RetryPolicy(MaximumRetryAttempts=0, MaximumEventAgeInSeconds=_TICK_MAX_AGE_S),
        ),
    )

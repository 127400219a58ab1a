"""The metrics that alarms and the dashboard look at, by their names in CloudWatch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from serverless import catalogue
from serverless.catalogue import Line
from serverless.stack import names
from serverless.stack.home.api import Api
from serverless.stack.home.parts import Cache, Database, Text
from serverless.stack.home.queues import Queue, Queues
from serverless.stack.names import Function

__all__ = [
    "Measure", "Measured", "api", "cache", "database", "dead_letters", "function", "instance", "mail", "own", "proxy",
    "tasks",
]  # fmt: skip

# What ``serverless.tasks`` writes into the worker's log; the stack is no importer of it.
TASKS: Final = catalogue.TASKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What there is to look at."""

    queues: Queues
    api: Api
    database: Database
    cache: Cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One metric. ``statistic`` is Sum, Average, Minimum, Maximum or a percentile such as p99."""

    namespace: str
    name: str
    statistic: str
    dimensions: Mapping[str, Text]


def function(prefix: str, which: Function, name: str, statistic: str) -> Measure:
    """Return a metric of a function, all its versions together.

    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    """
    return Measure(
        namespace="AWS/Lambda",
        name=name,
        statistic=statistic,
        dimensions={"FunctionName": names.function(prefix, which)},
    )


def tasks(prefix: str, name: str, statistic: str, *, queue: Queue | None = None) -> Measure:
    """Return a metric of all tasks, or of a queue: the worker's own, out of its log."""
    of_queue = {} if queue is None else {"Queue": queue.name}
    return Measure(
        namespace=TASKS,
        name=name,
        statistic=statistic,
        dimensions={"Function": names.function(prefix, "worker"), **of_queue},
    )


def own(prefix: str, line: Line, *, queue: Queue | None = None) -> Measure:
    """Return what a line of a panel shows: one of the functions' own metrics, out of their logs."""
    of_queue = {} if queue is None else {"Queue": queue.name}
    return Measure(
        namespace=line.metric.namespace,
        name=line.metric.name,
        statistic=line.statistic,
        dimensions={"Function": names.function(prefix, line.of), **of_queue},
    )


def dead_letters(queue: Queue) -> Measure:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html"""
    return Measure(
        namespace="AWS/SQS",
        name="ApproximateNumberOfMessagesVisible",
        statistic="Maximum",
        dimensions={"QueueName": queue.dead_name},
    )


def api(made: Api, name: str, statistic: str) -> Measure:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html"""
    return Measure(namespace="AWS/ApiGateway", name=name, statistic=statistic, dimensions={"ApiId": made.id})


def database(made: Database, name: str, statistic: str) -> Measure:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html"""
    return instance(made.identifier, name, statistic)


def instance(identifier: Text, name: str, statistic: str) -> Measure:
    """Return a metric of one instance, a replica as well."""
    return Measure(namespace="AWS/RDS", name=name, statistic=statistic, dimensions={"DBInstanceIdentifier": identifier})


def proxy(name: Text, metric: str, statistic: str) -> Measure:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.monitoring.html"""
    return Measure(namespace="AWS/RDS", name=metric, statistic=statistic, dimensions={"ProxyName": name})


def cache(node: Text, name: str, statistic: str) -> Measure:
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html"""
    return Measure(namespace="AWS/ElastiCache", name=name, statistic=statistic, dimensions={"CacheClusterId": node})


def mail(name: str) -> Measure:
    """Return a metric of the account's mail; reputation has no smaller unit that AWS acts on.

    https://docs.aws.amazon.com/ses/latest/dg/reputationdashboard-cloudwatch-alarm.html
    """
    return Measure(namespace="AWS/SES", name=name, statistic="Average", dimensions={})

"""Alarms that ring the topic when something begins and when it is over, what RDS tells, and the budget."""

from collections.abc import Sequence
from typing import Any, Final

from troposphere import Template, budgets, rds
from troposphere.cloudwatch import Alarm, MetricDimension

from serverless.stack.config import StackConfig
from serverless.stack.home.measures import Measured
from serverless.stack.home.parameters import HAS_FUNCTIONS
from serverless.stack.home.parts import Database, Text
from serverless.stack.home.topics import Topics
from serverless.stack.home.watches import Watch, watches

__all__ = ["add", "name"]

_WHOLE: Final = 100
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.Messages.html
_CATEGORIES: Final = ("failover", "failure", "low storage", "maintenance")
_STATISTICS: Final = frozenset({"Sum", "Average", "Minimum", "Maximum"})


def name(config: StackConfig, watch: Watch) -> str:
    return f"{config.prefix}-{watch.name}"


def add(template: Template, config: StackConfig, measured: Measured, topics: Topics) -> Sequence[Watch]:
    """Add an alarm for each watch, the database's events and the budget; return what is watched."""
    watched = watches(config, measured)
    for watch in watched:
        template.add_resource(_alarm(config, watch, topics.alarms))
    template.add_resource(_events(measured.database, topics.alarms))
    if config.budget_usd:
        template.add_resource(_budget(config, topics.alarms))
    return watched


def _alarm(config: StackConfig, watch: Watch, topic: Text) -> Alarm:
    statistic = watch.measure.statistic
    return Alarm(
        watch.title,
        AlarmName=name(config, watch),
        AlarmDescription=watch.says,
        Namespace=watch.measure.namespace,
        MetricName=watch.measure.name,
        Dimensions=[MetricDimension(Name=key, Value=value) for key, value in watch.measure.dimensions.items()],
        Period=watch.period_s,
        EvaluationPeriods=watch.periods,
        Threshold=watch.limit,
        ComparisonOperator="LessThanThreshold" if watch.under else "GreaterThanThreshold",
        TreatMissingData=watch.missing,
        AlarmActions=[topic],
        OKActions=[topic],
        **({"Statistic": statistic} if statistic in _STATISTICS else {"ExtendedStatistic": statistic}),
        **({"Condition": HAS_FUNCTIONS} if watch.with_functions else {}),
    )


def _events(database: Database, topic: Text) -> rds.EventSubscription:
    """Return what no metric shows: a standby took over, a host failed, there will be maintenance."""
    return rds.EventSubscription(
        "DatabaseEvents",
        SnsTopicArn=topic,
        SourceType="db-instance",
        SourceIds=[database.identifier],
        EventCategories=list(_CATEGORIES),
        # RDS publishes a message to see whether it may.
        DependsOn=["AlarmTopicPolicy"],
    )


def _budget(config: StackConfig, topic: Text) -> budgets.Budget:
    """Return the budget: of the whole account, because one by tag counts nothing until somebody turns the tag on.

    https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html

    Without a name: that would be the account's, in all regions, and whoever tells another topic is another budget.
    """
    return budgets.Budget(
        "Budget",
        Budget=budgets.BudgetData(
            BudgetType="COST",
            TimeUnit="MONTHLY",
            BudgetLimit=budgets.Spend(Amount=config.budget_usd, Unit="USD"),
        ),
        NotificationsWithSubscribers=[_notification(kind, topic) for kind in ("ACTUAL", "FORECASTED")],
        DependsOn=["AlarmTopicPolicy"],
    )


def _notification(kind: str, topic: Any) -> budgets.NotificationWithSubscribers:
    return budgets.NotificationWithSubscribers(
        Notification=budgets.Notification(
            NotificationType=kind, ComparisonOperator="GREATER_THAN", Threshold=_WHOLE, ThresholdType="PERCENTAGE"
        ),
        Subscribers=[budgets.Subscriber(SubscriptionType="SNS", Address=topic)],
    )

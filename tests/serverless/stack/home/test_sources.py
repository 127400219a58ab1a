"""What invokes the worker."""

import json
from typing import Any

import pytest

from serverless.events import Kind, kind
from serverless.stack.config import WorkerConfig
from serverless.stack.home.sources import maximum_concurrency
from serverless.stack.profiles import Profile
from tests.serverless.stack.facts import config, of_home

BOTH: list[Profile] = ["standard", "frugal"]
LIVE = {"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:shop-prod-worker:live"}


@pytest.mark.parametrize("profile", BOTH)
def test_each_queue_wakes_the_alias_and_reports_what_failed(profile: Profile) -> None:
    worker = WorkerConfig(batch_size=100, batching_window_s=2, maximum_concurrency=7)
    facts = of_home(profile, queues=("default", "mail"), worker=worker)
    for title in ("Default", "Mail"):
        mapping = facts.resource(f"Mapping{title}")
        assert mapping["Condition"] == "HasFunctions"
        assert mapping["Properties"] == {
            "EventSourceArn": {"Fn::GetAtt": [f"Queue{title}", "Arn"]},
            "FunctionName": LIVE,
            "BatchSize": 100,
            "MaximumBatchingWindowInSeconds": 2,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": 7},
        }


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"worker_concurrency": 20}, 19),  # one is the tick's
        ({"worker_concurrency": 20, "queues": ("a", "b", "c")}, 6),
        ({"worker_concurrency": 2}, 2),  # AWS takes no less
        ({"worker_concurrency": 20, "worker": WorkerConfig(maximum_concurrency=3)}, 3),
    ],
)
def test_queues_share_what_the_worker_may_have(more: dict[str, Any], expected: int) -> None:
    assert maximum_concurrency(config(**more)) == expected


@pytest.mark.parametrize("profile", BOTH)
def test_the_tick_comes_each_minute_once_and_is_one(profile: Profile) -> None:
    schedule = of_home(profile).one("Scheduler::Schedule")
    assert (schedule["Name"], schedule["ScheduleExpression"]) == ("shop-prod-tick", "rate(1 minute)")
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    target = schedule["Target"]
    assert (target["Arn"], target["RoleArn"]) == (LIVE, {"Fn::GetAtt": ["SchedulerRole", "Arn"]})
    assert target["RetryPolicy"] == {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}
    event = json.loads(target["Input"])
    assert kind(event) is Kind.TICK
    assert event["time"] == "<aws.scheduler.scheduled-time>"


def test_lambda_does_not_try_a_failed_tick_again_either() -> None:
    assert of_home().one("Lambda::EventInvokeConfig") == {
        "FunctionName": "shop-prod-worker",
        "Qualifier": "live",
        "MaximumRetryAttempts": 0,
        "MaximumEventAgeInSeconds": 60,
    }

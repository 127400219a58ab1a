"""Alarms and the budget."""

from typing import Any

import pytest

from serverless.stack.profiles import PROFILES, Profile
from serverless.tasks.upkeep.tick import BATCH, MAX_BATCHES
from serverless.tasks.work.tally import NAMESPACE
from tests.serverless.stack.facts import Facts, of_home

BOTH: list[Profile] = ["standard", "frugal"]
WORKER = {"Name": "Function", "Value": "shop-prod-worker"}


def alarms(facts: Facts) -> dict[str, Any]:
    return {alarm["AlarmName"].removeprefix("shop-prod-"): alarm for alarm in facts.all("CloudWatch::Alarm").values()}


@pytest.mark.parametrize("profile", BOTH)
def test_everything_that_can_go_wrong_has_one_and_tells_the_topic(profile: Profile) -> None:
    found = alarms(of_home(profile, domain="shop.example", queues=("default", "mail")))
    caches = {f"cache-cpu-{n}" for n in range(1, PROFILES[profile].cache_nodes + 1)}
    proxies = {"proxy-logins"} if PROFILES[profile].proxy else set()
    assert found.keys() == {
        *("web-errors", "web-throttles", "web-duration", "api-5xx"),
        *("worker-errors", "worker-throttles", "worker-duration", "tasks-dead"),
        *("tasks-oldest-default", "tasks-due-default", "dead-letters-default"),
        *("tasks-oldest-mail", "tasks-due-mail", "dead-letters-mail"),
        *("database-cpu", "database-connections", "database-storage", *caches),
        *("database-memory", "database-swap", "database-credits", *proxies),
        *("mail-bounces", "mail-complaints"),
    }
    for alarm in found.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlarmTopic"}]
        assert alarm["AlarmDescription"]
        assert alarm["TreatMissingData"] in {"breaching", "notBreaching"}


def test_a_dead_task_rings_at_once() -> None:
    alarm = alarms(of_home())["tasks-dead"]
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == (NAMESPACE, "Failed", "Sum")
    assert alarm["Dimensions"] == [WORKER]  # the one of all tasks together
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")


def test_a_tick_that_does_not_come_rings_too_but_not_before_there_is_a_worker() -> None:
    facts = of_home()
    alarm = alarms(facts)["tasks-oldest-default"]
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == (NAMESPACE, "OldestDue", "Maximum")
    assert alarm["Dimensions"] == [WORKER, {"Name": "Queue", "Value": "default"}]
    assert alarm["TreatMissingData"] == "breaching"
    assert facts.resource("OldestTaskAlarmDefault")["Condition"] == "HasFunctions"


def test_a_queue_is_deep_when_a_tick_cannot_send_all_of_it() -> None:
    alarm = alarms(of_home())["tasks-due-default"]
    assert alarm["Threshold"] == BATCH * MAX_BATCHES
    assert alarm["Dimensions"] == [WORKER, {"Name": "Queue", "Value": "default"}]


def test_any_dead_letter_rings() -> None:
    alarm = alarms(of_home())["dead-letters-default"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": "shop-prod-default-dead"}]
    assert alarm["Threshold"] == 0


def test_durations_are_percentiles_in_milliseconds() -> None:
    found = alarms(of_home())
    for which, limit in (("web", 5000), ("worker", 0.8 * 120_000)):
        alarm = found[f"{which}-duration"]
        assert (alarm["ExtendedStatistic"], alarm["Threshold"]) == ("p99", limit)
        assert "Statistic" not in alarm


@pytest.mark.parametrize("profile", BOTH)
def test_the_database_is_measured_against_what_it_takes(profile: Profile) -> None:
    found = alarms(of_home(profile))
    assert found["database-connections"]["Threshold"] == 0.8 * PROFILES[profile].database_connections
    assert found["database-connections"]["Dimensions"] == [
        {"Name": "DBInstanceIdentifier", "Value": {"Ref": "Database"}}
    ]
    assert found["database-storage"]["ComparisonOperator"] == "LessThanThreshold"


def test_a_class_that_is_too_small_rings_before_somebody_waits() -> None:
    found = alarms(of_home())
    memory, swap, surplus = (found[f"database-{name}"] for name in ("memory", "swap", "credits"))
    assert (memory["MetricName"], memory["ComparisonOperator"]) == ("FreeableMemory", "LessThanThreshold")
    assert (swap["MetricName"], swap["ComparisonOperator"]) == ("SwapUsage", "GreaterThanThreshold")
    assert memory["Threshold"] < swap["Threshold"] < 2 * 1024**3
    assert (surplus["MetricName"], surplus["Statistic"], surplus["Threshold"]) == ("CPUSurplusCreditsCharged", "Sum", 0)


def test_a_function_that_the_proxy_turns_away_rings() -> None:
    alarm = alarms(of_home())["proxy-logins"]
    assert (alarm["MetricName"], alarm["Threshold"]) == ("ClientConnectionsSetupFailedAuth", 0)
    assert alarm["Dimensions"] == [{"Name": "ProxyName", "Value": {"Ref": "Proxy"}}]


@pytest.mark.parametrize("profile", BOTH)
def test_a_cache_that_is_full_does_not_ring_since_it_always_is(profile: Profile) -> None:
    facts = of_home(profile)
    assert facts.one("ElastiCache::ParameterGroup")["Properties"]["maxmemory-policy"] == "allkeys-lru"
    watched = {alarm["MetricName"] for alarm in alarms(facts).values() if alarm["Namespace"] == "AWS/ElastiCache"}
    assert watched == {"EngineCPUUtilization"}


@pytest.mark.parametrize("profile", BOTH)
def test_rds_tells_what_no_metric_shows(profile: Profile) -> None:
    facts = of_home(profile)
    events = facts.one("RDS::EventSubscription")
    assert events["SourceType"] == "db-instance"
    assert events["SourceIds"] == [{"Ref": "Database"}]
    assert events["SnsTopicArn"] == {"Ref": "AlarmTopic"}
    assert {"failover", "failure", "low storage", "maintenance"} == set(events["EventCategories"])
    assert facts.resource("DatabaseEvents")["DependsOn"] == ["AlarmTopicPolicy"]


def test_a_budget_has_no_name_that_the_account_could_have_already() -> None:
    assert "BudgetName" not in of_home().one("Budgets::Budget")["Budget"]


def test_one_budget_watches_the_whole_account() -> None:
    assert not of_home(budget_usd=0).all("Budgets::Budget")


def test_the_budget_rings_when_it_is_spent_and_when_it_will_be() -> None:
    budget = of_home(budget_usd=70).one("Budgets::Budget")
    assert budget["Budget"]["BudgetLimit"] == {"Amount": 70, "Unit": "USD"}
    assert (budget["Budget"]["TimeUnit"], budget["Budget"]["BudgetType"]) == ("MONTHLY", "COST")
    notified = budget["NotificationsWithSubscribers"]
    assert [one["Notification"]["NotificationType"] for one in notified] == ["ACTUAL", "FORECASTED"]
    for one in notified:
        assert one["Subscribers"] == [{"SubscriptionType": "SNS", "Address": {"Ref": "AlarmTopic"}}]
        assert (one["Notification"]["Threshold"], one["Notification"]["ThresholdType"]) == (100, "PERCENTAGE")

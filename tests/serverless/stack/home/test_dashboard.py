"""The dashboard."""

import json
import logging
import re
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection

from serverless import catalogue, queries
from serverless.db.pinning import sampling
from serverless.db.pinning.rules import RULES
from serverless.db.pinning.watching import Pin
from serverless.meter import Mark, Meter
from serverless.stack.profiles import Profile
from serverless.tasks import task
from serverless.tasks.models import State, TaskRow
from serverless.tasks.upkeep import gauges
from serverless.tasks.work import tally
from tests.serverless.stack.facts import Facts, of_home

BOTH: list[Profile] = ["standard", "frugal"]


def body(facts: Facts) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the dashboard as JSON and what CloudFormation puts into it."""
    text, values = facts.one("CloudWatch::Dashboard")["DashboardBody"]["Fn::Sub"]
    assert set(re.findall(r"\$\{(?!AWS::)(\w+)\}", text)) == values.keys()
    return json.loads(text), values


@pytest.mark.parametrize("profile", BOTH)
def test_it_shows_every_alarm_of_the_stack(profile: Profile) -> None:
    facts = of_home(profile, domain="shop.example")
    first = body(facts)[0]["widgets"][0]
    shown = {arn.rpartition(":")[2] for arn in first["properties"]["alarms"]}
    assert shown == {alarm["AlarmName"] for alarm in facts.all("CloudWatch::Alarm").values()}


@pytest.mark.parametrize("profile", BOTH)
def test_what_rings_is_also_drawn(profile: Profile) -> None:
    facts = of_home(profile, domain="shop.example")
    document, _ = body(facts)
    graphs = [widget["properties"]["metrics"] for widget in document["widgets"] if widget["type"] == "metric"]
    drawn = {(line[0], line[1]) for lines in graphs for line in lines}
    assert drawn >= {(alarm["Namespace"], alarm["MetricName"]) for alarm in facts.all("CloudWatch::Alarm").values()}


@pytest.mark.parametrize("profile", BOTH)
def test_lines_are_metrics_with_their_dimensions(profile: Profile) -> None:
    document, values = body(of_home(profile))
    for widget in document["widgets"][1:]:
        for namespace, name, *dimensions, options in widget["properties"]["metrics"]:
            assert namespace.startswith(("AWS/", "Serverless/"))
            assert name
            assert len(dimensions) % 2 == 0
            assert options["stat"] in {"Sum", "Average", "Minimum", "Maximum", "SampleCount", "p50", "p90", "p99"}
    assert {"Ref": "Api"} in values.values()
    assert {"Ref": "Database"} in values.values()
    assert ({"Ref": "Proxy"} in values.values()) is (profile == "standard")
    assert len(values) == len({json.dumps(value) for value in values.values()})


def test_the_functions_own_metrics_are_those_of_the_catalogue() -> None:
    document, _ = body(of_home(queues=("default", "mail")))
    shown = {widget["properties"]["title"]: widget["properties"]["metrics"] for widget in document["widgets"][1:]}
    own = {title: lines for title, lines in shown.items() if lines[0][0].startswith("Serverless/")}
    assert own.keys() == {panel.title for panel in catalogue.PANELS}
    for panel in catalogue.PANELS:
        drawn = {(line[0], line[1], line[-1]["stat"]) for line in own[panel.title]}
        assert drawn == {(line.metric.namespace, line.metric.name, line.statistic) for line in panel.lines}
    assert [line[2:6] for line in own["Tasks due"]] == [
        ["Function", "shop-prod-worker", "Queue", "default"],
        ["Function", "shop-prod-worker", "Queue", "mail"],
    ]
    assert own["Web: cache"][0][2:-1] == ["Function", "shop-prod"]


type Written = dict[tuple[str, str, frozenset[str]], str]


@pytest.fixture
def written(db: None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Written:
    """Have everybody who writes metrics write all of theirs: units by namespace, name and names of the dimensions."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "shop-prod-worker")
    monkeypatch.setattr(sampling, "_suspect", False)
    queries.count_statements()
    path, then = "shop.tasks.pack", datetime(2026, 1, 1, tzinfo=UTC)
    with caplog.at_level("INFO", "serverless.metrics"):
        for status in (404, 500):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            behind = Mark(opened=-1, hits=-1, misses=-1, away=-1)
            extra = Meter().of_request(behind, seconds=1, status=status)
            logging.getLogger("serverless.metrics").info("request", extra=extra)
        for state in (State.DONE, State.DEAD, State.READY):
            tally.count(TaskRow(path=path, state=state, last_attempted_at=then, finished_at=then))
        tally.emit()
        shrug.enqueue()
        gauges.emit("default")
        sampling._settle([Pin(rule=RULES["set"], line="shop/views.py:1", alias="none")])
    found: Written = {}
    for record in caplog.records:
        for directive in getattr(record, "_aws", {"CloudWatchMetrics": []})["CloudWatchMetrics"]:
            for dimensions in directive["Dimensions"]:
                for metric in directive["Metrics"]:
                    found[directive["Namespace"], metric["Name"], frozenset(dimensions)] = metric["Unit"]
    return found


@task
def shrug() -> None:
    """Wait in a queue."""


def test_what_functions_write_is_what_the_catalogue_has(written: Written) -> None:
    """Both ways: nothing is written that it lacks, and it has nothing that nobody writes."""
    assert {(namespace, name): unit for (namespace, name, _), unit in written.items()} == {
        key: known.unit for key, known in catalogue.KNOWN.items()
    }
    for known in catalogue.KNOWN.values():
        own = frozenset({"Function", known.dimension} - {None})
        assert (known.namespace, known.name, own) in written


@pytest.mark.parametrize("profile", BOTH)
def test_what_is_drawn_and_what_rings_is_written_under_those_dimensions(written: Written, profile: Profile) -> None:
    facts = of_home(profile, queues=("default", "mail"))
    asked = {
        (line[0], line[1], frozenset(line[2:-1:2]))
        for widget in body(facts)[0]["widgets"][1:]
        for line in widget["properties"]["metrics"]
    }
    for alarm in facts.all("CloudWatch::Alarm").values():
        names = frozenset(dimension["Name"] for dimension in alarm.get("Dimensions", []))
        asked.add((alarm["Namespace"], alarm["MetricName"], names))
    own = {each for each in asked if each[0].startswith("Serverless/")}
    assert own <= written.keys()
    assert {(namespace, name) for namespace, name, _ in own} == catalogue.KNOWN.keys()


def test_its_name_is_of_one_region() -> None:
    assert of_home().one("CloudWatch::Dashboard")["DashboardName"] == "shop-prod-eu-central-1"


def test_widgets_lie_side_by_side_and_none_on_another() -> None:
    widgets = body(of_home(queues=("default", "mail")))[0]["widgets"]
    taken = [(w["x"] + x, w["y"] + y) for w in widgets for x in range(w["width"]) for y in range(w["height"])]
    assert len(taken) == len(set(taken))
    assert all(x < 24 for x, _ in taken)
    assert all(before["y"] <= after["y"] for before, after in pairwise(widgets))

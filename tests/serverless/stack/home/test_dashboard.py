"""The dashboard."""

import json
import re
from itertools import pairwise
from typing import Any

import pytest

from serverless.stack.profiles import Profile
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
            assert options["stat"] in {"Sum", "Average", "Minimum", "Maximum", "p50", "p90", "p99"}
    assert {"Ref": "Api"} in values.values()
    assert {"Ref": "Database"} in values.values()
    assert ({"Ref": "Proxy"} in values.values()) is (profile == "standard")
    assert len(values) == len({json.dumps(value) for value in values.values()})


def test_its_name_is_of_one_region() -> None:
    assert of_home().one("CloudWatch::Dashboard")["DashboardName"] == "shop-prod-eu-central-1"


def test_widgets_lie_side_by_side_and_none_on_another() -> None:
    widgets = body(of_home(queues=("default", "mail")))[0]["widgets"]
    taken = [(w["x"] + x, w["y"] + y) for w in widgets for x in range(w["width"]) for y in range(w["height"])]
    assert len(taken) == len(set(taken))
    assert all(x < 24 for x, _ in taken)
    assert all(before["y"] <= after["y"] for before, after in pairwise(widgets))

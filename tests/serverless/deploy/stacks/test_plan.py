"""Plans, read from an answer of CloudFormation and from templates."""

import json
from pathlib import Path
from typing import Any, cast

import pytest

from serverless.deploy import stacks
from serverless.deploy.failures import AwsRefused
from serverless.deploy.stacks import StackRefused, changes
from serverless.deploy.stacks.conditions import made
from serverless.deploy.stacks.parts import PARTS, Ref, ref
from serverless.deploy.stacks.plan import Change, Plan, Verb, refusals, text, to_make, to_update
from serverless.deploy.stacks.proposals import cut_off, forbid_loss
from serverless.deploy.stacks.state import State
from serverless.stack.config import StackConfig

CONFIG = StackConfig(project="shop", stage="production", region="eu-central-1")
HOME = Ref(part="home", name="shop-production-home", region="eu-central-1")
BEFORE: dict[str, Any] = {
    "Resources": {
        "Database": {"Properties": {"StorageEncrypted": False, "AllocatedStorage": "20"}},
        "Cache": {"Properties": {"SecurityGroupIds": [{"Ref": "A"}]}},
        "WebRole": {"Properties": {}},
    }
}
AFTER: dict[str, Any] = {
    "Resources": {
        "Database": {"Properties": {"StorageEncrypted": True, "AllocatedStorage": "40"}},
        "Cache": {"Properties": {"SecurityGroupIds": [{"Ref": "B"}]}},
        "WebRole": {"Properties": {}},
    }
}


@pytest.fixture
def plan() -> Plan:
    answer = json.loads(Path(__file__).with_name("answers").joinpath("change_set.json").read_text())
    return to_update(HOME, answer["Changes"], before=BEFORE, after=AFTER)


def test_a_plan_says_what_by_kind_and_with_which_properties(plan: Plan) -> None:
    assert text(plan).splitlines() == [
        "shop-production-home in eu-central-1: 1 added, 1 changed, 3 replaced, 1 removed",
        "  + AWS::SQS::Queue: ReportsQueue",
        "  ~ AWS::IAM::Role: WebRole (Tags)",
        "  ± AWS::ElastiCache::ReplicationGroup: Cache (SecurityGroupIds), perhaps - holds data",
        "  ± AWS::RDS::DBInstance: Database (StorageEncrypted False -> True, AllocatedStorage 20 -> 40) - holds data",
        "  ± AWS::SNS::Topic: Nested, perhaps",
        "  - AWS::S3::Bucket: OldBucket - holds data",
    ]


def test_what_may_lose_data_has_to_be_named(plan: Plan) -> None:
    assert [change.name for change in refusals(plan, named=())] == ["Database", "Cache", "OldBucket"]
    assert [change.name for change in refusals(plan, named=["Database", "OldBucket"])] == ["Cache"]

    with pytest.raises(StackRefused, match=r"Cache \(AWS::ElastiCache::ReplicationGroup\) would be perhaps replaced"):
        forbid_loss([plan], named=["Database", "OldBucket"])
    forbid_loss([plan], named=["Database", "OldBucket", "Cache"])


@pytest.mark.parametrize("kind", ["AWS::EC2::Subnet", "AWS::RDS::DBSubnetGroup"])
def test_what_data_stand_in_is_not_replaced_either(kind: str) -> None:
    """AWS lists a region's zones in another order one day, or another list."""
    answer = {
        "Action": "Modify", "LogicalResourceId": "DataSubnet1", "ResourceType": kind, "Replacement": "True",
        "Details": [{"Target": {"Attribute": "Properties", "Name": "AvailabilityZone"}}],
    }  # fmt: skip
    found = to_update(HOME, [{"ResourceChange": answer}], before={}, after={})
    assert "DataSubnet1 (AvailabilityZone) - holds data" in text(found)
    with pytest.raises(StackRefused, match=r"DataSubnet1 .* would be replaced") as refused:
        forbid_loss([found], named=())
    assert ("name those of the subnets (zones)" in str(refused.value)) is (kind == "AWS::EC2::Subnet")
    forbid_loss([found], named=["DataSubnet1"])


def _state(where: Ref, **parameters: str) -> State:
    return State(
        ref=where, id="id", status="UPDATE_COMPLETE", outputs={}, parameters=parameters, tags={}, protected=True
    )


@pytest.mark.parametrize(
    ("kind", "verb", "cuts"),
    [
        ("AWS::RDS::DBProxy", "added", True),
        ("AWS::RDS::DBProxy", "removed", True),
        ("AWS::RDS::DBProxy", "changed", False),
        ("AWS::RDS::DBInstance", "replaced", True),
        ("AWS::EC2::EgressOnlyInternetGateway", "removed", True),
        ("AWS::EC2::EgressOnlyInternetGateway", "added", False),
        ("AWS::SQS::Queue", "added", False),
    ],
)
@pytest.mark.parametrize(("live", "maintenance"), [("yes", "no"), ("yes", "yes"), ("no", "no")])
def test_another_profile_cuts_off_functions_that_serve(
    *, kind: str, verb: Verb, cuts: bool, live: str, maintenance: str
) -> None:
    edge = Ref(part="edge", name="shop-production-edge", region="us-east-1")
    found = {
        "releases": None,
        "home": _state(HOME, FunctionsLive=live),
        "edge": _state(edge, Maintenance=maintenance),
    }  # fmt: skip
    planned = Plan(ref=HOME, changes=(Change(verb=verb, kind=kind, name="It"),))
    said = cut_off(CONFIG, cast("Any", found), [planned])
    assert bool(said) is (cuts and live == "yes" and maintenance == "no")
    assert cut_off(CONFIG, {"releases": None, "home": None, "edge": None}, [planned]) == ""


def test_where_cloudformation_names_no_property_templates_do() -> None:
    change = {"Action": "Modify", "LogicalResourceId": "Database", "ResourceType": "AWS::RDS::DBInstance"}

    (found,) = to_update(HOME, [{"ResourceChange": change}], before=BEFORE, after=AFTER).changes

    assert found.properties == ("AllocatedStorage 20 -> 40", "StorageEncrypted False -> True")


def test_an_update_without_resources_is_one() -> None:
    assert "no resource changes" in text(Plan(ref=HOME, changes=()))
    assert "nothing to change" in text(Plan(ref=HOME, changes=(), pending=False))


@pytest.mark.parametrize("profile", ["standard", "frugal"])
def test_real_templates_can_be_planned(profile: str) -> None:
    config = StackConfig(
        project="shop",
        stage="production",
        region="eu-central-1",
        profile="standard" if profile == "standard" else "frugal",
        domain="shop.example",
        web_concurrency=10,
        worker_concurrency=5,
    )
    templates = stacks.templates(config)

    plans = {part: to_make(ref(config, part), templates[part], parameters={}) for part in PARTS}

    assert "+ AWS::RDS::DBInstance: Database" in text(plans["home"])
    assert "AWS::Lambda::EventSourceMapping" not in text(plans["home"])  # there are no functions yet
    assert "+ AWS::CloudFront::Distribution:" in text(plans["edge"])
    assert max(len(line) for each in plans.values() for line in text(each).splitlines()) < 120
    assert len(stacks.body(templates["edge"])) < 51_200
    live = to_make(ref(config, "home"), templates["home"], parameters={"FunctionsLive": "yes"})
    assert "AWS::Lambda::EventSourceMapping" in text(live)


CONDITIONS = {
    "On": {"Fn::Equals": [{"Ref": "Switch"}, "yes"]},
    "Off": {"Fn::Not": [{"Condition": "On"}]},
    "Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]},
    "Both": {"Fn::And": [{"Condition": "On"}, {"Condition": "Here"}]},
    "Either": {"Fn::Or": [{"Condition": "On"}, {"Fn::Equals": ["a", "b"]}]},
}


@pytest.mark.parametrize(
    ("given", "names"),
    [({}, {"Off", "Here", "Always"}), ({"Switch": "yes"}, {"On", "Here", "Both", "Either", "Always"})],
)
def test_conditions_decide_what_is_made(given: dict[str, str], names: set[str]) -> None:
    resources: dict[str, Any] = {name: {"Type": "T", "Condition": name} for name in CONDITIONS}
    template = {
        "Parameters": {"Switch": {"Type": "String", "Default": "no"}},
        "Conditions": CONDITIONS,
        "Resources": resources | {"Always": {"Type": "T"}},
    }

    assert made(template, given).keys() == names


@pytest.mark.parametrize(
    "reason",
    [
        "The submitted information didn't contain changes. Submit different information to create a change set.",
        "No updates are to be performed.",
    ],
)
def test_the_two_ways_to_say_that_nothing_changes(reason: str) -> None:
    assert changes.nothing_new(reason)
    assert not changes.nothing_new(str(AwsRefused("Template format error", code="ValidationError")))

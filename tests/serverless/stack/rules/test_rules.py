"""Every rule is broken by a template and held by another, and is told of in the reference."""

import pytest

from serverless.stack.rules import RULES, judge
from tests.serverless.stack import reference
from tests.serverless.stack.rules import access, edge, encryption, kept, limits, operations, queues, stateful
from tests.serverless.stack.rules.support import CONFIG, Case, Template, found

CASES: list[Case] = [
    *queues.CASES,
    *encryption.CASES,
    *access.CASES,
    *stateful.CASES,
    *operations.CASES,
    *edge.CASES,
    *kept.CASES,
    *limits.CASES,
]
BREAKS = [(case, name, template) for case in CASES for name, template in case.breaks]
HOLDS = [(case, template) for case in CASES for template in case.holds]


@pytest.mark.parametrize(("case", "name", "template"), BREAKS, ids=[case.rule for case, _, _ in BREAKS])
def test_a_rule_finds_what_breaks_it(case: Case, name: str, template: Template) -> None:
    assert name in found(case, template)


@pytest.mark.parametrize(("case", "template"), HOLDS, ids=[case.rule for case, _ in HOLDS])
def test_a_rule_finds_nothing_where_it_holds(case: Case, template: Template) -> None:
    assert found(case, template) == []


def test_every_rule_is_tried_both_ways() -> None:
    ids = [rule.id for rule in RULES]
    assert len(set(ids)) == len(ids)
    assert {case.rule for case, _, _ in BREAKS} == set(ids) == {case.rule for case, _ in HOLDS}


def test_a_condition_is_tried_both_ways() -> None:
    template: Template = {
        "Conditions": {"Live": {"Fn::Equals": [{"Ref": "FunctionsLive"}, "yes"]}},
        "Resources": {
            "Web": {
                "Type": "AWS::Logs::LogGroup",
                "Properties": {"RetentionInDays": {"Fn::If": ["Live", 30, {"Ref": "AWS::NoValue"}]}},
            },
            "Worker": {"Type": "AWS::Logs::LogGroup", "Condition": "Live", "Properties": {"RetentionInDays": 30}},
        },
    }
    case = next(case for case in CASES if case.rule == "logs-end")
    assert found(case, template) == ["Web"]


def test_a_template_of_too_many_ways_is_refused() -> None:
    conditions = {f"C{number}": {"Fn::Equals": ["a", "b"]} for number in range(7)}
    with pytest.raises(ValueError, match="7 conditions are 128 templates"):
        judge({"Conditions": conditions}, kind="edge", config=CONFIG)


def test_a_finding_says_what_is_wrong_and_what_to_do() -> None:
    one, other = judge({"Description": "x" * 60_000}, kind="releases", config=CONFIG)
    assert str(one) == f"outputs-complete: ReleaseBucket: is missing among the outputs. {one.hint}"
    assert (other.rule, other.hint) == ("template-size", "Say less, or split the stack.")


def test_the_reference_lists_every_rule() -> None:
    assert reference.PAGE.read_text("utf-8") == reference.text(), "Run `make stack-snapshots`."

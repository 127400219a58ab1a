"""Limits by address, AWS's rules, and what is written down of them."""

import re
from typing import Any

import pytest

from serverless.stack.edge import firewall
from tests.serverless.stack.edge.support import of_type, only, rendered

# https://docs.aws.amazon.com/waf/latest/developerguide/limits.html
BODY_BYTES = 4096


def acl(**settings: Any) -> dict[str, Any]:
    return only(rendered(**settings), "AWS::WAFv2::WebACL")


def rules(**settings: Any) -> dict[str, dict[str, Any]]:
    return {rule["Name"]: rule for rule in acl(**settings)["Rules"]}


def pattern(rule: dict[str, Any]) -> re.Pattern[str]:
    scope = rule["Statement"]["RateBasedStatement"]["ScopeDownStatement"]
    statement = scope.get("NotStatement", {}).get("Statement", scope)
    return re.compile(statement["RegexMatchStatement"]["RegexString"])


def test_the_frugal_profile_goes_without() -> None:
    edge = rendered("frugal")
    for kind in ("AWS::WAFv2::WebACL", "AWS::WAFv2::LoggingConfiguration", "AWS::Logs::LogGroup"):
        assert not of_type(edge, kind)


def test_it_guards_cloudfront_with_awss_rules_in_an_order() -> None:
    assert (acl()["Scope"], acl()["DefaultAction"]) == ("CLOUDFRONT", {"Allow": {}})
    groups = [
        rule["Statement"]["ManagedRuleGroupStatement"]["Name"]
        for rule in rules().values()
        if "ManagedRuleGroupStatement" in rule["Statement"]
    ]
    assert groups == [
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesCommonRuleSet",
    ]
    assert [rule["Priority"] for rule in rules().values()] == [0, 1, 2, 3, 4]
    for name in ("reputation", "bad-inputs", "common"):
        assert rules()[name]["OverrideAction"] == {"None": {}}


def test_ordinary_forms_pass() -> None:
    overrides = rules()["common"]["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"]
    counted = {one["Name"] for one in overrides if one["ActionToUse"] == {"Count": {}}}
    assert counted == {
        *("SizeRestrictions_BODY", "CrossSiteScripting_BODY"),
        *("GenericLFI_BODY", "GenericRFI_BODY", "EC2MetaDataSSRF_BODY"),
    }


@pytest.mark.parametrize(("name", "limit"), [("requests", 2000), ("forms", 300)])
def test_one_address_gets_so_many_answers_in_five_minutes(name: str, limit: int) -> None:
    rate = rules()[name]["Statement"]["RateBasedStatement"]
    assert (rate["AggregateKeyType"], rate["Limit"], rate["EvaluationWindowSec"]) == ("IP", limit, 300)
    answer = rules()[name]["Action"]["Block"]["CustomResponse"]
    headers = {header["Name"]: header["Value"] for header in answer["ResponseHeaders"]}
    assert (answer["ResponseCode"], headers["retry-after"], headers["cache-control"]) == (429, "300", "no-store")
    body = acl()["CustomResponseBodies"][answer["CustomResponseBodyKey"]]
    assert body["ContentType"] == "TEXT_HTML"
    assert "Slow down" in body["Content"]
    assert len(body["Content"].encode()) <= BODY_BYTES


def test_files_are_not_counted_however_their_path_is_written() -> None:
    scope = rules(signed=("originals",))["requests"]["Statement"]["RateBasedStatement"]["ScopeDownStatement"]
    match = scope["NotStatement"]["Statement"]["RegexMatchStatement"]
    assert match["FieldToMatch"] == {"UriPath": {}}
    assert [one["Type"] for one in match["TextTransformations"]] == ["URL_DECODE", "NORMALIZE_PATH"]
    files = pattern(rules(signed=("originals",))["requests"])
    for path in ("/static/a.css", "/media/a", "/originals/a"):
        assert files.search(path), path
    for path in ("/", "/static", "/statics/a", "/a/static/b", "/reports/a", "/sign-in/"):
        assert not files.search(path), path


@pytest.mark.parametrize(
    ("sent", "counted"),
    [
        ("application/x-www-form-urlencoded", True),
        ("application/x-www-form-urlencoded; charset=utf-8", True),
        ("multipart/form-data; boundary=x", True),
        ("application/json", False),
        ("text/plain", False),
        ("", False),
    ],
)
def test_forms_are_what_django_reads_a_password_from(sent: str, counted: bool) -> None:
    assert bool(pattern(rules()["forms"]).search(sent)) is counted


def test_what_is_blocked_is_logged_without_secrets() -> None:
    edge = rendered(log_retention_days=14)
    group = only(edge, "AWS::Logs::LogGroup")
    assert (group["LogGroupName"], group["RetentionInDays"]) == ("aws-waf-logs-shop-production", 14)
    logging = only(edge, "AWS::WAFv2::LoggingConfiguration")
    assert logging["LoggingFilter"]["DefaultBehavior"] == "DROP"
    (kept,) = logging["LoggingFilter"]["Filters"]
    assert kept["Conditions"] == [{"ActionCondition": {"Action": "BLOCK"}}]
    redacted = logging["RedactedFields"]
    for field in ({"SingleHeader": {"Name": "cookie"}}, {"SingleHeader": {"Name": "authorization"}}):
        assert field in redacted
    assert {"QueryString": {}} in redacted
    visible = [acl()["VisibilityConfig"], *(rule["VisibilityConfig"] for rule in rules().values())]
    assert not any(one["SampledRequestsEnabled"] for one in visible)
    assert all(one["CloudWatchMetricsEnabled"] for one in visible)


def test_the_profiles_with_a_firewall_are_named() -> None:
    assert {"standard"} == firewall.PROFILES

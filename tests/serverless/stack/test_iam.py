"""The small evaluation itself, on statements whose outcome IAM's documentation tells."""

from typing import Any

import pytest

from serverless.stack.rules.view import views
from tests.serverless.stack.iam import may
from tests.serverless.stack.rules.support import CONFIG, allow, policy

BUCKET = "${Media.Arn}"


def _may(
    *statements: dict[str, Any], action: str = "s3:GetObject", resource: str = f"{BUCKET}/a/b", **more: str
) -> bool:
    role = {"Policies": [{"PolicyName": "own", "PolicyDocument": policy(*statements)}]}
    template = {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role}}}
    (view,) = views(template, kind="home", config=CONFIG)
    return may(view, "Role", action, resource, **more)


def test_nothing_is_allowed_that_no_statement_allows() -> None:
    assert not _may()
    assert not _may(allow("s3:PutObject", Resource="*"))
    assert not _may(allow("s3:GetObject", Resource=f"{BUCKET}/b/*"))
    assert _may(allow("s3:getobject", Resource=[{"Fn::Sub": "${Media.Arn}/a/*"}]))


def test_patterns_reach_across_slashes_and_mean_nothing_else() -> None:
    assert _may(allow("s3:Get*", Resource=f"{BUCKET}/*"), resource=f"{BUCKET}/a/b/c")
    assert not _may(allow("s3:GetObject", Resource=f"{BUCKET}/[ab]/*"))
    assert _may(allow("s3:GetObject", Resource=f"{BUCKET}/?/b"))


def test_a_denial_outweighs() -> None:
    deny = allow("s3:*", Resource="*") | {"Effect": "Deny"}
    assert not _may(allow("s3:GetObject", Resource="*"), deny)


def test_a_condition_has_to_hold() -> None:
    mine = allow("s3:GetObject", Resource="*", Condition={"StringEquals": {"aws:SourceAccount": {"Ref": "Us"}}})
    assert not _may(mine)
    assert not _may(mine, aws__SourceAccount="them")
    assert _may(mine, aws__SourceAccount="${Us}")


def test_a_condition_that_is_not_known_is_no_permission_by_mistake() -> None:
    odd = allow("s3:GetObject", Resource="*", Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})
    with pytest.raises(NotImplementedError, match="IpAddress"):
        _may(odd)


def test_policies_that_name_the_role_count() -> None:
    template = {
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {}},
            "More": {
                "Type": "AWS::IAM::Policy",
                "Properties": {
                    "Roles": [{"Ref": "Role"}],
                    "PolicyDocument": policy(allow("s3:GetObject", Resource="*")),
                },
            },
        }
    }
    (view,) = views(template, kind="home", config=CONFIG)
    assert may(view, "Role", "s3:GetObject", BUCKET)
    assert not may(view, "Other", "s3:GetObject", BUCKET)

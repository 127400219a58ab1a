"""Who may speak to whom."""

from typing import Any

import pytest

from serverless.stack.profiles import Profile
from tests.serverless.stack.facts import of_home

NOWHERE = "127.0.0.1/32"


def _name(group: Any) -> str:
    return str(group["Fn::GetAtt"][0]).removesuffix("Group")


def _out(profile: Profile) -> set[tuple[str, str, int]]:
    rules = of_home(profile).all("EC2::SecurityGroupEgress").values()
    return {
        (_name(rule["GroupId"]), _name(rule["DestinationSecurityGroupId"]), rule["FromPort"])
        for rule in rules
        if "DestinationSecurityGroupId" in rule
    }


def _in(profile: Profile) -> set[tuple[str, str, int]]:
    rules = of_home(profile).all("EC2::SecurityGroupIngress").values()
    return {(_name(rule["SourceSecurityGroupId"]), _name(rule["GroupId"]), rule["FromPort"]) for rule in rules}


FRUGAL = {("Functions", "Database", 5432), ("Functions", "Cache", 6379)}
STANDARD = FRUGAL | {
    ("Functions", "Proxy", 5432),
    ("Proxy", "Database", 5432),
    ("Functions", "Endpoints", 443),
}


@pytest.mark.parametrize(("profile", "ways"), [("standard", STANDARD), ("frugal", FRUGAL)])
def test_each_way_is_open_at_both_ends_and_there_is_no_other(profile: Profile, ways: set[tuple[str, str, int]]) -> None:
    assert _out(profile) == ways
    assert _in(profile) == ways


@pytest.mark.parametrize(("profile", "blocks"), [("standard", {"0.0.0.0/0"}), ("frugal", {"0.0.0.0/0", "::/0"})])
def test_to_addresses_only_functions_speak_and_only_https(profile: Profile, blocks: set[str]) -> None:
    rules = of_home(profile).all("EC2::SecurityGroupEgress").values()
    wide = [rule for rule in rules if "DestinationSecurityGroupId" not in rule]
    assert {rule.get("CidrIp") or rule["CidrIpv6"] for rule in wide} == blocks
    for rule in wide:
        assert (_name(rule["GroupId"]), rule["FromPort"], rule["ToPort"]) == ("Functions", 443, 443)


@pytest.mark.parametrize("profile", ["standard", "frugal"])
def test_no_group_opens_what_cloudformation_opens_by_default(profile: Profile) -> None:
    for group in of_home(profile).all("EC2::SecurityGroup").values():
        assert [rule["CidrIp"] for rule in group["SecurityGroupEgress"]] == [NOWHERE]
        assert "SecurityGroupIngress" not in group
        assert "GroupName" not in group, "a group with a name cannot be replaced"

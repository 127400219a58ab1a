"""Rendered templates, as CloudFormation gets them."""

import json
from typing import Any

from serverless.stack.config import Profile, StackConfig
from serverless.stack.edge import template

DOMAIN = "shop.example"
ZONE = "Z0123456789ABCDEFGHIJ"


def configured(profile: Profile = "standard", **settings: Any) -> StackConfig:
    return StackConfig(project="shop", stage="production", region="eu-central-1", profile=profile, **settings)


def text(config: StackConfig) -> str:
    return json.dumps(template(config).to_dict(), separators=(",", ":"))


def rendered(profile: Profile = "standard", **settings: Any) -> dict[str, Any]:
    return dict(json.loads(text(configured(profile, **settings))))


def of_type(edge: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """The properties of the resources of `kind`, by their names in the template."""
    return {name: one.get("Properties", {}) for name, one in edge["Resources"].items() if one["Type"] == kind}


def only(edge: dict[str, Any], kind: str) -> dict[str, Any]:
    (properties,) = of_type(edge, kind).values()
    return properties


def distribution(edge: dict[str, Any]) -> dict[str, Any]:
    return dict(only(edge, "AWS::CloudFront::Distribution")["DistributionConfig"])


def behaviours(edge: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["PathPattern"]: one for one in distribution(edge)["CacheBehaviors"]}


def variants() -> list[StackConfig]:
    """Both profiles, each without a domain, with one, and with one whose zone is known."""
    profiles: tuple[Profile, ...] = ("standard", "frugal")
    names: tuple[dict[str, str], ...] = ({}, {"domain": DOMAIN}, {"domain": DOMAIN, "hosted_zone_id": ZONE})
    return [
        configured(profile, alarm_email="ops@shop.example", web_concurrency=10, **name)
        for profile in profiles
        for name in names
    ]

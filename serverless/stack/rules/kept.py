"""What CloudFront keeps of an application's answers: one for everyone, and so of nobody."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from serverless.stack.rules.rule import Rule
from serverless.stack.rules.view import View, listed

__all__ = ["RULES"]

_CDN: Final = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide"
# AWS's CachingDisabled: there is no key, and so nothing that two may share.
_KEEPS_NOTHING: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
_NONE: Final = "none"
# What the viewer function says of every request alike; all else that a visitor sends is the visitor's own.
_STATED: Final = frozenset({"x-viewer-host", "x-viewer-address"})

type _Found = Iterator[tuple[str, str]]


def _keeping(view: View) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield distribution, path and behaviour of what may keep answers of an origin that is no bucket."""
    for distribution in view.all("AWS::CloudFront::Distribution"):
        config = distribution.properties["DistributionConfig"]
        servers = {one["Id"] for one in config.get("Origins", []) if "CustomOriginConfig" in one}
        for one in (config["DefaultCacheBehavior"], *listed(config.get("CacheBehaviors"))):
            if one.get("TargetOriginId") in servers and one.get("CachePolicyId") != _KEEPS_NOTHING:
                yield distribution.name, one.get("PathPattern", "the default"), one


def _policy(view: View, reference: Any, kind: str) -> Mapping[str, Any]:
    """Return the configuration of a policy of this template; nothing of one that it does not show."""
    for policy in view.all(f"AWS::CloudFront::{kind}"):
        if reference == {"Ref": policy.name}:
            return dict(policy.properties[f"{kind}Config"])
    return {}


def _keyed(view: View) -> _Found:
    for name, path, behaviour in _keeping(view):
        policy = _policy(view, behaviour.get("CachePolicyId"), "CachePolicy")
        if (policy.get("MinTTL"), policy.get("DefaultTTL")) != (0, 0):
            yield name, f"{path} keeps answers that do not say so."
        key = policy.get("ParametersInCacheKeyAndForwardedToOrigin", {})
        if _shown(key) != [_NONE] * 3:
            yield name, f"{path} is asked for with what belongs to a visitor."


def _shown(asked: Mapping[str, Any]) -> list[str | None]:
    parts = ("CookiesConfig", "HeadersConfig", "QueryStringsConfig")
    names = ("CookieBehavior", "HeaderBehavior", "QueryStringBehavior")
    return [asked.get(part, {}).get(name) for part, name in zip(parts, names, strict=True)]


def _impersonal(view: View) -> _Found:
    for name, path, behaviour in _keeping(view):
        if "OriginRequestPolicyId" not in behaviour:
            continue
        policy = _policy(view, behaviour["OriginRequestPolicyId"], "OriginRequestPolicy")
        cookies, headers, query = _shown(policy)
        named = {header.lower() for header in listed(policy.get("HeadersConfig", {}).get("Headers"))}
        if (cookies, query) != (_NONE, _NONE) or headers not in {_NONE, "whitelist"} or named - _STATED:
            yield name, f"{path} passes on what belongs to a visitor, and gives the answer to everyone."


def _shut(view: View) -> _Found:
    for name, path, behaviour in _keeping(view):
        events = {one.get("EventType") for one in listed(behaviour.get("FunctionAssociations"))}
        if "viewer-request" not in events:
            yield name, f"{path} is shown while the site is shut, and does not say whom it is for."


RULES: Final = (
    Rule(
        id="edge-kept-key",
        sentence="Where answers of the application are kept, only those are that say so, and nobody's key opens them.",
        hint="Set MinTTL and DefaultTTL to 0, and cookies, headers and query of the cache policy to none.",
        source=f"{_CDN}/Expiration.html",
        check=_keyed,
    ),
    Rule(
        id="edge-kept-asks",
        sentence="Where answers of the application are kept, it sees neither cookies nor Authorization nor query.",
        hint="Name the viewer function's two headers in an origin request policy of the template, and nothing else.",
        source=f"{_CDN}/origin-request-understand-origin-request-policy.html",
        check=_impersonal,
    ),
    Rule(
        id="edge-kept-shut",
        sentence="The viewer function sees requests for kept pages, too: it shuts the site.",
        hint="Associate it with the event viewer-request of the behaviour.",
        source=f"{_CDN}/functions-event-structure.html",
        check=_shut,
    ),
)

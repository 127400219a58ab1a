"""Cases of the rules on answers that CloudFront keeps."""

from typing import Any, Final

from tests.serverless.stack.rules.support import Case, Template

DISABLED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
# AWS's own, AllViewerExceptHostHeader and CachingOptimized: no template shows what they pass on and keep.
EXCEPT_HOST: Final = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
OPTIMIZED: Final = "658327ea-f89d-4fab-a63d-7e88639e58f6"
PAGE: Final[dict[str, Any]] = {
    "PathPattern": "/",
    "TargetOriginId": "api",
    "CachePolicyId": {"Ref": "Kept"},
    "OriginRequestPolicyId": {"Ref": "Asks"},
    "FunctionAssociations": [{"EventType": "viewer-request", "FunctionARN": "f"}],
}
NOTHING: Final = {
    "CookiesConfig": {"CookieBehavior": "none"},
    "HeadersConfig": {"HeaderBehavior": "none"},
    "QueryStringsConfig": {"QueryStringBehavior": "none"},
}
STATED: Final = {"HeaderBehavior": "whitelist", "Headers": ["x-viewer-host", "x-viewer-address"]}


def _edge(
    page: dict[str, Any], *, ttl: tuple[int, int] = (0, 0), key: Any = NOTHING, asks: Any = None, **more: Any
) -> Template:
    origins = [{"Id": "api", "CustomOriginConfig": {}}, {"Id": "static", "S3OriginConfig": {}}]
    default = {"TargetOriginId": "api", "CachePolicyId": DISABLED, "OriginRequestPolicyId": EXCEPT_HOST}
    config = {"Origins": origins, "DefaultCacheBehavior": default, "CacheBehaviors": [page], **more}
    minimum, untold = ttl
    policy = {"MinTTL": minimum, "DefaultTTL": untold, "ParametersInCacheKeyAndForwardedToOrigin": key}
    return {
        "Resources": {
            "Edge": {
                "Type": "AWS::CloudFront::Distribution",
                "Properties": {"DistributionConfig": config},
            },
            "Kept": {"Type": "AWS::CloudFront::CachePolicy", "Properties": {"CachePolicyConfig": policy}},
            "Asks": {
                "Type": "AWS::CloudFront::OriginRequestPolicy",
                "Properties": {"OriginRequestPolicyConfig": asks or NOTHING | {"HeadersConfig": STATED}},
            },
        }
    }


def _with(part: str, **said: Any) -> dict[str, Any]:
    return NOTHING | {part: said}


def _whitelist(*headers: str) -> dict[str, Any]:
    return _with("HeadersConfig", HeaderBehavior="whitelist", Headers=list(headers))


SOUND: Final = _edge(PAGE)
FILES: Final = _edge({"PathPattern": "/static/*", "TargetOriginId": "static", "CachePolicyId": OPTIMIZED})
CASES: Final = [
    Case(
        rule="edge-kept-key",
        breaks=[
            ("Edge", _edge(PAGE, ttl=(1, 0))),
            ("Edge", _edge(PAGE, ttl=(0, 86_400))),
            ("Edge", _edge(PAGE, key=_with("CookiesConfig", CookieBehavior="all"))),
            ("Edge", _edge(PAGE, key=_whitelist("Authorization"))),
            ("Edge", _edge(PAGE, key=_with("QueryStringsConfig", QueryStringBehavior="all"))),
            ("Edge", _edge(PAGE | {"CachePolicyId": OPTIMIZED})),
            ("Edge", _edge(PAGE, DefaultCacheBehavior={"TargetOriginId": "api", "CachePolicyId": OPTIMIZED})),
            ("Edge", _edge(PAGE, DefaultCacheBehavior={"TargetOriginId": "api"})),
        ],
        holds=[SOUND, FILES],
        kind="edge",
    ),
    Case(
        rule="edge-kept-asks",
        breaks=[
            ("Edge", _edge(PAGE | {"OriginRequestPolicyId": EXCEPT_HOST})),
            ("Edge", _edge(PAGE, asks=_with("CookiesConfig", CookieBehavior="all"))),
            ("Edge", _edge(PAGE, asks=_with("QueryStringsConfig", QueryStringBehavior="all"))),
            ("Edge", _edge(PAGE, asks=_with("HeadersConfig", HeaderBehavior="allViewer"))),
            ("Edge", _edge(PAGE, asks=_whitelist("x-viewer-host", "Authorization"))),
            ("Edge", _edge(PAGE, asks=_whitelist("Accept-Language"))),
        ],
        holds=[SOUND, FILES, _edge({key: PAGE[key] for key in PAGE if key != "OriginRequestPolicyId"})],
        kind="edge",
    ),
    Case(
        rule="edge-kept-shut",
        breaks=[
            ("Edge", _edge(PAGE | {"FunctionAssociations": []})),
            ("Edge", _edge(PAGE | {"FunctionAssociations": [{"EventType": "viewer-response", "FunctionARN": "f"}]})),
        ],
        holds=[SOUND, FILES],
        kind="edge",
    ),
]

"""Cases of the rules on CloudFront."""

from typing import Any

from tests.serverless.stack.rules.support import Case, Template, made

DISTRIBUTION, ACL = "AWS::CloudFront::Distribution", "AWS::WAFv2::WebACL"
API: dict[str, Any] = {
    "Id": "api",
    "ConnectionAttempts": 1,
    "CustomOriginConfig": {"OriginReadTimeout": 35, "OriginProtocolPolicy": "https-only"},
    "OriginCustomHeaders": [{"HeaderName": "x-origin-secret", "HeaderValue": {"Ref": "OriginSecret"}}],
}
BUCKET: dict[str, Any] = {"Id": "media", "S3OriginConfig": {}, "OriginAccessControlId": {"Ref": "Access"}}
DEFAULT = {"ViewerProtocolPolicy": "redirect-to-https", "ResponseHeadersPolicyId": {"Ref": "Headers"}}
MEDIA = {**DEFAULT, "PathPattern": "/media/*", "TrustedKeyGroups": [{"Ref": "Keys"}]}


def _edge(*origins: dict[str, Any], **more: Any) -> Template:
    config = {"Origins": list(origins), "DefaultCacheBehavior": DEFAULT, "CacheBehaviors": [MEDIA], **more}
    return made(Edge=(DISTRIBUTION, {"DistributionConfig": config}))


def _delivered(arn: dict[str, Any]) -> Template:
    edge = _edge(API)
    source = made(Source=("AWS::Logs::DeliverySource", {"ResourceArn": arn}))
    return {"Resources": edge["Resources"] | source["Resources"]}


def _asked(**custom: Any) -> dict[str, Any]:
    return {**API, "CustomOriginConfig": API["CustomOriginConfig"] | custom}


def _parameter(name: str, **more: Any) -> Template:
    return {"Parameters": {name: {"Type": "String", **more}}}


SOUND = _edge(API, BUCKET)
CASES = [
    Case(
        rule="origin-timeout",
        breaks=[
            ("Edge.api", _edge(_asked(OriginReadTimeout=30))),
            ("Edge.api", _edge({**API, "ConnectionAttempts": 3})),
            ("Edge.api", _edge({"Id": "api", "CustomOriginConfig": {}})),
        ],
        holds=[SOUND],
        kind="edge",
    ),
    Case(
        rule="origin-secret",
        breaks=[
            ("Edge.api", _edge({**API, "OriginCustomHeaders": []})),
            (
                "Edge.api",
                _edge({**API, "OriginCustomHeaders": [{"HeaderName": "x-origin-secret", "HeaderValue": "hush"}]}),
            ),
        ],
        holds=[SOUND],
        kind="edge",
    ),
    Case(
        rule="secret-hidden",
        breaks=[
            ("OriginSecret", _parameter("OriginSecret")),
            ("MaintenanceBypass", _parameter("MaintenanceBypass", NoEcho=False)),
            ("MailPassword", _parameter("MailPassword")),
        ],
        holds=[_parameter("OriginSecret", NoEcho=True), _parameter("ApiDomain")],
        kind="edge",
    ),
    Case(
        rule="edge-https",
        breaks=[
            ("Edge", _edge(API, DefaultCacheBehavior={"ViewerProtocolPolicy": "allow-all"})),
            ("Edge", _edge(API, CacheBehaviors=[{"PathPattern": "/x", "ViewerProtocolPolicy": "allow-all"}])),
            ("Edge", _edge(API, ViewerCertificate={"AcmCertificateArn": "a", "MinimumProtocolVersion": "TLSv1"})),
            ("Edge.api", _edge(_asked(OriginProtocolPolicy="match-viewer"))),
        ],
        holds=[
            SOUND,
            _edge(API, ViewerCertificate={"AcmCertificateArn": "a", "MinimumProtocolVersion": "TLSv1.2_2021"}),
        ],
        kind="edge",
    ),
    Case(
        rule="origin-signed",
        breaks=[("Edge.media", _edge({"Id": "media", "S3OriginConfig": {}}))],
        holds=[SOUND],
        kind="edge",
    ),
    Case(
        rule="edge-guarded",
        breaks=[
            ("Edge", SOUND),
            ("Acl", made(Acl=(ACL, {"Rules": [{"Statement": {"ManagedRuleGroupStatement": {}}}]}))),
        ],
        holds=[
            _edge(API, WebACLId={"Fn::GetAtt": ["Acl", "Arn"]}),
            made(Acl=(ACL, {"Rules": [{"Statement": {"RateBasedStatement": {}}}]})),
        ],
        kind="edge",
    ),
    Case(
        rule="edge-headers",
        breaks=[
            ("Edge", _edge(API, DefaultCacheBehavior={})),
            ("Edge", _edge(API, CacheBehaviors=[{"PathPattern": "/static/*"}])),
        ],
        holds=[SOUND],
        kind="edge",
    ),
    Case(
        rule="edge-logged",
        breaks=[
            ("Edge", _edge(API)),
            ("Edge", _edge(API, Logging={"Bucket": {"Ref": "LogBucketDomain"}})),
            ("Edge", _delivered({"Ref": "Other"})),
        ],
        holds=[_delivered({"Fn::Sub": "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Edge}"})],
        kind="edge",
    ),
    Case(
        rule="edge-signed-paths",
        breaks=[
            ("Edge", _edge(API, CacheBehaviors=[{**DEFAULT, "PathPattern": "/originals/*"}])),
            ("Edge", _edge(API, CacheBehaviors=[{**MEDIA, "TrustedKeyGroups": []}])),
        ],
        holds=[SOUND, _edge(API, CacheBehaviors=[{**DEFAULT, "PathPattern": "/static/*"}])],
        kind="edge",
    ),
]

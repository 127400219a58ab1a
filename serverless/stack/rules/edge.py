"""CloudFront: the only door."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from serverless.stack.outputs import EdgeParameter
from serverless.stack.rules.rule import Rule
from serverless.stack.rules.view import View, listed, names_of

__all__ = ["RULES"]

_DOCS: Final = "https://docs.aws.amazon.com"
_CDN: Final = f"{_DOCS}/AmazonCloudFront/latest/DeveloperGuide"
# The API gives up after 30 s; CloudFront must not do so before it, nor ask a function twice.
_READ_TIMEOUT_S: Final = 35
_ATTEMPTS: Final = 1
# The header that serverless.http compares before anything else.
_SECRET_HEADER: Final = "x-origin-secret"  # noqa: S105 - the name of a header
_TLS: Final = frozenset({"TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"})
_SECRETS: Final = (EdgeParameter.ORIGIN_SECRET, EdgeParameter.MAINTENANCE_BYPASS)


def _distributions(view: View) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for distribution in view.all("AWS::CloudFront::Distribution"):
        yield distribution.name, distribution.properties["DistributionConfig"]


def _origins(view: View) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, config in _distributions(view):
        for origin in config.get("Origins", []):
            yield f"{name}.{origin['Id']}", origin


def _patient(view: View) -> Iterator[tuple[str, str]]:
    for name, origin in _origins(view):
        if (custom := origin.get("CustomOriginConfig")) is None:
            continue
        has = custom.get("OriginReadTimeout", 30), origin.get("ConnectionAttempts", 3)
        if has != (_READ_TIMEOUT_S, _ATTEMPTS):
            yield name, f"{has[0]} s, {has[1]} attempts."


def _secret_sent(view: View) -> Iterator[tuple[str, str]]:
    wanted = {"Ref": str(EdgeParameter.ORIGIN_SECRET)}
    for name, origin in _origins(view):
        headers = origin.get("OriginCustomHeaders", [])
        sent = [one["HeaderValue"] for one in headers if one["HeaderName"].lower() == _SECRET_HEADER]
        if "CustomOriginConfig" in origin and sent != [wanted]:
            yield name, "cannot be told from anyone else by the function."


def _secrets_hidden(view: View) -> Iterator[tuple[str, str]]:
    for name, parameter in view.template.get("Parameters", {}).items():
        secret = name in _SECRETS or any(word in name.lower() for word in ("secret", "password", "token"))
        if secret and parameter.get("NoEcho") is not True:
            yield name, "is shown to whoever describes the stack."


def _https(view: View) -> Iterator[tuple[str, str]]:
    for name, config in _distributions(view):
        for one in (config["DefaultCacheBehavior"], *config.get("CacheBehaviors", [])):
            if one.get("ViewerProtocolPolicy") not in {"redirect-to-https", "https-only"}:
                yield name, f"{one.get('PathPattern', 'the default')} answers in the clear."
        certificate = config.get("ViewerCertificate", {})
        if "AcmCertificateArn" in certificate and certificate.get("MinimumProtocolVersion") not in _TLS:
            yield name, "takes TLS before 1.2."
    for name, origin in _origins(view):
        if origin.get("CustomOriginConfig", {}).get("OriginProtocolPolicy", "https-only") != "https-only":
            yield name, "is asked in the clear."


def _signed_origins(view: View) -> Iterator[tuple[str, str]]:
    for name, origin in _origins(view):
        if "S3OriginConfig" in origin and "OriginAccessControlId" not in origin:
            yield name, "is a bucket that would have to be public."


def _guarded(view: View) -> Iterator[tuple[str, str]]:
    for name, config in _distributions(view):
        if "WebACLId" not in config:
            yield name, "has no web ACL."
    for acl in view.all("AWS::WAFv2::WebACL"):
        if not any("RateBasedStatement" in rule.get("Statement", {}) for rule in acl.properties.get("Rules", [])):
            yield acl.name, "has no limit by address."


def _with_headers(view: View) -> Iterator[tuple[str, str]]:
    for name, config in _distributions(view):
        for one in (config["DefaultCacheBehavior"], *config.get("CacheBehaviors", [])):
            if "ResponseHeadersPolicyId" not in one:
                yield name, f"{one.get('PathPattern', 'the default')} has no security headers of its own."


def _logged(view: View) -> Iterator[tuple[str, str]]:
    sources = [source.properties.get("ResourceArn") for source in view.all("AWS::Logs::DeliverySource")]
    for name, config in _distributions(view):
        if "Logging" in config:
            yield name, "logs in the older way, which a bucket without access control lists refuses."
        elif not any(names_of(source, name) for source in sources):
            yield name, "leaves no line of what it answered by itself."


def _unlocked_paths(view: View) -> Iterator[tuple[str, str]]:
    for name, config in _distributions(view):
        for one in listed(config.get("CacheBehaviors")):
            signed = one["PathPattern"].strip("/").split("/")[0] in view.config.signed
            if signed and not one.get("TrustedKeyGroups"):
                yield name, f"{one['PathPattern']} is served to anyone."


RULES: Final = (
    Rule(
        id="origin-timeout",
        sentence="CloudFront waits for the API longer than the API waits for the function, and asks once.",
        hint="Set OriginReadTimeout to 35 and ConnectionAttempts to 1.",
        source=f"{_CDN}/DownloadDistValuesOrigin.html",
        check=_patient,
    ),
    Rule(
        id="origin-secret",
        sentence="CloudFront proves itself to the function by a secret header.",
        hint=f"Send {_SECRET_HEADER} with a reference to the parameter {EdgeParameter.ORIGIN_SECRET}.",
        source=f"{_CDN}/add-origin-custom-headers.html",
        check=_secret_sent,
    ),
    Rule(
        id="secret-hidden",
        sentence="Parameters that are secrets are not echoed.",
        hint="Set NoEcho.",
        source=f"{_DOCS}/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html",
        check=_secrets_hidden,
    ),
    Rule(
        id="edge-https",
        sentence="Viewers and origins are spoken to over TLS 1.2 or later.",
        hint="Set ViewerProtocolPolicy, OriginProtocolPolicy and MinimumProtocolVersion.",
        source=f"{_CDN}/using-https.html",
        check=_https,
    ),
    Rule(
        id="origin-signed",
        sentence="CloudFront signs what it asks of buckets, so that they stay private.",
        hint="Set OriginAccessControlId.",
        source=f"{_CDN}/private-content-restricting-access-to-s3.html",
        check=_signed_origins,
    ),
    Rule(
        id="edge-guarded",
        sentence="The distribution has a web ACL that limits requests by address.",
        hint="Set WebACLId, and add a rate-based rule.",
        source=f"{_DOCS}/waf/latest/developerguide/waf-rule-statement-type-rate-based.html",
        check=_guarded,
    ),
    Rule(
        id="edge-headers",
        sentence="Every behaviour has a response headers policy: what no function answered is as safe.",
        hint="Set ResponseHeadersPolicyId.",
        source=f"{_CDN}/understanding-response-headers-policies.html",
        check=_with_headers,
    ),
    Rule(
        id="edge-logged",
        sentence="CloudFront writes access logs, by a delivery: buckets take no access control lists.",
        hint="Add an AWS::Logs::DeliverySource of the distribution with its Delivery, and drop Logging.",
        source=f"{_CDN}/standard-logging.html",
        check=_logged,
    ),
    Rule(
        id="edge-signed-paths",
        sentence="Private paths are served to signed cookies and URLs alone.",
        hint="Set TrustedKeyGroups.",
        source=f"{_CDN}/PrivateContent.html",
        check=_unlocked_paths,
    ),
)

"""The distribution: which path leads where, and what is remembered on the way.

The emulator's ``cdn`` does the same; docs/reference/edge.md says where they differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from troposphere import AWSHelperFn, Ref, Template
from troposphere.cloudfront import (
    CacheBehavior,
    CacheCookiesConfig,
    CacheHeadersConfig,
    CachePolicy,
    CachePolicyConfig,
    CacheQueryStringsConfig,
    CustomOriginConfig,
    DefaultCacheBehavior,
    Distribution,
    DistributionConfig,
    FunctionAssociation,
    Origin,
    OriginAccessControl,
    OriginAccessControlConfig,
    OriginCustomHeader,
    ParametersInCacheKeyAndForwardedToOrigin,
    S3OriginConfig,
    ViewerCertificate,
)

from serverless.stack.config import Profile, StackConfig
from serverless.stack.edge import kept, pages
from serverless.stack.edge.headers import Headers
from serverless.stack.outputs import EdgeParameter

__all__ = ["Parts", "add"]

_API, _MEDIA, _STATIC = "api", "media", "static"
# CloudFront's own policies, the same in every account.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
_CACHING_DISABLED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
# All cookies, the whole query and all headers; not Host, which API Gateway would take for another of its APIs.
_ALL_VIEWER_EXCEPT_HOST: Final = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
# 5 s more than an HTTP API waits, so that the API's own answer comes first.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
_READ_TIMEOUT_S: Final = 35
# CloudFront would try a GET three times, and a function that is too slow once is so three times. 10 s is the default.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html
_CONNECTION_ATTEMPTS: Final = 1
_CONNECTION_TIMEOUT_S: Final = 5
_KEEPALIVE_S: Final = 60
# What the object says counts; where it says nothing, a day. A minimum above 0 would keep `private` and `no-store`, too.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html
_DEFAULT_TTL_S: Final = 86_400
_MAX_TTL_S: Final = 31_536_000
# The one parameter of a private download that reaches S3, which makes a header of it; the signature's own stay here.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_RequestSyntax
_DISPOSITION: Final = "response-content-disposition"
_READS: Final = ("GET", "HEAD")
_ALL: Final = ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE")
# All edge locations, or those of North America, Europe and Israel, which are the cheapest.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PriceClass.html
_PRICE_CLASS: Final[Mapping[Profile, str]] = {"standard": "PriceClass_All", "frugal": "PriceClass_100"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the other modules have made for it."""

    certificate: ViewerCertificate
    firewall: AWSHelperFn | None
    function: FunctionAssociation
    headers: Headers
    keys: Ref


def add(template: Template, config: StackConfig, parts: Parts) -> Distribution:
    """Add the distribution with its origins and cache policies."""
    settings: dict[str, Any] = {
        "Comment": config.prefix,
        "Enabled": True,
        "HttpVersion": "http2and3",
        "IPV6Enabled": True,
        "PriceClass": _PRICE_CLASS[config.profile],
        "ViewerCertificate": parts.certificate,
        "Origins": _origins(template, config),
        "DefaultCacheBehavior": _default(parts),
        "CacheBehaviors": _behaviours(template, config, parts),
        "CustomErrorResponses": pages.responses(),
    }
    if config.domain:
        settings["Aliases"] = [config.domain]
    if parts.firewall is not None:
        settings["WebACLId"] = parts.firewall
    return template.add_resource(Distribution("Distribution", DistributionConfig=DistributionConfig(**settings)))


def _origins(template: Template, config: StackConfig) -> list[Origin]:
    control = template.add_resource(
        OriginAccessControl(
            "BucketAccess",
            OriginAccessControlConfig=OriginAccessControlConfig(
                Name=config.prefix,
                OriginAccessControlOriginType="s3",
                SigningBehavior="always",
                SigningProtocol="sigv4",
            ),
        )
    )
    api = Origin(
        Id=_API,
        DomainName=Ref(EdgeParameter.API_DOMAIN),
        ConnectionAttempts=_CONNECTION_ATTEMPTS,
        ConnectionTimeout=_CONNECTION_TIMEOUT_S,
        CustomOriginConfig=CustomOriginConfig(
            OriginProtocolPolicy="https-only",
            OriginSSLProtocols=["TLSv1.2"],
            OriginReadTimeout=_READ_TIMEOUT_S,
            OriginKeepaliveTimeout=_KEEPALIVE_S,
        ),
        OriginCustomHeaders=[
            OriginCustomHeader(HeaderName="x-origin-secret", HeaderValue=Ref(EdgeParameter.ORIGIN_SECRET))
        ],
    )
    buckets = {_MEDIA: EdgeParameter.MEDIA_BUCKET_DOMAIN, _STATIC: EdgeParameter.STATIC_BUCKET_DOMAIN}
    return [
        api,
        *(
            Origin(
                Id=name,
                DomainName=Ref(parameter),
                OriginAccessControlId=Ref(control),
                S3OriginConfig=S3OriginConfig(OriginAccessIdentity=""),
            )
            for name, parameter in buckets.items()
        ),
    ]


def _default(parts: Parts) -> DefaultCacheBehavior:
    """All that is neither file nor named: the application's, and kept nowhere, so that no answer reaches two visitors.

    Compression is the application's too, since CloudFront compresses nothing that it may not keep.
    """
    return DefaultCacheBehavior(
        TargetOriginId=_API,
        ViewerProtocolPolicy="redirect-to-https",
        AllowedMethods=list(_ALL),
        CachedMethods=list(_READS),
        CachePolicyId=_CACHING_DISABLED,
        OriginRequestPolicyId=_ALL_VIEWER_EXCEPT_HOST,
        ResponseHeadersPolicyId=parts.headers.app,
        FunctionAssociations=[parts.function],
        Compress=False,
    )


def _behaviours(template: Template, config: StackConfig, parts: Parts) -> list[CacheBehavior]:
    """Files, then pages, in the order in which CloudFront looks: the first pattern that fits counts."""
    static = _cache_policy(template, config, "Static", compressed=True)
    signed = _cache_policy(template, config, "Signed", query=(_DISPOSITION,))
    behaviours = [
        _files("/static/*", _STATIC, CachePolicyId=static, ResponseHeadersPolicyId=parts.headers.app, Compress=True),
        _files(pages.PATTERN, _STATIC, CachePolicyId=_CACHING_DISABLED, ResponseHeadersPolicyId=parts.headers.pages),
    ]
    for name in dict.fromkeys(("media", *config.signed)):
        lock = {"TrustedKeyGroups": [parts.keys], "CachePolicyId": signed}
        behaviours.append(
            _files(
                f"/{name}/*",
                _MEDIA,
                ResponseHeadersPolicyId=parts.headers.media,
                **(lock if name in config.signed else {"CachePolicyId": static}),
            )
        )
    whole = {"origin": _API, "function": parts.function, "headers": parts.headers.app}
    return behaviours + kept.behaviours(template, config, **whole)


def _files(pattern: str, origin: str, **settings: Any) -> CacheBehavior:
    return CacheBehavior(
        PathPattern=pattern,
        TargetOriginId=origin,
        ViewerProtocolPolicy="redirect-to-https",
        AllowedMethods=list(_READS),
        CachedMethods=list(_READS),
        **{"Compress": False} | settings,
    )


def _cache_policy(
    template: Template, config: StackConfig, which: str, *, query: tuple[str, ...] = (), compressed: bool = False
) -> Ref:
    """What makes two requests the same: the path, and of the query what the origin sees."""
    strings = (
        CacheQueryStringsConfig(QueryStringBehavior="whitelist", QueryStrings=list(query))
        if query
        else CacheQueryStringsConfig(QueryStringBehavior="none")
    )
    key = ParametersInCacheKeyAndForwardedToOrigin(
        CookiesConfig=CacheCookiesConfig(CookieBehavior="none"),
        HeadersConfig=CacheHeadersConfig(HeaderBehavior="none"),
        QueryStringsConfig=strings,
        EnableAcceptEncodingGzip=compressed,
        EnableAcceptEncodingBrotli=compressed,
    )
    policy = CachePolicyConfig(
        Name=f"{config.prefix}-{which.lower()}",
        MinTTL=0,
        DefaultTTL=_DEFAULT_TTL_S,
        MaxTTL=_MAX_TTL_S,
        ParametersInCacheKeyAndForwardedToOrigin=key,
    )
    return Ref(template.add_resource(CachePolicy(f"{which}Cache", CachePolicyConfig=policy)))

"""Pages of the application that the distribution may keep: the only paths where one answer is for many.

Nothing about a visitor is in the key, and so nothing about one may reach the application either: no cookie, no query,
no Authorization, no header but the two of the viewer function. An answer that says nothing is kept for no time.
"""

from typing import Final

from troposphere import Ref, Template
from troposphere.cloudfront import (
    CacheBehavior,
    CacheCookiesConfig,
    CacheHeadersConfig,
    CachePolicy,
    CachePolicyConfig,
    CacheQueryStringsConfig,
    FunctionAssociation,
    OriginRequestCookiesConfig,
    OriginRequestHeadersConfig,
    OriginRequestPolicy,
    OriginRequestPolicyConfig,
    OriginRequestQueryStringsConfig,
    ParametersInCacheKeyAndForwardedToOrigin,
)

from serverless.stack.config import StackConfig

__all__ = ["MAX_TTL_S", "behaviours"]

# Also the end of what is shown stale, whatever `stale-while-revalidate` and `stale-if-error` say.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html
MAX_TTL_S: Final = 7 * 86_400
_READS: Final = ["GET", "HEAD"]
# A form that is sent to such a path is the application's to refuse: CloudFront's own 403 would tell nobody why.
_ALL: Final = [*_READS, "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]
# What the viewer function adds reaches the origin only where it is named. Accept-Encoding is the cache policy's.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/origin-request-create-origin-request-policy.html
_STATED: Final = ["x-viewer-host", "x-viewer-address"]


def behaviours(
    template: Template, config: StackConfig, *, origin: str, function: FunctionAssociation, headers: Ref
) -> list[CacheBehavior]:
    """Return a behaviour a path of ``pages``, and add their two policies; neither where there are no pages."""
    if not config.pages:
        return []
    policies = {"CachePolicyId": _key(template, config), "OriginRequestPolicyId": _asks(template, config)}
    return [
        CacheBehavior(
            PathPattern=path,
            TargetOriginId=origin,
            ViewerProtocolPolicy="redirect-to-https",
            AllowedMethods=_ALL,
            CachedMethods=_READS,
            ResponseHeadersPolicyId=headers,
            FunctionAssociations=[function],
            Compress=True,
            **policies,
        )
        for path in config.pages
    ]


def _key(template: Template, config: StackConfig) -> Ref:
    policy = CachePolicyConfig(
        Name=f"{config.prefix}-pages",
        MinTTL=0,
        DefaultTTL=0,
        MaxTTL=MAX_TTL_S,
        ParametersInCacheKeyAndForwardedToOrigin=ParametersInCacheKeyAndForwardedToOrigin(
            CookiesConfig=CacheCookiesConfig(CookieBehavior="none"),
            HeadersConfig=CacheHeadersConfig(HeaderBehavior="none"),
            QueryStringsConfig=CacheQueryStringsConfig(QueryStringBehavior="none"),
            EnableAcceptEncodingGzip=True,
            EnableAcceptEncodingBrotli=True,
        ),
    )
    return Ref(template.add_resource(CachePolicy("PagesCache", CachePolicyConfig=policy)))


def _asks(template: Template, config: StackConfig) -> Ref:
    policy = OriginRequestPolicyConfig(
        Name=f"{config.prefix}-pages",
        CookiesConfig=OriginRequestCookiesConfig(CookieBehavior="none"),
        HeadersConfig=OriginRequestHeadersConfig(HeaderBehavior="whitelist", Headers=_STATED),
        QueryStringsConfig=OriginRequestQueryStringsConfig(QueryStringBehavior="none"),
    )
    return Ref(template.add_resource(OriginRequestPolicy("PagesRequest", OriginRequestPolicyConfig=policy)))

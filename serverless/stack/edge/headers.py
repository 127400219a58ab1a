"""Headers that the edge adds to answers, by who made them. What an application says itself always stands.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html
An account has 20 such policies, so that six stages fit:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from troposphere import Ref, Template
from troposphere.cloudfront import (
    ContentSecurityPolicy,
    ContentTypeOptions,
    CustomHeader,
    CustomHeadersConfig,
    FrameOptions,
    ReferrerPolicy,
    ResponseHeadersPolicy,
    ResponseHeadersPolicyConfig,
    SecurityHeadersConfig,
    StrictTransportSecurity,
)

from serverless.pages import BUSY_S, CSP
from serverless.stack.config import StackConfig

__all__ = ["MEDIA_CSP", "Headers", "add"]

# What Django's deployment checks ask for (security.W004), so that whichever answer a browser saw last says the same as
# the application's. Hosts below the domain are others' as often as not: `hsts_subdomains` promises for them, for both.
# Preloading is the owner's own promise.
_HSTS_S: Final = 31_536_000
# A file that somebody uploaded, opened by itself, runs no script and belongs to no origin.
MEDIA_CSP: Final = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class Headers:
    """References to the policies."""

    app: Ref
    """Of pages and static files."""
    media: Ref
    """Of uploads and whatever else is in the media bucket."""
    pages: Ref
    """Of the edge's own pages."""


def add(template: Template, config: StackConfig) -> Headers:
    """Add the three policies."""
    return Headers(
        app=_policy(template, config, "App", csp=""),
        media=_policy(template, config, "Media", csp=MEDIA_CSP),
        # CloudFront puts such a page in the place of a whole answer, with whatever that one said of its own.
        pages=_policy(template, config, "Pages", csp=CSP, more={"retry-after": str(BUSY_S)}),
    )


def _policy(
    template: Template, config: StackConfig, which: str, *, csp: str, more: Mapping[str, str] | None = None
) -> Ref:
    """Where there is a ``csp`` of ours, nothing of the origin's may weaken it; else the origin's own headers stand."""
    ours = bool(csp)
    security = SecurityHeadersConfig(
        ContentTypeOptions=ContentTypeOptions(Override=True),
        FrameOptions=FrameOptions(FrameOption="DENY", Override=ours),
        ReferrerPolicy=ReferrerPolicy(ReferrerPolicy="same-origin", Override=ours),
        StrictTransportSecurity=StrictTransportSecurity(
            AccessControlMaxAgeSec=_HSTS_S, IncludeSubdomains=config.hsts_subdomains, Override=False
        ),
    )
    if csp:
        security.ContentSecurityPolicy = ContentSecurityPolicy(ContentSecurityPolicy=csp, Override=True)
    name = f"{config.prefix}-{which.lower()}"
    policy = ResponseHeadersPolicyConfig(Name=name, SecurityHeadersConfig=security)
    if more:
        items = [CustomHeader(Header=header, Value=value, Override=True) for header, value in more.items()]
        policy.CustomHeadersConfig = CustomHeadersConfig(Items=items)
    return Ref(template.add_resource(ResponseHeadersPolicy(f"{which}Headers", ResponseHeadersPolicyConfig=policy)))

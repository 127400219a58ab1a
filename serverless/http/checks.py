"""Deployment checks of the HTTP side."""

from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004 - Django's own name

from serverless.conf import conf


@register(Tags.security, deploy=True)
def check_origin_lock(**_: Any) -> list[CheckMessage]:
    """serverless.W001: without a secret, anyone who finds the API's own address goes past CloudFront and its WAF."""
    if conf().origin_secrets:
        return []
    return [
        Warning(
            "The origin lock is off: requests that go past CloudFront reach Django.",
            hint='Set SERVERLESS["ORIGIN_SECRETS"] to the secret that CloudFront sends in x-origin-secret.',
            id="serverless.W001",
        )
    ]

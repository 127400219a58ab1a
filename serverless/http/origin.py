"""The origin lock: only CloudFront, which adds a secret header, may speak to Django.

Past it, and only past it, the viewer's own host and address are what CloudFront's function wrote down: API Gateway
refuses a forwarded Host, and the address it sees is the edge's.
"""

import hmac
from collections.abc import Mapping, Sequence

from serverless.http.messages import Response, Viewer

__all__ = ["PRIVATE_HEADERS", "REFUSAL", "unlocks", "viewer"]

SECRET = "x-origin-secret"  # noqa: S105 - the header's name
HOST = "x-viewer-host"
ADDRESS = "x-viewer-address"
# CloudFront's own header for the viewer's scheme.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html
SCHEME = "cloudfront-forwarded-proto"

# None of these reaches Django under its own name: no error page can print the secret, no view can trust a forged one.
PRIVATE_HEADERS = frozenset({SECRET, HOST, ADDRESS, SCHEME})

REFUSAL = Response(
    status=403,
    reason="Forbidden",
    headers=(("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")),
    body=b"This address answers only to its own CDN. Use the site's public address.\n",
)

_UNKNOWN = Viewer(host=None, address=None, scheme=None)


def unlocks(headers: Mapping[str, str], secrets: Sequence[str]) -> bool:
    """Tell whether ``headers`` (lower-case names) carry one of ``secrets``; every one is compared, in constant time.

    A repeated header arrives joined with a comma, so that a second copy never matches. Where a load balancer hands on
    only the last of several, it is CloudFront's, which replaces what viewers send under the name of its own header.
    """
    given = headers.get(SECRET, "").encode("utf-8", "surrogatepass")
    matches = [hmac.compare_digest(given, secret.encode()) for secret in secrets]
    return any(matches)


def viewer(headers: Mapping[str, str], *, trusted: bool) -> Viewer:
    """Return the viewer as CloudFront describes it, if ``trusted``: the origin lock is on and has passed."""
    if not trusted:
        return _UNKNOWN
    scheme = headers.get(SCHEME)
    return Viewer(
        host=headers.get(HOST), address=headers.get(ADDRESS), scheme=scheme if scheme in {"http", "https"} else "https"
    )

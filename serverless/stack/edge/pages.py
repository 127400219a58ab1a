"""The pages of the custom error responses, as files of the static bucket: whoever deploys writes them there.

CloudFront looks at the status alone, and serves the page's own status where the page is missing: they have to be there
before the first visitor. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/custom-error-pages.html
"""

from collections.abc import Mapping
from typing import Final

from troposphere.cloudfront import CustomErrorResponse

from serverless.pages import EDGE

__all__ = ["CACHE_CONTROL", "CONTENT_TYPE", "PATTERN", "files", "responses"]

# A prefix of its own beside static/: no release prunes it, and no project has files of that name.
_FOLDER: Final = "_edge"
PATTERN: Final = f"/{_FOLDER}/*"
CONTENT_TYPE: Final = "text/html; charset=utf-8"
# An error is over when its cause is.
CACHE_CONTROL: Final = "no-store"
# A 500 is API Gateway's when a function has failed, and may be another try away: it becomes a 503.
_REPLACED: Final[Mapping[int, int]] = {500: 503, 502: 502, 503: 503, 504: 504}
# Without this CloudFront keeps errors for 10 s; a rendition that is asked for a second too early has to show a second
# later. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
_NOT_KEPT: Final = (400, 403, 404, 405, 414, 416, 501)


def files() -> Mapping[str, str]:
    """Return the page of each key of the static bucket, to be stored with CONTENT_TYPE and CACHE_CONTROL."""
    return {_key(status): EDGE[status].html for status in sorted(set(_REPLACED.values()))}


def responses() -> list[CustomErrorResponse]:
    """Return what CloudFront does about errors of any origin."""
    replaced = [
        CustomErrorResponse(
            ErrorCode=code, ResponseCode=status, ResponsePagePath=f"/{_key(status)}", ErrorCachingMinTTL=0
        )
        for code, status in _REPLACED.items()
    ]
    return replaced + [CustomErrorResponse(ErrorCode=code, ErrorCachingMinTTL=0) for code in _NOT_KEPT]


def _key(status: int) -> str:
    return f"{_FOLDER}/{status}.html"

"""The right to read files, lent to a browser: CloudFront's signed cookies for one prefix of the media bucket.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-cookies.html
Nobody can take one back before it ends, so it lasts half an hour and is renewed while it is used. The browser sends it
with requests for files alone; a marker, which the pages do see, says that it is less than half spent.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from app.accounts.models import Studio
from app.galleries.models import media_prefix
from serverless.storage import signed_cookies

__all__ = ["LENT_FOR_S", "lend_files", "lends_studio_files"]

LENT_FOR_S: Final = 30 * 60
MARKER: Final = "files"
STUDIO_PATH: Final = "/studio/"


def lend_files(
    request: HttpRequest, response: HttpResponseBase, *, prefix: str, path: str, until: datetime | None = None
) -> None:
    """Let the browser read the files under `prefix`, unless it may for a while yet; never beyond `until`.

    `path` is where the pages that show them live: the marker is sent there, and nowhere else.
    """
    lent = prefix.replace("/", ".")  # a slash would have to stand in quotation marks
    if request.COOKIES.get(MARKER) == lent:
        return
    seconds = LENT_FOR_S
    if until is not None:
        seconds = min(seconds, int((until - timezone.now()).total_seconds()))
    if seconds <= 0:
        return
    signed_cookies(prefix, expires_in=seconds).set_on(response)
    response.set_cookie(
        MARKER,
        lent,
        max_age=max(1, seconds // 2),
        path=path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def lends_studio_files(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: every answer to a member of a studio lets the browser read that studio's files."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        studio = getattr(request, "studio", None)
        if isinstance(studio, Studio):
            lend_files(request, response, prefix=media_prefix(studio.pk), path=STUDIO_PATH)
        return response

    return middleware

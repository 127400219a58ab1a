"""The right to read files, lent to a browser: CloudFront's signed cookies for one prefix of the media bucket.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-cookies.html
Nobody can take one back before it ends, so it lasts half an hour and is renewed while it is used. The browser sends it
with requests for files alone; a marker, which the pages do see, says that it is less than half spent.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_cache_control

from app.accounts.models import Membership, Studio, User
from app.galleries.models import media_prefix
from serverless.storage import expire_cookies, signed_cookies

__all__ = ["LENT_FOR_S", "lend_files", "lends_studio_files", "note_sign_out"]

LENT_FOR_S: Final = 30 * 60
MARKER: Final = "files"
STUDIO_PATH: Final = "/studio/"
# Each takes 0.6 kB of headers, of which API Gateway passes on 10 kB:
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
MOST_TAKEN_BACK: Final = 10


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
    """Middleware: every answer to a member of a studio lets the browser read that studio's files, until they sign out.

    Errors are answers too, made outside of the view: no cache may keep them either.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        studio = getattr(request, "studio", None)
        if isinstance(studio, Studio):
            lend_files(request, response, prefix=media_prefix(studio.pk), path=STUDIO_PATH)
            patch_cache_control(response, private=True, no_store=True)
        if left := getattr(request, "studios_left", ()):
            _take_back(response, left)
        return response

    return middleware


def note_sign_out(sender: object, request: HttpRequest, user: User | None, **kwargs: object) -> None:  # noqa: ARG001  # signal
    """Note for the middleware whose files the next person at this browser must not see."""
    if user is not None:
        newest = Membership.objects.filter(user=user).order_by("-created_at", "-pk")
        request.studios_left = list(newest.values_list("studio_id", flat=True)[:MOST_TAKEN_BACK])  # type: ignore[attr-defined]


def _take_back(response: HttpResponseBase, studios: list[uuid.UUID]) -> None:
    for studio_id in studios:
        expire_cookies(response, media_prefix(studio_id))
    response.delete_cookie(MARKER, path=STUDIO_PATH, samesite="Lax")

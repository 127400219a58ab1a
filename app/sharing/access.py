"""Who gets past a share link's address, and the cookies that they are lent.

`guarded` answers for links that are not open, `unlocked` for those whose PIN or password has not been given; what
passes both may read the gallery's files for a while. `link_required` is all of it, for pages to look at.
"""

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.core.signing import BadSignature, TimestampSigner
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_http_methods

from app.accounts.limits import count_up, viewer_key
from app.galleries.files import lend_files
from app.galleries.models import Gallery, media_prefix
from app.sharing import addresses, kept, locks
from app.sharing.models import ShareLink
from app.sharing.tries import Rest, rest_of

__all__ = ["guarded", "is_unlocked", "kept_link_required", "link_required", "locked", "remember_unlocked", "unlocked"]

type View = Callable[..., HttpResponse]
# The link, and what else is known by then, for the view.
type Found = tuple[ShareLink | None, dict[str, Any]]
type Find = Callable[[HttpRequest, str], Found]

UNLOCKED_COOKIE: Final = "unlocked"
UNLOCKED_FOR: Final = timedelta(days=7)
# A token cannot be guessed (192 bits). This keeps whoever tries from costing queries; open without the cache.
UNKNOWN_TOKENS, UNKNOWN_WINDOW_S = 30, 60


def link_required(view: View) -> View:
    """Show the page to whoever has a live link and has unlocked it."""
    return guarded("GET", "HEAD")(unlocked(view))


def kept_link_required(view: View) -> View:
    """The same for a view that reads the gallery's state anyway: it gets it, or None, and the link may have been kept.

    `app.sharing.kept` says why nobody is let in by what was kept alone.
    """
    return guarded("GET", "HEAD", find=_kept)(unlocked(view))


def _stored(_request: HttpRequest, token: str) -> Found:
    return ShareLink.objects.by_token(token).first(), {}


def _kept(request: HttpRequest, token: str) -> Found:
    link, state = kept.find(token, inside=lambda link: is_unlocked(request, link))
    return link, {"state": state}


def guarded(*methods: str, find: Find = _stored, writes: bool = True) -> Callable[[View], View]:
    """Call the view with the link if it is live; else say so: 404 for an unknown one, 410 for one that has closed.

    The address is the secret, so no answer may be kept by a cache, passed on as a referrer or indexed. A POST that does
    not write is answered even while the studio is moved to another shard; others raise ShardClosed.
    """

    def decorate(view: View) -> View:
        @require_http_methods(list(methods))
        def answer(request: HttpRequest, *, token: str, **kwargs: uuid.UUID) -> HttpResponse:
            known = addresses.enter_by_token(request, token, writes=writes)
            link, more = find(request, token)
            if link is not None and not known:
                addresses.enter_by_link(request, link, writes=writes)
            if link is None:
                return _unknown(request)
            if link.gallery.status != Gallery.Status.PUBLISHED:
                return render(request, "sharing/unknown.html", status=404)
            if not link.is_live(timezone.now()):
                return render(request, "sharing/closed.html", {"link": link}, status=410)
            try:
                return view(request, link, token=token, **kwargs, **more)
            except ObjectDoesNotExist:  # the gallery was deleted while its page was made
                return render(request, "sharing/unknown.html", status=404)

        @wraps(view)
        def inner(request: HttpRequest, *, token: str, **kwargs: uuid.UUID) -> HttpResponse:
            response = answer(request, token=token, **kwargs)
            patch_cache_control(response, private=True, no_store=True)
            patch_vary_headers(response, ["Cookie"])
            response.setdefault("Referrer-Policy", "no-referrer")
            response["X-Robots-Tag"] = "noindex, nofollow"
            return response

        return inner

    return decorate


def unlocked(view: View) -> View:
    """Ask for the PIN or password first, if the link has one; then lend the gallery's files to the viewer."""

    @wraps(view)
    def inner(request: HttpRequest, link: ShareLink, *, token: str, **kwargs: Any) -> HttpResponse:
        if not is_unlocked(request, link):
            return locked(request, link, token=token, rest=rest_of(link))
        try:
            response = view(request, link, token=token, **kwargs)
        except Http404:
            return render(request, "sharing/photo_unknown.html", {"token": token}, status=404)
        prefix = media_prefix(link.studio_id, link.gallery_id)
        lend_files(request, response, prefix=prefix, path=_path(token), until=link.expires_at)
        return response

    return inner


def is_unlocked(request: HttpRequest, link: ShareLink) -> bool:
    """Whether the link has no lock, or the viewer has opened the one that it has now."""
    if not link.lock:
        return True
    try:
        proof = _signer(link).unsign(request.COOKIES.get(UNLOCKED_COOKIE, ""), max_age=UNLOCKED_FOR)
    except BadSignature:  # tampered, expired, of another link or of an earlier lock
        return False
    return proof == str(link.pk)


def remember_unlocked(response: HttpResponse, link: ShareLink, *, token: str) -> None:
    """Let the viewer in until UNLOCKED_FOR is over, the lock is changed or the link closes.

    A cookie for this link's pages alone: a session would need a row, and would meet the photographer's own.
    """
    response.set_cookie(
        UNLOCKED_COOKIE,
        _signer(link).sign(str(link.pk)),
        max_age=UNLOCKED_FOR,
        path=_path(token),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def locked(
    request: HttpRequest, link: ShareLink, *, token: str, rest: Rest | None = None, tries_left: int | None = None
) -> HttpResponse:
    """Show the page that asks, or the one that says when to come back. Neither names the gallery, let alone shows it.

    `tries_left` is for a wrong answer. Browsers send the origin of a form, which CSRF protection compares, only where
    the policy leaves them one: https://fetch.spec.whatwg.org/#origin-header. The address itself goes nowhere.
    """
    context = {"link": link, "token": token, "tries_left": tries_left, "rest": rest}
    if rest:
        response = render(request, "sharing/locked_out.html", context, status=429)
        if rest.time:
            response["Retry-After"] = str(int(rest.time.total_seconds()) + 1)
        return response
    response = render(request, "sharing/locked.html", context, status=403 if tries_left is None else 422)
    response["Referrer-Policy"] = "strict-origin"
    return response


def _unknown(request: HttpRequest) -> HttpResponse:
    count = count_up(f"limit:unknown-token:{viewer_key(request)}", seconds=UNKNOWN_WINDOW_S)
    if count and count > UNKNOWN_TOKENS:
        response = render(request, "sharing/too_many.html", status=429)
        response["Retry-After"] = str(UNKNOWN_WINDOW_S)
        return response
    return render(request, "sharing/unknown.html", status=404)


def _signer(link: ShareLink) -> TimestampSigner:
    """Signs for this link and this lock of it; SECRET_KEY_FALLBACKS are honoured."""
    return TimestampSigner(salt=f"app.sharing.unlocked:{link.pk}:{locks.fingerprint(link.lock)}")


def _path(token: str) -> str:
    return reverse("client-gallery", args=[token])

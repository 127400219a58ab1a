"""The addresses at the entrance of a gallery: giving the PIN or password, and staying in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt

from app.sharing import locks, tries
from app.sharing.access import guarded, is_unlocked, locked, remember_unlocked, unlocked
from app.sharing.actions import renew_lock
from app.sharing.models import ShareLink


@guarded("GET", "HEAD", "POST")
def unlock(request: HttpRequest, link: ShareLink, *, token: str) -> HttpResponse:
    """Compare what was typed with the lock; a right answer leads into the gallery, as does opening the address."""
    if request.method != "POST" or is_unlocked(request, link):
        return redirect("client-gallery", token)
    given = locks.cleaned(link.lock_kind, request.POST.get("secret", "")[: locks.LONGEST_PASSWORD * 2])
    if not given:
        return locked(request, link, token=token, rest=tries.rest_of(link))
    try:
        left = tries.take(link, request)
    except tries.LockedOut as out:
        return locked(request, link, token=token, rest=out.rest)
    if link.lock and not locks.is_right(given, link.lock):
        return _wrong(request, link, token=token, left=left)
    tries.take_back(link, request)
    return _right(link, token=token, given=given)


# Without JavaScript there is nothing to renew, and a page that anyone can make send this finds nothing out: CSRF
# protection would cost every page of the gallery a cookie.
@csrf_exempt
@guarded("POST", writes=False)
@unlocked
def renew(_request: HttpRequest, _link: ShareLink, *, token: str) -> HttpResponse:  # noqa: ARG001  # of the address
    """Say that the viewer is still there; `unlocked` lends the files for longer."""
    return HttpResponse(status=204)


def _wrong(request: HttpRequest, link: ShareLink, *, token: str, left: int) -> HttpResponse:
    if left:
        return locked(request, link, token=token, tries_left=left)
    rest = tries.rest_of(link) or tries.Rest(time=tries.VIEWER_WINDOW)
    return locked(request, link, token=token, rest=rest)


def _right(link: ShareLink, *, token: str, given: str) -> HttpResponse:
    inside = redirect("client-gallery", token)
    if link.lock:
        renew_lock(link, secret=given)
        remember_unlocked(inside, link, token=token)
    return inside

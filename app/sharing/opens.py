"""That a client opened a gallery: said by the page once somebody sees it, written down by a task."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from app.accounts.limits import count_up, viewer_key
from app.accounts.models import Membership
from app.sharing.access import guarded, unlocked
from app.sharing.models import ShareLink
from app.sharing.tasks import record_opens
from serverless.ids import uuid7

__all__ = ["opened"]

# A party behind one address may look at once; a script that counts up for fun may not. Open without the cache.
OPENS, OPENS_WINDOW_S = 100, 3600
# What fetch calls the pages of this origin: https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
_OWN: Final = "same-origin"


# A beacon carries no header of ours, and the form's token would cost every page of the gallery a cookie. Whoever knows
# the address may open it anyway: all that another site gains is a count, and browsers say that it is another.
@csrf_exempt
@guarded("POST")
@unlocked
def opened(request: HttpRequest, link: ShareLink, *, token: str) -> HttpResponse:  # noqa: ARG001  # of the address
    """Have it written down that the gallery was opened just now, unless by its own studio; nothing is written here."""
    if not _is_own_page(request):
        return HttpResponse(status=403)
    count = count_up(f"limit:opened:{viewer_key(request)}", seconds=OPENS_WINDOW_S)
    if count and count > OPENS:
        return HttpResponse(status=429, headers={"Retry-After": str(OPENS_WINDOW_S)})
    if not _is_of_studio(request, link):
        at = timezone.now().isoformat()
        record_opens.enqueue([{"id": str(uuid7()), "link": str(link.pk), "studio": str(link.studio_id), "at": at}])
    return HttpResponse(status=204)


def _is_own_page(request: HttpRequest) -> bool:
    """Whether the browser says nothing else.

    Under our pages' referrer policy a beacon's origin is "null" (https://fetch.spec.whatwg.org/#origin-header), so
    that browsers before Sec-Fetch-Site say nothing at all.
    """
    site = request.headers.get("Sec-Fetch-Site")
    return site == _OWN if site else request.headers.get("Origin", "null") in {"null", settings.SITE_URL}


def _is_of_studio(request: HttpRequest, link: ShareLink) -> bool:
    """Whether a photographer looks at an own link. Costs nobody a query who is not signed in."""
    user = request.user
    return user.is_authenticated and Membership.objects.filter(studio=link.studio_id, user=user).exists()

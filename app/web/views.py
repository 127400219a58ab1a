"""The landing page, and what browsers ask for by themselves."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from serverless.cache import public_page


# A release has the edge forget it; where that fails it shows for ten minutes, and what it links to for longer.
@require_safe
@public_page(browser=60, edge=600, stale=86_400)
def landing(request: HttpRequest) -> HttpResponse:
    """Say what Loupe is. Asks nothing of the session, so that it is the same page for everyone and may be cached."""
    return render(request, "web/landing.html")


@require_safe
@public_page(browser=3600, edge=3600, stale=86_400)
def favicon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view takes the request
    """Send on to the icon: pages that are not ours, the admin's among them, do not name it."""
    return HttpResponseRedirect(static("web/favicon.svg"))

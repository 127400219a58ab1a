"""Staying able to see the studio's files."""

from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from app.accounts.access import StudioRequest, any_studio_required


# It says nothing and changes nothing; see the client's counterpart, app.sharing.entrance.renew.
@csrf_exempt
@require_POST
@any_studio_required
def renew(_request: StudioRequest) -> HttpResponse:
    """Say that the page is still open; the middleware lends the files for longer."""
    return HttpResponse(status=204)

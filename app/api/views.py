"""The studio's page of tokens."""

import uuid

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from app.accounts.access import Right, StudioRequest, right_required
from app.api.endpoints import VERSION_ROOT
from app.api.forms import ApiTokenForm
from app.api.limits import last_uses
from app.api.models import ApiToken
from app.web.keyset import NEWEST_FIRST, part_of

TOKENS_A_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@right_required(Right.SHARE)
def tokens(request: StudioRequest) -> HttpResponse:
    """List the tokens; a POST makes one and shows it, this once."""
    if request.method != "POST":
        return _tokens(request, ApiTokenForm())
    form = ApiTokenForm(request.POST)
    if not form.is_valid():
        return _tokens(request, form, status=422)
    label, expires_at = form.cleaned_data["label"], form.cleaned_data["expires_on"]
    _, token = ApiToken.objects.all().issue(request.studio, label=label, expires_at=expires_at)
    return _tokens(request, ApiTokenForm(), new_token=token, status=201)


@require_POST
@right_required(Right.SHARE)
def revoke(request: StudioRequest, pk: uuid.UUID) -> HttpResponse:
    """Close a token for good."""
    get_object_or_404(ApiToken.objects.of(request.studio), pk=pk).revoke()
    return redirect("studio-tokens")


def _tokens(request: StudioRequest, form: ApiTokenForm, *, new_token: str = "", status: int = 200) -> HttpResponse:
    now, found = timezone.now(), ApiToken.objects.of(request.studio)
    part = part_of(found, NEWEST_FIRST, request.GET, size=TOKENS_A_PAGE, salt=f"studio.tokens:{request.studio.pk}")
    uses = last_uses(part.rows)
    context = {
        "studio": request.studio,
        "entries": [{"token": token, "live": token.is_live(now), "used": used} for token, used in uses.items()],
        "part": part,
        "form": form,
        "new_token": new_token,
        "address": f"{settings.SITE_URL}{VERSION_ROOT}",
    }
    return render(request, "api/tokens.html", context, status=status)

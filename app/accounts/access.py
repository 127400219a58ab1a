"""The studio of a request."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control

from app.accounts.models import Membership, Studio, User

__all__ = ["StudioRequest", "studio_required"]


class StudioRequest(HttpRequest):
    """A request by a signed-in member of a studio."""

    user: User
    studio: Studio


def studio_required[**P](
    view: Callable[Concatenate[StudioRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Let members of a studio in: others sign in first, and users without a studio get 403.

    Sets `request.studio` to the user's first studio and keeps the answer out of every cache.
    """

    @login_required
    @wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        member = cast("StudioRequest", request)
        membership = Membership.objects.filter(user_id=member.user.pk).select_related("studio").order_by("pk").first()
        if membership is None:
            raise PermissionDenied("This account belongs to no studio yet. Ask the studio's owner to add it.")
        member.studio = membership.studio
        response = view(member, *args, **kwargs)
        patch_cache_control(response, private=True, no_store=True)
        return response

    return inner

"""The studio of a request, and what its member may do there."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import wraps
from typing import Concatenate, Final, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control

from app.accounts.models import Membership, Studio, User
from app.accounts.shards import enter

__all__ = [
    "RIGHTS",
    "Right",
    "StudioRequest",
    "any_studio_required",
    "open_studio",
    "right_required",
    "studio_required",
]

_SESSION_KEY = "studio"
_ROLE = Membership.Role


class Right(StrEnum):
    """What not every member may do. Whatever is not named here, every member may."""

    SHARE = "share"  # make and revoke share links and API tokens
    DELETE_GALLERIES = "delete_galleries"
    MANAGE_MEMBERS = "manage_members"  # invite, remove, change roles, of owners excepted
    MANAGE_OWNERS = "manage_owners"


RIGHTS: Final[Mapping[str, frozenset[Right]]] = {
    _ROLE.OWNER: frozenset(Right),
    _ROLE.ADMIN: frozenset(Right) - {Right.MANAGE_OWNERS},
    _ROLE.MEMBER: frozenset(),
}


class StudioRequest(HttpRequest):
    """A request by a signed-in member of a studio: `memberships` are all of theirs, `rights` those in this studio."""

    user: User
    studio: Studio
    membership: Membership
    memberships: Sequence[Membership]
    rights: frozenset[Right]


type View[**P] = Callable[Concatenate[StudioRequest, P], HttpResponseBase]


def studio_required[**P](view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Let members of a studio in: others sign in first, and users without a studio get 403.

    Sets `request.studio` to the studio that the user opened last in this session, or to their first, and keeps the
    answer out of every cache.
    """

    return _required(view)


def any_studio_required[**P](view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """The same for what asks for nothing that lies on the studio's shard: that may be closed, or away."""
    return _required(view, on_shard=False)


def _required[**P](view: View[P], *, on_shard: bool = True) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    @login_required
    @wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        member = cast("StudioRequest", request)
        _enter(member, on_shard=on_shard)
        try:
            response = view(member, *args, **kwargs)
        except ObjectDoesNotExist as gone:  # found by the view, and deleted by somebody else before it was locked
            raise Http404("This was deleted a moment ago.") from gone
        patch_cache_control(response, private=True, no_store=True)
        return response

    return inner


def right_required[**P](right: Right) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]]:
    """Let in those members of a studio who have this right; others get 403."""

    def decorate(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @studio_required
        @wraps(view)
        def inner(request: StudioRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if right not in request.rights:
                raise PermissionDenied("Your role in this studio does not include this. Ask one of its owners.")
            return view(request, *args, **kwargs)

        return inner

    return decorate


def open_studio(request: HttpRequest, studio_id: uuid.UUID) -> None:
    """Remember which studio this session works in. Who may enter it is looked up with every request."""
    request.session[_SESSION_KEY] = str(studio_id)


def _enter(request: StudioRequest, *, on_shard: bool) -> None:
    memberships = list(
        Membership.objects.filter(user_id=request.user.pk).select_related("studio").order_by("created_at", "pk")
    )
    if not memberships:
        raise PermissionDenied("This account belongs to no studio yet. Ask the studio's owner to add it.")
    opened = request.session.get(_SESSION_KEY)
    request.memberships = memberships
    request.membership = next((m for m in memberships if str(m.studio_id) == opened), memberships[0])
    studio = request.membership.studio
    request.studio = enter(request, studio) if on_shard else studio
    request.rights = RIGHTS[request.membership.role]

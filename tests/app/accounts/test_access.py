import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.cache import SessionStore
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from app.accounts.access import RIGHTS, Right, StudioRequest, open_studio, right_required, studio_required
from app.accounts.models import Membership, Studio, User

pytestmark = pytest.mark.django_db


@studio_required
def view(request: StudioRequest) -> HttpResponse:
    return HttpResponse(request.studio.slug)


@right_required(Right.SHARE)
def sharing(request: StudioRequest) -> HttpResponse:
    return HttpResponse(request.membership.role)


def asked_by(user: User) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user, request.session = user, SessionStore()
    return request


def studios(user: User, *slugs: str, role: str = "owner") -> list[Studio]:
    made = [Studio.objects.create(slug=slug, name=slug) for slug in slugs]
    for studio in made:
        Membership.objects.create(studio=studio, user=user, role=role)
    return made


def test_first_studio_is_set_and_no_cache_may_keep_the_answer() -> None:
    user = User.objects.create_user("ada@example.test")
    studios(user, "first", "second")
    response = view(asked_by(user))
    assert isinstance(response, HttpResponse)
    assert response.content == b"first"
    assert response["Cache-Control"] == "private, no-store"


def test_studio_opened_in_this_session_is_set_while_the_user_belongs_to_it() -> None:
    user = User.objects.create_user("ada@example.test")
    _, second = studios(user, "first", "second")
    (foreign,) = studios(User.objects.create_user("eve@example.test"), "foreign")
    request = asked_by(user)
    open_studio(request, second.pk)
    assert getattr(view(request), "content", None) == b"second"
    for unknown in (foreign.pk, uuid.uuid4()):
        open_studio(request, unknown)
        assert getattr(view(request), "content", None) == b"first"
    open_studio(request, second.pk)
    Membership.objects.filter(studio=second).delete()
    assert getattr(view(request), "content", None) == b"first"


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("admin", True), ("member", False)])
def test_right_is_asked_for(role: str, may: bool) -> None:
    user = User.objects.create_user("ada@example.test")
    studios(user, "one", role=role)
    if may:
        assert getattr(sharing(asked_by(user)), "content", None) == role.encode()
    else:
        with pytest.raises(PermissionDenied, match="Ask one of its owners"):
            sharing(asked_by(user))


def test_every_role_has_its_rights_and_an_owner_all() -> None:
    assert set(RIGHTS) == set(Membership.Role.values)
    assert RIGHTS["owner"] == set(Right)


def test_stranger_signs_in_first(rf: RequestFactory) -> None:
    request = rf.get("/studio/")
    request.user = AnonymousUser()
    assert view(request)["Location"] == "/sign-in/?next=/studio/"


def test_user_without_a_studio_is_told_what_to_do() -> None:
    with pytest.raises(PermissionDenied, match="Ask the studio's owner"):
        view(asked_by(User.objects.create_user("ada@example.test")))

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import RequestFactory

from app.accounts.access import StudioRequest, studio_required
from app.accounts.models import Membership, Studio, User

pytestmark = pytest.mark.django_db


@studio_required
def view(request: StudioRequest) -> HttpResponse:
    return HttpResponse(request.studio.slug)


def test_first_studio_is_set_and_no_cache_may_keep_the_answer(rf: RequestFactory) -> None:
    user = User.objects.create_user("ada@example.test")
    for slug in ("first", "second"):
        Membership.objects.create(studio=Studio.objects.create(slug=slug, name=slug), user=user)
    request = rf.get("/")
    request.user = user
    response = view(request)
    assert isinstance(response, HttpResponse)
    assert response.content == b"first"
    assert response["Cache-Control"] == "private, no-store"


def test_stranger_signs_in_first(rf: RequestFactory) -> None:
    request = rf.get("/studio/")
    request.user = AnonymousUser()
    assert view(request)["Location"] == "/sign-in/?next=/studio/"


def test_user_without_a_studio_is_told_what_to_do(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = User.objects.create_user("ada@example.test")
    with pytest.raises(PermissionDenied, match="Ask the studio's owner"):
        view(request)

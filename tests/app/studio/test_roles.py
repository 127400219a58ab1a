"""Every view of the studio: who may, who must sign in first, and what another studio's ids give."""

import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern

from app.accounts.models import Invitation, Membership, Studio, User
from app.accounts.team import invite
from app.galleries.models import Gallery, Photo, Section
from app.galleries.sections import add_sections
from app.sharing.actions import create_share_link
from app.sharing.models import ShareLink
from app.studio import urls
from tests.app.conftest import new_photo

pytestmark = pytest.mark.django_db

ROLES = ("owner", "admin", "member")
ALL, LEADERS = set(ROLES), {"owner", "admin"}
type Things = dict[str, Any]
# name of the view: method, form, who may
VIEWS: dict[str, tuple[str, dict[str, str], set[str]]] = {
    "studio": ("get", {}, ALL),
    "studio-gallery-new": ("post", {"title": "New"}, ALL),
    "studio-gallery": ("get", {}, ALL),
    "studio-gallery-settings": ("post", {"title": "Other", "theme": "dark"}, ALL),
    "studio-gallery-delete": ("post", {}, LEADERS),
    "studio-arrange": ("post", {"do": "last", "photo": "PHOTO"}, ALL),
    "studio-sort": ("post", {"by": "filename"}, ALL),
    "studio-section-new": ("post", {"title": "New"}, ALL),
    "studio-section": ("post", {"do": "delete"}, ALL),
    "studio-links": ("post", {"label": "Them"}, LEADERS),
    "studio-link-revoke": ("post", {}, LEADERS),
    "studio-link-lock": ("post", {"lock": "pin"}, LEADERS),
    "studio-link-forgive": ("post", {}, LEADERS),
    "studio-files": ("post", {}, ALL),
    "studio-members": ("post", {"email": "new@example.test", "role": "member"}, LEADERS),
    "studio-member-role": ("post", {"role": "admin"}, LEADERS),
    "studio-member-remove": ("post", {}, LEADERS),
    "studio-invitation-withdraw": ("post", {}, LEADERS),
    "studio-open": ("post", {}, ALL),
}


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.delete_pattern("limit:*")  # type: ignore[attr-defined]  # django-redis


def things(studio: Studio) -> Things:
    """One of each that belongs to a studio, by the first word behind `studio/` in the addresses."""
    gallery = Gallery.objects.create(studio=studio, title="One", slug="one")
    owner = Membership.objects.create(studio=studio, user=User.objects.create_user(f"boss@{studio.slug}.test"))
    other = User.objects.create_user(f"other@{studio.slug}.test")
    return {
        "galleries": gallery,
        "photo": new_photo(gallery),
        "sections": add_sections(gallery, ["Party"])[0],
        "links": create_share_link(gallery, label="Them")[0],
        "members": Membership.objects.create(studio=studio, user=other, role="member"),
        "invitations": invite(owner, email=f"invited@{studio.slug}.test", role="member"),
        "<uuid:pk>": studio,
    }


def pattern(name: str) -> str:
    found = next(p for p in urls.urlpatterns if isinstance(p, URLPattern) and p.name == name)
    return str(found.pattern)


def call(client: Client, name: str, owned: Things) -> Any:
    """Call a view with what belongs to one studio."""
    method, form, _ = VIEWS[name]
    route = pattern(name)
    thing = owned.get(route.split("/")[1])
    path = "/" + route.replace("<uuid:pk>", str(thing.pk) if thing else "")
    return getattr(client, method)(path, {k: str(owned["photo"].pk) if v == "PHOTO" else v for k, v in form.items()})


def signed_in(studio: Studio, role: str) -> Client:
    user = User.objects.create_user(f"{role}@example.test")
    Membership.objects.create(studio=studio, user=user, role=role)
    client = Client()
    client.force_login(user)
    return client


def test_no_view_is_left_out() -> None:
    assert {p.name for p in urls.urlpatterns} == set(VIEWS)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", VIEWS)
def test_role_decides(studio: Studio, name: str, role: str) -> None:
    owned = things(studio)
    response = call(signed_in(studio, role), name, owned)
    may = role in VIEWS[name][2]
    assert (response.status_code in {200, 201, 204, 302}) == may
    if not may:
        assert response.status_code == 403
        assert (ShareLink.objects.filter(revoked_at=None).count(), Invitation.objects.count()) == (1, 1)
        assert Gallery.objects.exists()
        assert Membership.objects.get(pk=owned["members"].pk).role == "member"


@pytest.mark.parametrize("name", VIEWS)
def test_strangers_sign_in_first(client: Client, studio: Studio, name: str) -> None:
    response = call(client, name, things(studio))
    assert response.status_code == 302
    assert response["Location"].startswith("/sign-in/?next=/studio/")


def snapshot() -> list[Any]:
    models = (Gallery, Photo, Section, ShareLink, Membership, Invitation)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("name", [name for name in VIEWS if "<uuid:pk>" in pattern(name)])
def test_things_of_another_studio_do_not_exist(studio: Studio, name: str) -> None:
    client, theirs = signed_in(studio, "owner"), things(Studio.objects.create(slug="theirs", name="Theirs"))
    before = snapshot()
    assert call(client, name, theirs).status_code == 404
    assert call(client, name, dict.fromkeys(theirs, Photo(pk=uuid.uuid4()))).status_code == 404
    assert snapshot() == before


def test_member_sees_no_door_that_is_closed(studio: Studio) -> None:
    owned = things(studio)
    pages = ("", f"galleries/{owned['galleries'].pk}/", f"galleries/{owned['galleries'].pk}/settings/", "members/")

    def doors(role: str) -> list[bool]:
        client = signed_in(studio, role)
        html = "".join(client.get(f"/studio/{page}").content.decode() for page in pages)
        return [door in html for door in ("/studio/tokens/", "/links/", "/delete/", "Send the invitation", "Withdraw")]

    assert doors("member") == [False] * 5
    assert doors("admin") == doors("owner") == [True] * 5


def test_only_who_manages_owners_is_offered_to(studio: Studio) -> None:
    things(studio)

    def owners(role: str) -> int:
        page = signed_in(studio, role).get("/studio/members/")
        return page.content.decode().count('value="owner"')

    assert owners("admin") == 0
    assert owners("owner") > 0

"""Two studios on two shards, each with a member, a gallery with a photo, a share link and an API token."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings

from app.accounts.models import Membership, Studio, User
from app.api.models import ApiToken
from app.galleries.actions import create_gallery
from app.galleries.models import Gallery, Photo
from app.sharing.actions import create_share_link
from app.sharing.models import ShareLink
from serverless.db import shards
from tests.app.conftest import new_photo
from tests.sharded import turn_on


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """A studio with what it has; `client` is signed in as its member."""

    shard: str
    studio: Studio
    member: User
    client: Client
    gallery: Gallery
    photo: Photo
    link: ShareLink
    address: str
    api_token: str

    @property
    def api(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api_token}"}

    def used_bytes(self, alias: str) -> int:
        return Studio.objects.using(alias).get(pk=self.studio.pk).used_bytes


def new_tenant(slug: str, *, shard: str) -> Tenant:
    studio = Studio.objects.create(slug=slug, name=f"Studio {slug}", shard=shard)
    member = User.objects.create_user(f"{slug}@example.test", "right")
    Membership.objects.create(studio=studio, user=member)
    client = Client()
    client.force_login(member)
    with shards.entered(studio.pk):
        gallery = create_gallery(studio, title=f"Gallery {slug}")
        photo = new_photo(gallery)
        link, token = create_share_link(gallery, label="Them")
    _, api_token = ApiToken.objects.issue(studio, label="Program")
    return Tenant(
        shard=shard, studio=studio, member=member, client=client, gallery=gallery, photo=photo, link=link,
        address=f"/s/{token}/", api_token=api_token,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def shards_on(settings: Settings) -> Iterator[None]:
    turn_on(settings)
    cache.delete_pattern("limit:*")  # type: ignore[attr-defined]  # django-redis
    yield
    assert shards.current() is None, "a request or task left its shard behind"


@pytest.fixture
def here(db: None) -> Tenant:
    """On the shard that is the directory's database, too."""
    return new_tenant("here", shard="default")


@pytest.fixture
def there(db: None) -> Tenant:
    """On the other."""
    return new_tenant("there", shard="other")

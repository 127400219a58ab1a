import pytest
from django.core.cache import cache

from app.galleries.models import Gallery
from app.sharing.actions import create_share_link
from app.sharing.locks import Kind, hashed
from tests.app.sharing.door import PASSWORD, PIN, Door


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Every test client has the same address; what earlier tests tried must not count."""
    cache.delete_pattern("limit:*")  # type: ignore[attr-defined]  # django-redis


@pytest.fixture
def pin_door(gallery: Gallery) -> Door:
    """A link with a PIN."""
    link, token = create_share_link(gallery, label="Them", lock=hashed(Kind.PIN, PIN))
    return Door(link=link, token=token)


@pytest.fixture
def password_door(gallery: Gallery) -> Door:
    """A link with a password."""
    link, token = create_share_link(gallery, label="Them", lock=hashed(Kind.PASSWORD, PASSWORD))
    return Door(link=link, token=token)

import hashlib

import pytest

from app.galleries.models import Gallery
from app.sharing.actions import create_share_link, revoke_share_link
from app.sharing.models import ShareLink

pytestmark = pytest.mark.django_db


def test_link_publishes_the_gallery_and_keeps_no_token(gallery: Gallery) -> None:
    link, token = create_share_link(gallery, label="Them")
    assert len(token) == 32
    assert gallery.status == "published"
    assert link.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str(ShareLink.objects.values().get())
    assert ShareLink.objects.by_token(token).get() == link


def test_revoking_again_keeps_the_first_time(gallery: Gallery) -> None:
    link, _ = create_share_link(gallery, label="Them")
    revoke_share_link(link)
    first = ShareLink.objects.get().revoked_at
    revoke_share_link(link)
    assert first is not None
    assert ShareLink.objects.get().revoked_at == first

import pytest
from django.test import Client

from app.accounts.models import User
from app.galleries.models import Gallery
from app.sharing.actions import create_share_link


@pytest.mark.django_db
def test_link_cannot_end_before_it_was_made(client: Client, gallery: Gallery) -> None:
    client.force_login(User.objects.create_superuser("root@example.test"))
    link, _ = create_share_link(gallery, label="Them")
    form = {
        "label": "Them",
        "expires_at_0": "2020-01-01",
        "expires_at_1": "00:00",
        "revoked_at_0": "",
        "revoked_at_1": "",
    }
    page = client.post(f"/admin/sharing/sharelink/{link.pk}/change/", form)
    assert page.status_code == 200
    assert b"cannot end before it was made" in page.content


@pytest.mark.django_db
def test_every_page_opens(client: Client, gallery: Gallery) -> None:
    client.force_login(User.objects.create_superuser("root@example.test"))
    link, _ = create_share_link(gallery, label="Them")
    for page in ("sharelink/", f"sharelink/{link.pk}/change/"):
        assert client.get(f"/admin/sharing/{page}").status_code == 200
    assert client.get("/admin/sharing/sharelink/add/").status_code == 403  # made in the studio, where its token shows

import pytest
from django.test import Client

from app.accounts.models import User
from app.galleries.actions import create_share_link
from app.galleries.models import Gallery
from tests.app.galleries.conftest import new_photo


@pytest.mark.django_db
def test_every_page_opens(client: Client, gallery: Gallery) -> None:
    client.force_login(User.objects.create_superuser("root@example.test"))
    photo, (link, _) = new_photo(gallery), create_share_link(gallery, label="Them")
    for page in (
        "gallery/", "gallery/add/", f"gallery/{gallery.pk}/change/", "photo/", f"photo/{photo.pk}/change/",
        "sharelink/", f"sharelink/{link.pk}/change/",
    ):  # fmt: skip
        assert client.get(f"/admin/galleries/{page}").status_code == 200
    for made_elsewhere in ("sharelink", "photo"):
        assert client.get(f"/admin/galleries/{made_elsewhere}/add/").status_code == 403


@pytest.mark.django_db
def test_gallery_stays_in_its_studio(client: Client, gallery: Gallery, foreign: Gallery) -> None:
    client.force_login(User.objects.create_superuser("root@example.test"))
    form = {"title": "New", "slug": foreign.slug, "status": "draft", "event_date": "", "studio": str(foreign.studio_id)}
    assert client.post(f"/admin/galleries/gallery/{gallery.pk}/change/", form).status_code == 302
    changed = Gallery.objects.get(pk=gallery.pk)
    assert (changed.title, changed.studio_id, changed.slug) == ("New", gallery.studio_id, gallery.slug)


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
    page = client.post(f"/admin/galleries/sharelink/{link.pk}/change/", form)
    assert page.status_code == 200
    assert b"cannot end before it was made" in page.content


@pytest.mark.django_db
def test_a_change_raises_the_version(client: Client, gallery: Gallery) -> None:
    client.force_login(User.objects.create_superuser("root@example.test"))
    photo = new_photo(gallery)
    client.post(f"/admin/galleries/photo/{photo.pk}/change/", {"rank": "7"})
    gallery.refresh_from_db()
    assert gallery.version == 2
    form = {"studio": str(gallery.studio_id), "slug": gallery.slug, "title": "New", "status": "draft", "event_date": ""}
    client.post(f"/admin/galleries/gallery/{gallery.pk}/change/", form)
    gallery.refresh_from_db()
    assert (gallery.title, gallery.version) == ("New", 3)

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

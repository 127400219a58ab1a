import re

import pytest
from django.test import Client

from app.accounts.models import User
from app.galleries.models import Gallery, Photo
from app.galleries.removal import file_prefixes
from serverless.tasks.models import TaskRow
from tests.app.conftest import new_photo


@pytest.mark.django_db
def test_every_page_opens(client: Client, gallery: Gallery) -> None:
    client.force_login(User.objects.create_superuser("root@example.test"))
    photo = new_photo(gallery)
    for page in ("gallery/", "gallery/add/", f"gallery/{gallery.pk}/change/", "photo/", f"photo/{photo.pk}/change/"):
        assert client.get(f"/admin/galleries/{page}").status_code == 200
    assert client.get("/admin/galleries/photo/add/").status_code == 403  # made by an upload


@pytest.mark.django_db
def test_gallery_stays_in_its_studio(client: Client, gallery: Gallery, foreign: Gallery) -> None:
    client.force_login(User.objects.create_superuser("root@example.test"))
    form = {
        "title": "New",
        "slug": foreign.slug,
        "status": "draft",
        "theme": "auto",
        "event_date": "",
        "studio": str(foreign.studio_id),
    }
    assert client.post(f"/admin/galleries/gallery/{gallery.pk}/change/", form).status_code == 302
    changed = Gallery.objects.get(pk=gallery.pk)
    assert (changed.title, changed.studio_id, changed.slug) == ("New", gallery.studio_id, gallery.slug)


@pytest.mark.django_db
def test_a_change_raises_the_version(client: Client, gallery: Gallery) -> None:
    client.force_login(User.objects.create_superuser("root@example.test"))
    photo = new_photo(gallery)
    client.post(f"/admin/galleries/photo/{photo.pk}/change/", {"rank": "7"})
    gallery.refresh_from_db()
    assert gallery.version == 2
    form = {
        "studio": str(gallery.studio_id),
        "slug": gallery.slug,
        "title": "New",
        "status": "draft",
        "theme": "auto",
        "event_date": "",
    }
    client.post(f"/admin/galleries/gallery/{gallery.pk}/change/", form)
    gallery.refresh_from_db()
    assert (gallery.title, gallery.version) == ("New", 3)


@pytest.mark.django_db
def test_files_go_with_what_is_deleted(client: Client, gallery: Gallery) -> None:
    client.force_login(User.objects.create_superuser("root@example.test"))
    photo = new_photo(gallery)
    client.post(f"/admin/galleries/photo/{photo.pk}/delete/", {"post": "yes"})
    assert not Photo.objects.exists()
    (of_photo,) = TaskRow.objects.all()
    assert of_photo.args == [file_prefixes(photo)]
    chosen = {"action": "delete_selected", "_selected_action": str(gallery.pk), "post": "yes"}
    client.post("/admin/galleries/gallery/", chosen)
    assert not Gallery.objects.exists()
    assert TaskRow.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("{photo}", ["a.jpg"]),
        ("{gallery}", ["b.jpg", "a.jpg"]),
        ("{gallery} B.", ["b.jpg"]),
        ("{gallery} {photo}", ["a.jpg"]),
        ("a.jpg", []),  # in which gallery?
        ("{foreign} a.jpg", []),
        ("\0", ["b.jpg", "a.jpg"]),
    ],
)
def test_photos_are_searched_within_a_gallery(
    admin_client: Client, gallery: Gallery, foreign: Gallery, words: str, found: list[str]
) -> None:
    photo = new_photo(gallery, filename="a.jpg")
    new_photo(gallery, filename="b.jpg")
    text = words.format(photo=photo.pk, gallery=gallery.pk, foreign=foreign.pk)
    html = admin_client.get("/admin/galleries/photo/", {"q": text}).content.decode()
    assert re.findall(r"<a [^>]*>([ab]\.jpg)</a>", html) == found

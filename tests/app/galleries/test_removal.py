"""Rows go at once, files by a task. The worker looks after its own transactions."""

import hashlib

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from app.accounts.models import Studio
from app.galleries.actions import choose_cover
from app.galleries.development import develop_upload
from app.galleries.models import Gallery, Photo, media_prefix
from app.galleries.removal import delete_files, delete_gallery, delete_photos, file_prefixes
from app.galleries.sections import add_sections
from app.sharing.actions import create_share_link
from serverless.tasks.models import TaskRow
from tests.app.accounts.mailbox import drain
from tests.app.conftest import jpeg, new_photo

pytestmark = pytest.mark.django_db(transaction=True)


def stored(photo: Photo) -> list[str]:
    """Put the files of a photo into the bucket; returns their names."""
    names = [photo.incoming_key, photo.original_key("jpg"), photo.rendition_key("480", extension="avif", recipe="old")]
    return [default_storage.save(name, ContentFile(b"x")) for name in names]


def left(names: list[str]) -> list[str]:
    return [name for name in names if default_storage.exists(name)]


def test_photos_go_with_their_files_and_nobody_elses(gallery: Gallery, foreign: Gallery) -> None:
    gone, kept, theirs = new_photo(gallery, bytes=7), new_photo(gallery), new_photo(foreign)
    choose_cover(gallery, gone.pk)
    files, others = stored(gone), stored(kept) + stored(theirs)
    Studio.objects.update(used_bytes=20)
    gallery.refresh_from_db()
    before = gallery.version
    delete_photos(gallery, [gone.pk, theirs.pk])
    assert {studio.slug: studio.used_bytes for studio in Studio.objects.all()} == {"ours": 13, "theirs": 20}
    gallery.refresh_from_db()
    assert gallery.cover_id is None
    assert gallery.version > before
    assert set(Photo.objects.all()) == {kept, theirs}
    assert left(files) == files
    drain()
    assert left(files) == []
    assert left(others) == others


def test_many_photos_take_several_tasks(gallery: Gallery) -> None:
    photos = [new_photo(gallery, state="pending", rank=n) for n in range(101)]
    delete_photos(gallery, [photo.pk for photo in photos])
    assert TaskRow.objects.count() == 3


def test_gallery_goes_with_all_that_hangs_on_it(gallery: Gallery, foreign: Gallery) -> None:
    (section,) = add_sections(gallery, ["Party"])
    photo = new_photo(gallery, section=section, section_position=1)
    waiting, theirs = new_photo(gallery, state="uploaded"), new_photo(foreign)
    choose_cover(gallery, photo.pk)
    create_share_link(gallery, label="Them")
    files, others = [*stored(photo)[1:], *stored(waiting)], stored(theirs)
    Studio.objects.update(used_bytes=20)
    delete_gallery(gallery)
    assert Studio.objects.get(slug="ours").used_bytes == 2
    assert list(Gallery.objects.all()) == [foreign]
    assert list(Photo.objects.all()) == [theirs]
    drain()
    assert left(files) == []
    assert left(others) == others


def test_what_rolls_back_keeps_its_files(gallery: Gallery) -> None:
    photo = new_photo(gallery)
    files = stored(photo)
    with transaction.atomic():
        delete_photos(gallery, [photo.pk])
        transaction.set_rollback(True)
    drain()
    assert left(files) == files
    assert gallery.photos.count() == 1


def test_deleting_files_twice_changes_nothing(gallery: Gallery) -> None:
    photo = new_photo(gallery)
    stored(photo)
    assert delete_files(file_prefixes(photo)) == 3
    assert delete_files(file_prefixes(photo)) == 0


def test_photo_deleted_while_it_is_developed_leaves_no_file(gallery: Gallery) -> None:
    photo = new_photo(gallery, state="uploaded", bytes=1)
    content = jpeg()
    default_storage.save(photo.incoming_key, ContentFile(content))
    photo.bytes, photo.sha256 = len(content), hashlib.sha256(content).hexdigest()
    Photo.objects.filter(pk=photo.pk).delete()  # the task has read its row already
    assert develop_upload(photo) == "gone"
    assert default_storage.delete_all(media_prefix(gallery.studio_id, gallery.pk)) == 0  # type: ignore[attr-defined]
    assert left([photo.incoming_key, photo.original_key("jpg")]) == []

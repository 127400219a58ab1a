import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from app.accounts.models import Studio
from app.galleries.actions import (
    Developed,
    confirm_upload,
    create_gallery,
    create_share_link,
    fail_photo,
    finish_photo,
    request_uploads,
    revoke_share_link,
)
from app.galleries.checksums import Checksums
from app.galleries.models import Gallery, Photo, ShareLink
from app.galleries.uploads import UploadFile
from serverless.tasks.models import TaskRow
from tests.app.galleries.conftest import new_photo, rendition

pytestmark = pytest.mark.django_db


def upload_file(name: str) -> UploadFile:
    digest = hashlib.sha256(name.encode()).hexdigest()
    return UploadFile(name=name, size=9, content_type="image/jpeg", sha256=digest)


def developed(photo: Photo) -> Developed:
    return Developed(
        width=3, height=2, taken_at=None, exif={"iso": 100}, has_gps=True, thumbhash="aa", colour="#000000",
        renditions=[rendition(photo, "jpeg", 480)], original=Checksums(bytes=8, sha256="0" * 64, crc32=2**32 - 1),
    )  # fmt: skip


def test_gallery_slugs_do_not_collide_within_a_studio(studio: Studio, foreign: Gallery) -> None:
    first = create_gallery(studio, title="Summer Day", event_date=date(2026, 6, 20))
    second = create_gallery(studio, title="Summer day!")
    elsewhere = create_gallery(foreign.studio, title="Summer Day")
    assert first.slug == elsewhere.slug == "summer-day"
    assert second.slug.startswith("summer-day-")
    assert create_gallery(studio, title="日本").slug == "gallery"


def elsewhere[T](call: Callable[[], T]) -> T:
    """What `call` returns in the thread it is run in, with a connection of that thread's own."""
    with closing(connection):
        return call()


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_two_galleries(studio: Studio) -> None:
    with ThreadPoolExecutor(max_workers=2) as pool:
        together = threading.Barrier(2)

        def click() -> Gallery:
            together.wait(timeout=10)
            return create_gallery(studio, title="Twice")

        for _ in range(5):
            both = [pool.submit(elsewhere, click) for _ in range(2)]
            assert len({call.result(timeout=10).slug for call in both}) == 2


@pytest.mark.django_db(transaction=True)
def test_two_tabs_sign_one_after_the_other(gallery: Gallery) -> None:
    with ThreadPoolExecutor(max_workers=1) as pool:
        with transaction.atomic():
            request_uploads(gallery, [upload_file("a.jpg"), upload_file("b.jpg")])
            other = pool.submit(
                elsewhere, lambda: request_uploads(gallery, [upload_file("c.jpg"), upload_file("a.jpg")])
            )
            assert not wait([other], timeout=0.3).done
        tickets = other.result(timeout=10)
    assert [(ticket.photo.filename, ticket.photo.rank) for ticket in tickets] == [("c.jpg", 3), ("a.jpg", 1)]


def test_new_files_get_rows_in_order_and_signed_uploads(gallery: Gallery) -> None:
    new_photo(gallery, rank=7)
    tickets = request_uploads(gallery, [upload_file("b.jpg"), upload_file("a.jpg")])
    assert [(t.photo.filename, t.photo.rank, t.photo.state) for t in tickets] == [
        ("b.jpg", 8, "pending"),
        ("a.jpg", 9, "pending"),
    ]
    for ticket in tickets:
        assert ticket.upload is not None
        assert f"/incoming/{gallery.studio_id}/{ticket.photo.pk}?" in ticket.upload.url


def test_file_twice_in_a_call_is_sent_once(gallery: Gallery) -> None:
    first, second = request_uploads(gallery, [upload_file("a.jpg"), upload_file("a.jpg")])
    assert first.photo == second.photo
    assert first.upload is not None
    assert second.upload is None


@pytest.mark.parametrize(
    ("state", "sent_again"), [("pending", True), ("failed", True), ("uploaded", False), ("ready", False)]
)
def test_known_file_is_sent_again_only_where_that_helps(gallery: Gallery, state: str, *, sent_again: bool) -> None:
    photo = new_photo(gallery, state=state, sha256=upload_file("a.jpg").sha256)
    (ticket,) = request_uploads(gallery, [upload_file("a.jpg")])
    assert ticket.photo == photo
    assert (ticket.upload is not None) is sent_again
    photo.refresh_from_db()
    assert photo.state == ("pending" if sent_again else state)
    assert photo.error == ""


def test_photo_whose_task_is_lost_can_be_added_again(gallery: Gallery) -> None:
    long_ago = timezone.now() - timedelta(hours=2)
    photo = new_photo(gallery, state="uploaded", sha256=upload_file("a.jpg").sha256, updated_at=long_ago)
    (ticket,) = request_uploads(gallery, [upload_file("a.jpg")])
    assert ticket.upload is not None
    assert confirm_upload(photo)
    assert TaskRow.objects.get().args == [str(photo.pk)]


def test_file_of_another_gallery_is_new_here(gallery: Gallery, foreign: Gallery) -> None:
    new_photo(foreign, sha256=upload_file("a.jpg").sha256)
    (ticket,) = request_uploads(gallery, [upload_file("a.jpg")])
    assert ticket.upload is not None
    assert ticket.photo.studio_id == gallery.studio_id


def test_confirming_queues_one_task_however_often(gallery: Gallery) -> None:
    photo = new_photo(gallery, state="pending")
    assert confirm_upload(photo)
    assert not confirm_upload(photo)
    photo.refresh_from_db()
    assert photo.state == "uploaded"
    assert TaskRow.objects.get().args == [str(photo.pk)]


@pytest.mark.parametrize("state", ["ready", "failed"])
def test_confirming_a_settled_photo_does_nothing(gallery: Gallery, state: str) -> None:
    assert not confirm_upload(new_photo(gallery, state=state))
    assert not TaskRow.objects.exists()


def test_only_one_run_settles_a_photo(gallery: Gallery) -> None:
    photo = new_photo(gallery, state="uploaded")
    before = photo.updated_at
    assert finish_photo(photo, developed(photo))
    assert not finish_photo(photo, developed(photo))
    assert not fail_photo(photo.pk, reason="too late")
    photo.refresh_from_db()
    gallery.refresh_from_db()
    assert (photo.state, photo.has_gps, gallery.version) == ("ready", True, 2)
    assert (photo.exif, photo.original_bytes, photo.crc32) == ({"iso": 100}, 8, 4294967295)
    assert photo.original_sha256 == "0" * 64
    assert photo.updated_at >= before


def test_failing_keeps_the_reason_within_its_column(gallery: Gallery) -> None:
    photo = new_photo(gallery, state="uploaded")
    assert fail_photo(photo.pk, reason="x" * 1000)
    photo.refresh_from_db()
    assert (photo.state, len(photo.error)) == ("failed", 300)


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

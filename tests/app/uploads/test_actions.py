import hashlib
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from app.accounts.models import Studio
from app.galleries.actions import fail_photo
from app.galleries.models import Gallery, Photo
from app.uploads.actions import PARTS_FROM, Ticket, cancel_upload, confirm_upload, request_uploads
from app.uploads.files import UploadFile
from app.uploads.models import Multipart
from serverless.tasks.models import TaskRow
from tests.app.conftest import elsewhere, new_photo

pytestmark = pytest.mark.django_db


def upload_file(name: str, *, size: int = 9) -> UploadFile:
    digest = hashlib.sha256(name.encode()).hexdigest()
    return UploadFile(name=name, size=size, content_type="image/jpeg", sha256=digest)


def tickets(gallery: Gallery, *files: UploadFile) -> list[Ticket]:
    return list(request_uploads(gallery, files).tickets)


def leave(studio: Studio, left: int) -> None:
    """Let the studio have this much room."""
    Studio.objects.filter(pk=studio.pk).update(quota_bytes=F("used_bytes") + left)


def used(studio: Studio) -> int:
    return Studio.objects.get(pk=studio.pk).used_bytes


@pytest.mark.django_db(transaction=True)
def test_two_tabs_sign_one_after_the_other(gallery: Gallery) -> None:
    with ThreadPoolExecutor(max_workers=1) as pool:
        with transaction.atomic():
            request_uploads(gallery, [upload_file("a.jpg"), upload_file("b.jpg")])
            other = pool.submit(
                elsewhere, lambda: request_uploads(gallery, [upload_file("c.jpg"), upload_file("a.jpg")])
            )
            assert not wait([other], timeout=0.3).done
        photos = [ticket.photo for ticket in other.result(timeout=10).tickets]
    assert [(photo.filename, photo.rank) for photo in photos if photo] == [("c.jpg", 3), ("a.jpg", 1)]


def test_new_files_get_rows_in_order_and_signed_uploads(gallery: Gallery) -> None:
    new_photo(gallery, rank=7)
    made = tickets(gallery, upload_file("b.jpg"), upload_file("a.jpg"))
    assert [(t.photo.filename, t.photo.rank, t.photo.state) for t in made if t.photo] == [
        ("b.jpg", 8, "pending"),
        ("a.jpg", 9, "pending"),
    ]
    for ticket in made:
        assert ticket.upload is not None
        assert ticket.photo is not None
        assert not ticket.in_parts
        assert f"/incoming/{gallery.studio_id}/{ticket.photo.pk}?" in ticket.upload.url


def test_file_twice_in_a_call_is_sent_once(gallery: Gallery) -> None:
    first, second = tickets(gallery, upload_file("a.jpg"), upload_file("a.jpg"))
    assert first.photo == second.photo
    assert first.upload is not None
    assert second.upload is None


@pytest.mark.parametrize(
    ("state", "sent_again"), [("pending", True), ("failed", True), ("uploaded", False), ("ready", False)]
)
def test_known_file_is_sent_again_only_where_that_helps(gallery: Gallery, state: str, *, sent_again: bool) -> None:
    photo = new_photo(gallery, state=state, sha256=upload_file("a.jpg").sha256)
    (ticket,) = tickets(gallery, upload_file("a.jpg"))
    assert ticket.photo == photo
    assert (ticket.upload is not None) is sent_again
    photo.refresh_from_db()
    assert photo.state == ("pending" if sent_again else state)
    assert photo.error == ""


def test_photo_whose_task_is_lost_can_be_added_again(gallery: Gallery) -> None:
    long_ago = timezone.now() - timedelta(hours=2)
    photo = new_photo(gallery, state="uploaded", sha256=upload_file("a.jpg").sha256, updated_at=long_ago)
    (ticket,) = tickets(gallery, upload_file("a.jpg"))
    assert ticket.upload is not None
    assert confirm_upload(photo)
    assert TaskRow.objects.get().args == [str(photo.pk)]


def test_file_of_another_gallery_is_new_here(gallery: Gallery, foreign: Gallery) -> None:
    new_photo(foreign, sha256=upload_file("a.jpg").sha256)
    (ticket,) = tickets(gallery, upload_file("a.jpg"))
    assert ticket.upload is not None
    assert ticket.photo is not None
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


def test_large_file_goes_in_parts(gallery: Gallery) -> None:
    small, large = tickets(gallery, upload_file("s.jpg", size=PARTS_FROM - 1), upload_file("l.jpg", size=PARTS_FROM))
    assert (small.in_parts, small.upload is not None) == (False, True)
    assert (large.in_parts, large.upload is not None) == (True, False)


def test_what_has_no_room_gets_no_row_and_what_fits_is_taken(gallery: Gallery) -> None:
    leave(gallery.studio, 25)
    signed = request_uploads(gallery, [upload_file("a.jpg"), upload_file("b.jpg", size=20), upload_file("c.jpg")])
    assert [ticket.photo is not None for ticket in signed.tickets] == [True, False, True]
    assert signed.left == 7
    assert Photo.objects.count() == 2


def test_the_last_byte_may_be_used(gallery: Gallery) -> None:
    leave(gallery.studio, 9)
    signed = request_uploads(gallery, [upload_file("a.jpg"), upload_file("b.jpg", size=1)])
    assert [ticket.upload is not None for ticket in signed.tickets] == [True, False]
    assert signed.left == 0


def test_promised_room_is_gone_for_others_but_not_twice_for_itself(gallery: Gallery) -> None:
    leave(gallery.studio, 10)
    for _ in range(3):
        assert tickets(gallery, upload_file("a.jpg"))[0].upload is not None
    (other,) = tickets(gallery, upload_file("b.jpg"))
    assert other.photo is None


def test_a_promise_ends_after_a_day(gallery: Gallery) -> None:
    leave(gallery.studio, 10)
    tickets(gallery, upload_file("a.jpg"))
    Photo.objects.update(updated_at=timezone.now() - timedelta(days=1, minutes=1))
    assert tickets(gallery, upload_file("b.jpg"))[0].upload is not None
    assert tickets(gallery, upload_file("a.jpg"))[0].photo is None


def test_room_is_counted_by_what_was_signed_first(gallery: Gallery) -> None:
    """Nobody gets past the quota by describing a known file as smaller than it is."""
    tickets(gallery, upload_file("a.jpg", size=1000))
    Photo.objects.update(updated_at=timezone.now() - timedelta(days=2))
    leave(gallery.studio, 10)
    assert tickets(gallery, upload_file("a.jpg", size=1))[0].photo is None


def test_a_file_that_is_here_needs_no_room(gallery: Gallery) -> None:
    new_photo(gallery, sha256=upload_file("a.jpg").sha256)
    leave(gallery.studio, 0)
    (ticket,) = tickets(gallery, upload_file("a.jpg"))
    assert ticket.photo is not None


def test_another_studios_uploads_take_no_room(gallery: Gallery, foreign: Gallery) -> None:
    leave(gallery.studio, 9)
    tickets(foreign, upload_file("a.jpg"))
    assert tickets(gallery, upload_file("b.jpg"))[0].upload is not None


@pytest.mark.django_db(transaction=True)
def test_parallel_calls_cannot_exceed_the_quota(gallery: Gallery) -> None:
    leave(gallery.studio, 9 * 3)

    def ask(n: int) -> int:
        signed = elsewhere(lambda: request_uploads(gallery, [upload_file(f"{n}-{m}.jpg") for m in range(2)]))
        return sum(ticket.photo is not None for ticket in signed.tickets)

    with ThreadPoolExecutor(max_workers=4) as pool:
        assert sum(pool.map(ask, range(4))) == 3
    assert Photo.objects.count() == 3


def test_usage_follows_a_photo_from_arrival_to_failure_and_back(gallery: Gallery) -> None:
    tickets(gallery, upload_file("a.jpg"))
    photo = Photo.objects.get()
    assert used(gallery.studio) == 0
    for _ in range(2):
        confirm_upload(photo)
    assert used(gallery.studio) == 9
    for _ in range(2):
        fail_photo(photo.pk, reason="This file is cut off.")
    assert used(gallery.studio) == 0
    tickets(gallery, upload_file("a.jpg"))
    confirm_upload(photo)
    assert used(gallery.studio) == 9


def test_a_photo_whose_task_is_lost_is_not_counted_twice(gallery: Gallery) -> None:
    tickets(gallery, upload_file("a.jpg"))
    photo = Photo.objects.get()
    confirm_upload(photo)
    Photo.objects.update(updated_at=timezone.now() - timedelta(hours=2))
    leave(gallery.studio, 0)
    assert tickets(gallery, upload_file("a.jpg"))[0].upload is not None
    assert used(gallery.studio) == 0
    confirm_upload(photo)
    assert used(gallery.studio) == 9


@pytest.mark.parametrize(("state", "given_back"), [("ready", 9), ("uploaded", 9), ("failed", 0), ("pending", 0)])
def test_a_deleted_photo_gives_its_room_back(gallery: Gallery, state: str, given_back: int) -> None:
    photo = new_photo(gallery, state=state)
    Studio.objects.filter(pk=gallery.studio_id).update(used_bytes=100)
    photo.delete()
    assert used(gallery.studio) == 100 - given_back


def test_a_form_that_was_open_meanwhile_takes_no_usage_back(studio: Studio) -> None:
    Studio.objects.filter(pk=studio.pk).update(used_bytes=7)
    studio.name = "Renamed"
    studio.save()
    studio.refresh_from_db()
    assert (studio.name, studio.used_bytes) == ("Renamed", 7)


def test_usage_never_falls_below_nothing(gallery: Gallery) -> None:
    photo = new_photo(gallery, state="uploaded")
    assert fail_photo(photo.pk, reason="x")
    assert used(gallery.studio) == 0


def test_cancelling_forgets_what_has_not_arrived(gallery: Gallery) -> None:
    pending, arrived = new_photo(gallery, state="pending"), new_photo(gallery, state="uploaded")
    assert cancel_upload(pending)
    assert not cancel_upload(pending)
    assert not cancel_upload(arrived)
    assert Photo.objects.get() == arrived
    assert not Multipart.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_file_that_arrives_while_it_is_cancelled_stays(gallery: Gallery) -> None:
    tickets(gallery, upload_file("a.jpg"))
    photo = Photo.objects.get()
    with ThreadPoolExecutor(max_workers=1) as pool:
        with transaction.atomic():
            assert confirm_upload(photo)
            cancelling = pool.submit(elsewhere, lambda: cancel_upload(photo))
            assert not wait([cancelling], timeout=0.3).done
        assert not cancelling.result(timeout=10)
    assert (Photo.objects.get().state, used(gallery.studio)) == ("uploaded", 9)

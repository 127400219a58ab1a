import hashlib
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from app.galleries.models import Gallery
from app.uploads.actions import confirm_upload, request_uploads
from app.uploads.files import UploadFile
from serverless.tasks.models import TaskRow
from tests.app.conftest import elsewhere, new_photo

pytestmark = pytest.mark.django_db


def upload_file(name: str) -> UploadFile:
    digest = hashlib.sha256(name.encode()).hexdigest()
    return UploadFile(name=name, size=9, content_type="image/jpeg", sha256=digest)


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

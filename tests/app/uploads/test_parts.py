"""Large files through the page's addresses and the S3 of this machine."""

import hashlib
import json
import os
import socket
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from app.accounts.quota import lock_studio
from app.galleries.models import Gallery, Photo
from app.uploads.models import Multipart
from app.uploads.parts import PART_BYTES
from app.uploads.tasks import drop_unfinished_parts
from serverless.storage import MIN_PART_BYTES, create_multipart, list_parts, stored_size
from serverless.tasks.models import TaskRow
from tests import aws
from tests.app.conftest import elsewhere, new_photo
from tests.serverless.storage.conftest import point_storage_at
from tests.serverless.storage.test_multipart import put

pytestmark = pytest.mark.django_db

FILE = bytes(range(256)) * 4096 * 17  # 17 MiB: two whole parts and a short one


@pytest.fixture
def photo(gallery: Gallery) -> Photo:
    return new_photo(gallery, state="pending", bytes=len(FILE), sha256=hashlib.sha256(FILE).hexdigest())


def post(client: Client, photo: Photo, address: str, body: object = None) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post(f"/studio/photos/{photo.pk}/{address}", text, content_type="application/json")


def part(number: int) -> bytes:
    return FILE[(number - 1) * PART_BYTES : number * PART_BYTES]


def ticket(client: Client, photo: Photo, number: int) -> Any:
    sha256 = hashlib.sha256(part(number)).hexdigest()
    return post(client, photo, "parts/sign/", {"number": number, "sha256": sha256})


def send(client: Client, photo: Photo, *numbers: int) -> None:
    for number in numbers:
        signed = ticket(client, photo, number).json()
        assert put(signed["url"], signed["headers"], part(number)) == 200


def multipart_ids(photo: Photo) -> set[str]:
    found = aws.client("s3").list_multipart_uploads(Bucket=os.environ["MEDIA_BUCKET"], Prefix=photo.incoming_key)
    return {upload["UploadId"] for upload in found.get("Uploads", [])}


def arrived(client: Client, photo: Photo) -> list[int]:
    return [each["number"] for each in post(client, photo, "parts/").json()["parts"]]


def test_a_large_file_arrives_in_parts(studio_client: Client, photo: Photo) -> None:
    assert post(studio_client, photo, "parts/").json() == {"part_bytes": PART_BYTES, "parts": []}
    send(studio_client, photo, 3, 1, 2)
    assert post(studio_client, photo, "parts/finish/").status_code == 202
    photo.refresh_from_db()
    photo.studio.refresh_from_db()
    assert (photo.state, photo.studio.used_bytes) == ("uploaded", len(FILE))
    assert stored_size(photo.incoming_key) == len(FILE)
    assert not Multipart.objects.exists()
    assert TaskRow.objects.filter(path="app.galleries.tasks.develop_photo").count() == 1
    assert post(studio_client, photo, "parts/finish/").status_code == 202
    assert TaskRow.objects.filter(path="app.galleries.tasks.develop_photo").count() == 1


def test_who_comes_back_is_told_what_has_arrived(studio_client: Client, photo: Photo) -> None:
    post(studio_client, photo, "parts/")
    send(studio_client, photo, 2)
    assert arrived(studio_client, photo) == [2]
    assert Multipart.objects.count() == 1
    assert len(multipart_ids(photo)) == 1


def test_what_s3_has_forgotten_begins_anew(studio_client: Client, photo: Photo) -> None:
    post(studio_client, photo, "parts/")
    upload_id = Multipart.objects.get().upload_id
    aws.client("s3").abort_multipart_upload(
        Bucket=os.environ["MEDIA_BUCKET"], Key=photo.incoming_key, UploadId=upload_id
    )
    assert post(studio_client, photo, "parts/finish/").status_code == 409
    assert arrived(studio_client, photo) == []
    assert Multipart.objects.get().upload_id != upload_id
    send(studio_client, photo, 1, 2, 3)
    assert post(studio_client, photo, "parts/finish/").status_code == 202


def test_parts_keep_the_length_with_which_their_upload_began(studio_client: Client, photo: Photo) -> None:
    """A release that cuts files in another way continues what was begun before it."""
    upload_id = create_multipart(photo.incoming_key, content_type=photo.content_type)
    Multipart.objects.create(photo=photo, studio_id=photo.studio_id, upload_id=upload_id, part_bytes=MIN_PART_BYTES)
    assert post(studio_client, photo, "parts/").json()["part_bytes"] == MIN_PART_BYTES
    assert ticket(studio_client, photo, 4).status_code == 200
    assert ticket(studio_client, photo, 5).status_code == 409


def test_an_upload_with_a_part_missing_is_not_put_together(studio_client: Client, photo: Photo) -> None:
    post(studio_client, photo, "parts/")
    send(studio_client, photo, 1, 3)
    answer = post(studio_client, photo, "parts/finish/")
    assert (answer.status_code, "Not every part" in answer.json()["error"]) == (409, True)
    assert arrived(studio_client, photo) == [1, 3]
    photo.refresh_from_db()
    assert photo.state == "pending"


def test_a_lost_answer_to_the_last_call_does_no_harm(studio_client: Client, photo: Photo) -> None:
    post(studio_client, photo, "parts/")
    send(studio_client, photo, 1, 2, 3)
    begun = Multipart.objects.get()
    post(studio_client, photo, "parts/finish/")
    # As if the function had died between S3's answer and its own write.
    Photo.objects.filter(pk=photo.pk).update(state="pending")
    begun.save(force_insert=True)
    assert post(studio_client, photo, "parts/finish/").status_code == 202
    photo.refresh_from_db()
    assert photo.state == "uploaded"


def test_only_the_part_that_was_signed_is_taken(studio_client: Client, photo: Photo) -> None:
    post(studio_client, photo, "parts/")
    signed = ticket(studio_client, photo, 3).json()
    for url, headers, body in (
        (signed["url"], signed["headers"], part(3)[:-1]),
        (signed["url"], signed["headers"], part(3)[::-1]),
        (signed["url"].replace("partNumber=3", "partNumber=2"), signed["headers"], part(3)),
        (signed["url"].replace(str(photo.pk), "0" * 32), signed["headers"], part(3)),
        (signed["url"], signed["headers"] | {"content-type": "text/html"}, part(3)),
    ):
        assert put(url, headers, body) in {400, 403}
    assert arrived(studio_client, photo) == []


def test_the_length_of_a_part_is_the_servers_to_say(studio_client: Client, photo: Photo) -> None:
    """Somebody who signs a part with the checksum of a longer one cannot send it."""
    post(studio_client, photo, "parts/")
    body = {"number": 3, "sha256": hashlib.sha256(part(1)).hexdigest()}
    signed = post(studio_client, photo, "parts/sign/", body).json()
    assert put(signed["url"], signed["headers"], part(1)) == 403


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "null", '{"number": 1}', '{"number": "1", "sha256": "' + "0" * 64 + '"}', "[" * 100_000,
     {"number": 0, "sha256": "0" * 64}, {"number": 10_001, "sha256": "0" * 64}, {"number": True, "sha256": "0" * 64},
     {"number": 1.0, "sha256": "0" * 64}, {"number": 1, "sha256": "0" * 63}, {"number": 1, "sha256": "A" * 64},
     {"number": 1, "sha256": "0" * 64 + "\n"}, {"number": 1, "sha256": ["0" * 64]}],
)  # fmt: skip
def test_what_names_no_part_is_refused(studio_client: Client, photo: Photo, body: object) -> None:
    post(studio_client, photo, "parts/")
    answer = post(studio_client, photo, "parts/sign/", body)
    assert answer.status_code == 400
    assert answer.json()["error"]


@pytest.mark.parametrize("number", [4, 10_000])
def test_a_part_behind_the_end_is_not_signed(studio_client: Client, photo: Photo, number: int) -> None:
    post(studio_client, photo, "parts/")
    assert post(studio_client, photo, "parts/sign/", {"number": number, "sha256": "0" * 64}).status_code == 409


def test_nothing_is_signed_before_it_has_begun(studio_client: Client, photo: Photo) -> None:
    assert ticket(studio_client, photo, 1).status_code == 409
    assert post(studio_client, photo, "parts/finish/").status_code == 409


@pytest.mark.parametrize("state", ["uploaded", "ready", "failed"])
def test_nothing_is_begun_for_a_photo_that_waits_for_no_file(
    studio_client: Client, gallery: Gallery, state: str
) -> None:
    photo = new_photo(gallery, state=state)
    assert post(studio_client, photo, "parts/").status_code == 409
    assert ticket(studio_client, photo, 1).status_code == 409
    assert not multipart_ids(photo)


def test_after_a_day_the_room_has_to_be_asked_for_again(studio_client: Client, photo: Photo) -> None:
    post(studio_client, photo, "parts/")
    Photo.objects.update(updated_at=timezone.now() - timedelta(days=1, seconds=1))
    assert ticket(studio_client, photo, 1).status_code == 409
    assert post(studio_client, photo, "parts/").status_code == 409


def test_a_file_store_that_is_away_is_said_so(studio_client: Client, photo: Photo, settings: Settings) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        point_storage_at(settings, f"http://127.0.0.1:{unused.getsockname()[1]}")
        answer = post(studio_client, photo, "parts/")
    assert (answer.status_code, answer.json()["error"]) == (503, "The file store does not answer. Try again.")


def test_cancelling_drops_the_parts(studio_client: Client, photo: Photo) -> None:
    post(studio_client, photo, "parts/")
    send(studio_client, photo, 1)
    assert post(studio_client, photo, "cancel/").status_code == 200
    assert not multipart_ids(photo)
    assert not Photo.objects.exists()
    assert not Multipart.objects.exists()


def test_parts_that_nobody_continues_are_dropped_after_a_day(studio_client: Client, photo: Photo) -> None:
    post(studio_client, photo, "parts/")
    send(studio_client, photo, 1)
    row = TaskRow.objects.get()
    assert row.run_after is not None
    assert timedelta(hours=23) < row.run_after - timezone.now() <= timedelta(days=1)
    upload_id = Multipart.objects.get().upload_id
    Photo.objects.update(updated_at=timezone.now() - timedelta(days=1, seconds=1))
    assert drop_unfinished_parts.call(str(photo.pk)) == "dropped"
    assert not multipart_ids(photo)
    assert not Multipart.objects.exists()
    assert Photo.objects.get().state == "pending"
    assert upload_id
    assert drop_unfinished_parts.call(str(photo.pk)) == "ended"


def test_parts_that_somebody_continues_are_looked_at_again(studio_client: Client, photo: Photo) -> None:
    post(studio_client, photo, "parts/")
    send(studio_client, photo, 1)
    assert drop_unfinished_parts.call(str(photo.pk)) == "continued"
    assert len(list_parts(photo.incoming_key, upload_id=Multipart.objects.get().upload_id)) == 1
    first, second = TaskRow.objects.order_by("pk")
    assert first.path == second.path == "app.uploads.tasks.drop_unfinished_parts"


def test_one_studios_upload_is_none_of_the_others(studio_client: Client, photo: Photo, gallery: Gallery) -> None:
    """Parts go where their photo goes: no address takes an upload's id."""
    other = new_photo(gallery, state="pending", bytes=len(FILE))
    for each in (photo, other):
        post(studio_client, each, "parts/")
    mine, yours = (Multipart.objects.get(photo=each).upload_id for each in (photo, other))
    signed = ticket(studio_client, photo, 3).json()
    assert mine in signed["url"]
    assert put(signed["url"].replace(mine, yours), signed["headers"], part(3)) == 403
    assert arrived(studio_client, other) == []


@pytest.mark.django_db(transaction=True)
def test_photo_that_is_being_cancelled_begins_no_parts(studio_client: Client, photo: Photo) -> None:
    with ThreadPoolExecutor(max_workers=1) as pool:
        with transaction.atomic():
            lock_studio(photo.studio_id)
            beginning = pool.submit(elsewhere, lambda: post(studio_client, photo, "parts/").status_code)
            assert not wait([beginning], timeout=0.5).done
            Photo.objects.filter(pk=photo.pk).delete()
        assert beginning.result(timeout=10) == 409

"""Uploads in parts against the S3 of this machine, whose door checks parts and completions as S3 does."""

import base64
import hashlib
import http.client
import os
import socket
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.storage import default_storage
from pytest_django.fixtures import Settings

from serverless.ids import uuid7
from serverless.storage import (
    MAX_PARTS,
    MIN_PART_BYTES,
    MultipartFailed,
    NoSuchMultipart,
    Part,
    PresignedUpload,
    abort_multipart,
    complete_multipart,
    create_multipart,
    list_parts,
    part_sizes,
    presign_part,
    stored_size,
)
from tests import aws
from tests.serverless.storage.conftest import StandIn, point_storage_at

FIRST = b"\xff" * MIN_PART_BYTES
LAST = b" the end"


@pytest.fixture
def key() -> str:
    return f"incoming/parts/{uuid7()} ä+b"


@pytest.fixture
def upload(key: str) -> Iterator[str]:
    upload_id = create_multipart(key, content_type="image/jpeg")
    yield upload_id
    abort_multipart(key, upload_id=upload_id)


def signed(key: str, upload: str, number: int, body: bytes) -> PresignedUpload:
    digest = hashlib.sha256(body).hexdigest()
    return presign_part(key, upload_id=upload, number=number, content_type="image/jpeg", size=len(body), sha256=digest)


def put(url: str, headers: dict[str, str], body: bytes) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    connection.request("PUT", f"{parts.path}?{parts.query}", body, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def send(key: str, upload: str, number: int, body: bytes) -> None:
    ticket = signed(key, upload, number, body)
    assert put(ticket.url, ticket.headers, body) == 200


def test_parts_sent_in_any_order_become_one_object(key: str, upload: str) -> None:
    send(key, upload, 2, LAST)
    send(key, upload, 1, FIRST)
    parts = list_parts(key, upload_id=upload)
    assert [(part.number, part.size) for part in parts] == [(1, len(FIRST)), (2, len(LAST))]
    assert parts[1].sha256 == base64.b64encode(hashlib.sha256(LAST).digest()).decode()
    assert stored_size(key) is None
    complete_multipart(key, upload_id=upload, parts=parts)
    assert stored_size(key) == len(FIRST) + len(LAST)
    with default_storage.open(key) as stored:
        assert stored.read() == FIRST + LAST
    head = aws.client("s3").head_object(Bucket=os.environ["MEDIA_BUCKET"], Key=key)
    assert head["ContentType"] == "image/jpeg"


def test_a_completed_upload_is_gone(key: str, upload: str) -> None:
    send(key, upload, 1, LAST)
    complete_multipart(key, upload_id=upload, parts=list_parts(key, upload_id=upload))
    with pytest.raises(NoSuchMultipart):
        list_parts(key, upload_id=upload)


def test_an_aborted_upload_is_gone_and_aborting_again_is_no_error(key: str, upload: str) -> None:
    send(key, upload, 1, LAST)
    for _ in range(2):
        abort_multipart(key, upload_id=upload)
    with pytest.raises(NoSuchMultipart):
        list_parts(key, upload_id=upload)
    assert put(signed(key, upload, 1, LAST).url, signed(key, upload, 1, LAST).headers, LAST) == 404


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, LAST + b"!"),
        ({}, LAST[:-1] + b"!"),
        ({"content-type": "text/html"}, LAST),
        ({"x-amz-checksum-sha256": base64.b64encode(hashlib.sha256(b"!").digest()).decode()}, LAST),
    ],
)
def test_a_part_that_was_not_signed_is_refused(key: str, upload: str, headers: dict[str, str], body: bytes) -> None:
    ticket = signed(key, upload, 1, LAST)
    assert put(ticket.url, ticket.headers | headers, body) in {400, 403}
    assert list_parts(key, upload_id=upload) == []


@pytest.mark.parametrize(
    "change", [("partNumber=1", "partNumber=2"), ("/parts/", "/others/"), ("uploadId=", "uploadId=x")]
)
def test_another_part_key_or_upload_is_refused(key: str, upload: str, change: tuple[str, str]) -> None:
    ticket = signed(key, upload, 1, LAST)
    assert put(ticket.url.replace(*change), ticket.headers, LAST) == 403
    assert list_parts(key, upload_id=upload) == []


def test_an_upload_belongs_to_its_key(key: str, upload: str) -> None:
    other = f"{key} of somebody else"
    ticket = signed(other, upload, 1, LAST)
    assert put(ticket.url, ticket.headers, LAST) == 404
    with pytest.raises(NoSuchMultipart):
        list_parts(other, upload_id=upload)
    with pytest.raises(NoSuchMultipart):
        complete_multipart(other, upload_id=upload, parts=[Part(number=1, size=1, etag="e", sha256="s")])


def test_length_type_and_checksum_are_signed_for_five_minutes(key: str) -> None:
    query = parse_qs(urlsplit(signed(key, "upload", 7, LAST).url).query)
    assert query["X-Amz-SignedHeaders"] == ["content-length;content-type;host;x-amz-checksum-sha256"]
    assert query["X-Amz-Expires"] == ["300"]
    assert (query["partNumber"], query["uploadId"]) == (["7"], ["upload"])


def test_a_completion_with_other_checksums_is_refused(key: str, upload: str) -> None:
    send(key, upload, 1, LAST)
    (part,) = list_parts(key, upload_id=upload)
    for sha256 in ("", "AAAA"):
        wrong = Part(number=1, size=part.size, etag=part.etag, sha256=sha256)
        with pytest.raises(MultipartFailed, match="S3 answered 400 Invalid"):
            complete_multipart(key, upload_id=upload, parts=[wrong])
    assert stored_size(key) is None


def test_sizes_of_parts() -> None:
    assert part_sizes(1, part_bytes=MIN_PART_BYTES) == [1]
    assert part_sizes(2 * MIN_PART_BYTES, part_bytes=MIN_PART_BYTES) == [MIN_PART_BYTES] * 2
    assert part_sizes(2 * MIN_PART_BYTES + 1, part_bytes=MIN_PART_BYTES) == [MIN_PART_BYTES, MIN_PART_BYTES, 1]


@pytest.mark.parametrize(
    ("size", "part_bytes"),
    [(0, MIN_PART_BYTES), (10**9, MIN_PART_BYTES - 1), (MIN_PART_BYTES * MAX_PARTS + 1, MIN_PART_BYTES)],
)
def test_parts_that_s3_would_refuse(size: int, part_bytes: int) -> None:
    with pytest.raises(ValueError, match="part"):
        part_sizes(size, part_bytes=part_bytes)


@pytest.mark.parametrize(("number", "size"), [(0, 1), (MAX_PARTS + 1, 1), (1, 0), (1, 6 * 1024**3)])
def test_a_part_that_s3_would_refuse_is_not_signed(number: int, size: int) -> None:
    with pytest.raises(ValueError, match="A part"):
        presign_part("k", upload_id="u", number=number, content_type="image/jpeg", size=size, sha256="0" * 64)


def listed(number: int, *, more: bool) -> str:
    """One page of ListParts, as the API reference prints it."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ListPartsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <PartNumberMarker>{number - 1}</PartNumberMarker><NextPartNumberMarker>{number}</NextPartNumberMarker>
  <MaxParts>1</MaxParts><IsTruncated>{str(more).lower()}</IsTruncated>
  <Part><PartNumber>{number}</PartNumber><ETag>"e{number}"</ETag><Size>{number}</Size>
  <ChecksumSHA256>c{number}=</ChecksumSHA256></Part>
</ListPartsResult>"""


def test_parts_are_listed_to_the_last_page(stand_in: StandIn) -> None:
    stand_in.answers = [(200, listed(1, more=True)), (200, listed(2, more=False))]
    assert list_parts("k", upload_id="u/+") == [
        Part(number=1, size=1, etag='"e1"', sha256="c1="),
        Part(number=2, size=2, etag='"e2"', sha256="c2="),
    ]
    assert [line.partition("?")[2] for line in stand_in.asked] == [
        "part-number-marker=0&uploadId=u%2F%2B",
        "part-number-marker=1&uploadId=u%2F%2B",
    ]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        # Begun with 200, failed on the way.
        ((200, "<Error><Code>InternalError</Code></Error>"), "could not complete the upload: InternalError"),
        ((503, "<Error><Code>SlowDown</Code></Error>"), "answered 503 SlowDown"),
        ((403, ""), "answered 403"),
        ((200, "<html>"), "no XML"),
    ],
)
def test_what_s3_could_not_do_is_a_failure(stand_in: StandIn, answer: tuple[int, str], said: str) -> None:
    stand_in.answers = [answer]
    with pytest.raises(MultipartFailed, match=said):
        complete_multipart("k", upload_id="u", parts=[Part(number=1, size=1, etag="e", sha256="s")])


def test_s3_that_is_away_is_said_so(settings: Settings) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        point_storage_at(settings, f"http://127.0.0.1:{unused.getsockname()[1]}")
        with pytest.raises(MultipartFailed, match="S3 could not be reached: ConnectionRefusedError"):
            create_multipart("k", content_type="image/jpeg")

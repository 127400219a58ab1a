"""Presigned uploads against the S3 of this machine, whose door checks signatures as S3 does."""

import hashlib
import http.client
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.storage import default_storage

from serverless.storage import PresignedUpload, presign_upload

BODY = b"\xff\xd8\xff a photograph"


def presign(key: str = "incoming/s/p", body: bytes = BODY) -> PresignedUpload:
    return presign_upload(key, content_type="image/jpeg", size=len(body), sha256=hashlib.sha256(body).hexdigest())


def put(url: str, headers: dict[str, str], body: bytes) -> int:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    connection.request("PUT", f"{parts.path}?{parts.query}", body, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_the_signed_file_arrives(request: pytest.FixtureRequest) -> None:
    key = f"incoming/uploads/{request.node.name} with space+ä"
    signed = presign(key)
    assert put(signed.url, signed.headers, BODY) == 200
    with default_storage.open(key) as stored:
        assert stored.read() == BODY


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, BODY + b"!"),
        ({}, BODY[:-1] + b"!"),
        ({"content-type": "text/html"}, BODY),
        ({"x-amz-checksum-sha256": "AAAA"}, BODY),
    ],
)
def test_anything_else_is_refused(headers: dict[str, str], body: bytes, request: pytest.FixtureRequest) -> None:
    key = f"incoming/refused/{hashlib.sha256(request.node.name.encode()).hexdigest()}"
    signed = presign(key)
    assert put(signed.url, signed.headers | headers, body) in {400, 403}
    assert not default_storage.exists(key)


def test_the_url_signs_length_type_and_checksum_and_ends_in_five_minutes() -> None:
    query = parse_qs(urlsplit(presign().url).query)
    assert query["X-Amz-SignedHeaders"] == ["content-length;content-type;host;x-amz-checksum-sha256"]
    assert query["X-Amz-Expires"] == ["300"]


def test_another_key_is_refused() -> None:
    signed = presign("incoming/s/mine")
    assert put(signed.url.replace("/mine?", "/yours?"), signed.headers, BODY) == 403


@pytest.mark.parametrize(
    ("size", "digest"), [(0, "0" * 64), (-1, "0" * 64), (6 * 1024**3, "0" * 64), (1, "ab"), (1, "zz")]
)
def test_what_s3_would_refuse_is_refused_before_signing(size: int, digest: str) -> None:
    with pytest.raises(ValueError, match=r"single PUT|64 hexadecimal|non-hexadecimal"):
        presign_upload("incoming/x", content_type="image/jpeg", size=size, sha256=digest)

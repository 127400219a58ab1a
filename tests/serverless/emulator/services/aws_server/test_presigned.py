"""Against the server that all tests share; boto3 signs too, so that the judge is not only checked by its own code."""

import base64
import hashlib
import http.client
import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from serverless.ids import uuid7
from serverless.sigv4 import Credentials, presign
from tests.plugin import ORIGIN

BODY = b"not really a photograph" * 1000
CREDENTIALS = Credentials(access_key="local", secret_key="local-secret")


def checksum(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


HEADERS = {"content-type": "image/jpeg", "content-length": str(len(BODY)), "x-amz-checksum-sha256": checksum(BODY)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def send(method: str, url: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    connection.request(
        method,
        f"{parts.path}?{parts.query}" if parts.query else parts.path,
        body=body,
        headers={"Origin": ORIGIN, **headers},
    )
    answer = connection.getresponse()
    result = Answer(
        status=answer.status, headers={name.lower(): value for name, value in answer.getheaders()}, body=answer.read()
    )
    connection.close()
    return result


@pytest.fixture
def target() -> str:
    return f"{os.environ['AWS_ENDPOINT_URL']}/{os.environ['MEDIA_BUCKET']}/incoming/a%20b%C3%A4/{uuid7()}"


def signed(target: str, *, age: float = 0, access_key: str = "local", changes: Mapping[str, str] | None = None) -> str:
    return presign(
        "PUT",
        target,
        service="s3",
        region="us-east-1",
        credentials=Credentials(access_key=access_key, secret_key="local-secret"),
        headers={**HEADERS, **(changes or {})},
        expires=300,
        now=datetime.now(UTC) - timedelta(seconds=age),
    )


def read(target: str) -> Answer:
    url = presign("GET", target, service="s3", region="us-east-1", credentials=CREDENTIALS, expires=60)
    return send("GET", url, {})


def test_right_upload_is_stored_as_promised(target: str) -> None:
    answer = send("PUT", signed(target), HEADERS, BODY)

    assert answer.status == 200, answer.body
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "ETag" in answer.headers["access-control-expose-headers"]
    stored = read(target)
    assert (stored.status, stored.body, stored.headers["content-type"]) == (200, BODY, "image/jpeg")


def test_checksum_is_kept_with_the_object(target: str) -> None:
    send("PUT", signed(target), HEADERS, BODY)

    s3 = boto3.client("s3")
    bucket, _, key = urlsplit(target).path[1:].partition("/")
    key = key.replace("%20", " ").replace("%C3%A4", "ä")
    head = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"] == checksum(BODY)
    assert head["ContentType"] == "image/jpeg"


WRONG: dict[str, tuple[dict[str, str], bytes, int, str]] = {
    "type": (HEADERS | {"content-type": "text/html"}, BODY, 403, "SignatureDoesNotMatch"),
    "length": (HEADERS | {"content-length": str(len(BODY) + 1)}, BODY + b"x", 403, "SignatureDoesNotMatch"),
    "checksum header": (HEADERS | {"x-amz-checksum-sha256": checksum(b"")}, BODY, 403, "SignatureDoesNotMatch"),
    "no checksum header": ({k: v for k, v in HEADERS.items() if "amz" not in k}, BODY, 403, "SignatureDoesNotMatch"),
    "body": (HEADERS, BODY[::-1], 400, "BadDigest"),
    "header that is not signed": (HEADERS | {"x-amz-acl": "public-read"}, BODY, 403, "<HeadersNotSigned>x-amz-acl<"),
}


@pytest.mark.parametrize("name", WRONG)
def test_upload_that_differs_from_what_was_signed_is_refused(name: str, target: str) -> None:
    headers, body, status, code = WRONG[name]

    answer = send("PUT", signed(target), headers, body)

    assert (answer.status, code in answer.body.decode()) == (status, True), answer.body
    assert answer.headers["content-type"] == "application/xml"
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert read(target).status == 404


def tampered(target: str) -> Iterator[tuple[str, int, str]]:
    url = signed(target)
    yield url.replace("/incoming/", "/originals/"), 403, "SignatureDoesNotMatch"
    yield url.replace("X-Amz-Expires=300", "X-Amz-Expires=3000"), 403, "SignatureDoesNotMatch"
    yield f"{url}&x-amz-acl=public-read", 403, "SignatureDoesNotMatch"
    yield url[:-1] + ("0" if url[-1] != "0" else "1"), 403, "SignatureDoesNotMatch"
    yield url.replace("X-Amz-Expires=300", "X-Amz-Expires=604801"), 400, "AuthorizationQueryParametersError"
    yield url.replace("X-Amz-Date", "X-Amz-Day"), 400, "AuthorizationQueryParametersError"
    yield url.replace("%2Fs3%2F", "%2Fsqs%2F"), 400, "AuthorizationQueryParametersError"
    yield signed(target, age=301), 403, "Request has expired"
    yield signed(target, age=-1000), 403, "Request is not valid yet"
    yield signed(target, access_key="stolen"), 403, "InvalidAccessKeyId"
    yield signed(target, changes={"x-amz-checksum-sha256": "short"}), 403, "SignatureDoesNotMatch"


def test_tampered_expired_and_foreign_urls_are_refused(target: str) -> None:
    for url, status, code in tampered(target):
        answer = send("PUT", url, HEADERS, BODY)
        assert (answer.status, code in answer.body.decode()) == (status, True), (url, answer.body)
        assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert read(target).status == 404


def test_other_method_than_signed_is_refused(target: str) -> None:
    assert send("DELETE", signed(target), HEADERS, BODY).status == 403


def test_checksum_that_is_none_is_refused(target: str) -> None:
    headers = HEADERS | {"x-amz-checksum-sha256": "short"}
    answer = send("PUT", signed(target, changes=headers), headers, BODY)
    assert (answer.status, b"InvalidRequest" in answer.body) == (400, True)


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/moto-api/reset")])
def test_anonymous_requests_are_refused(method: str, path: str, target: str) -> None:
    send("PUT", signed(target), HEADERS, BODY)
    url = f"{os.environ['AWS_ENDPOINT_URL']}{path}" if path else target
    answer = send(method, url, {}, b"anonymous")
    assert (answer.status, b"<Code>AccessDenied</Code>" in answer.body) == (403, True)
    assert read(target).body == BODY


def test_missing_object_is_moto_s_to_answer_with_the_browsers_headers(target: str) -> None:
    answer = read(target)
    assert answer.status == 404
    assert answer.headers["access-control-allow-origin"] == ORIGIN


def test_body_cut_short_is_not_stored(target: str) -> None:
    url = urlsplit(signed(target))
    head = "".join(f"{name}: {value}\r\n" for name, value in {"host": url.netloc, **HEADERS}.items())
    with socket.create_connection((url.hostname, url.port), timeout=5) as client:
        client.sendall(f"PUT {url.path}?{url.query} HTTP/1.1\r\n{head}\r\n".encode() + BODY[:100])
        client.shutdown(socket.SHUT_WR)
        answer = client.makefile("rb").read()
    assert b"IncompleteBody" in answer
    assert read(target).status == 404


@pytest.mark.parametrize("operation", ["get_object", "put_object", "head_object"])
def test_urls_that_boto3_signs_are_accepted(operation: str, target: str) -> None:
    send("PUT", signed(target), HEADERS, BODY)
    s3 = boto3.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "path"}))
    bucket, _, key = urlsplit(target).path[1:].partition("/")
    key = key.replace("%20", " ").replace("%C3%A4", "ä")
    extra = {"ResponseContentDisposition": 'attachment; filename="a b.jpg"'} if operation == "get_object" else {}
    url = s3.generate_presigned_url(operation, Params={"Bucket": bucket, "Key": key, **extra}, ExpiresIn=60)
    assert "X-Amz-Signature" in url

    answer = send(operation.partition("_")[0].upper(), url, {}, BODY if operation == "put_object" else b"")

    assert answer.status == 200, answer.body
    if extra:
        assert answer.headers["content-disposition"] == extra["ResponseContentDisposition"]

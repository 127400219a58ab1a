"""Against botocore, byte for byte: it is the reference that AWS itself ships."""

import subprocess
import sys
from datetime import UTC, datetime
from http.client import HTTPMessage
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials

from serverless import sigv4

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKENS = [None, "FwoGZXIvYXdzE/session+token=="]


def clock(stamp: str) -> datetime:
    """Return the time that botocore signed at: it reads the clock itself, so ours follows."""
    return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("body", [b"", b'{"QueueUrl": "x"}'])
def test_signed_headers_equal_botocore_s(token: str | None, body: bytes) -> None:
    url = "https://sqs.eu-central-1.amazonaws.com/"
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessageBatch"}
    request = AWSRequest("POST", url, headers=headers, data=body)
    botocore.auth.SigV4Auth(BotoCredentials("AKID", SECRET, token), "sqs", "eu-central-1").add_auth(request)
    ours = sigv4.sign(
        "POST",
        url,
        service="sqs",
        region="eu-central-1",
        credentials=sigv4.Credentials(access_key="AKID", secret_key=SECRET, token=token),
        headers=headers,
        body=body,
        now=clock(request.headers["X-Amz-Date"]),
    )
    assert ours["authorization"] == request.headers["Authorization"]
    assert ours["x-amz-date"] == request.headers["X-Amz-Date"]
    assert ours.get("x-amz-security-token") == request.headers.get("X-Amz-Security-Token")


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize(
    ("method", "url", "headers"),
    [
        ("GET", "https://bucket.s3.us-east-1.amazonaws.com/originals/a/b.jpg", {}),
        ("GET", "https://bucket.s3.us-east-1.amazonaws.com/a?response-content-disposition=attachment%3B%20x", {}),
        (
            "PUT",
            "https://bucket.s3.us-east-1.amazonaws.com/incoming/a/b%20c",
            {"content-type": "image/jpeg", "content-length": "12", "x-amz-checksum-sha256": "A+/="},
        ),
    ],
)
def test_presigned_urls_equal_botocore_s(token: str | None, method: str, url: str, headers: dict[str, str]) -> None:
    request = AWSRequest(method, url, headers=headers)
    signer: Any = botocore.auth.S3SigV4QueryAuth(BotoCredentials("AKID", SECRET, token), "s3", "us-east-1", expires=300)
    # botocore leaves some headers out of presigned signatures; S3 takes whatever X-Amz-SignedHeaders names.
    signer.headers_to_sign = _all_headers
    signer.add_auth(request)
    theirs = str(request.url)
    ours = sigv4.presign(
        method,
        url,
        service="s3",
        region="us-east-1",
        credentials=sigv4.Credentials(access_key="AKID", secret_key=SECRET, token=token),
        headers=headers,
        expires=300,
        now=clock(dict(parse_qsl(urlsplit(theirs).query))["X-Amz-Date"]),
    )
    assert _parts(ours) == _parts(theirs)


def _all_headers(request: AWSRequest) -> Any:
    message = HTTPMessage()
    for name, value in request.headers.items():
        message[name.lower()] = value
    if "host" not in message:
        message["host"] = "bucket.s3.us-east-1.amazonaws.com"
    return message


def _parts(url: str) -> tuple[str, list[str]]:
    path, _, query = url.partition("?")
    return path, sorted(query.split("&"))


def test_secrets_are_not_in_the_repr() -> None:
    assert SECRET not in repr(sigv4.Credentials(access_key="AKID", secret_key=SECRET, token="tok-secret"))
    assert "tok-secret" not in repr(sigv4.Credentials(access_key="AKID", secret_key=SECRET, token="tok-secret"))


def test_missing_credentials_say_what_sets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    with pytest.raises(sigv4.MissingCredentials, match="AWS_SECRET_ACCESS_KEY is not set"):
        sigv4.Credentials.from_environ()


def test_only_the_standard_library_is_imported() -> None:
    code = "import sys; before = set(sys.modules); import serverless.sigv4; print(sorted({m.split('.')[0] for m in set(sys.modules) - before} - set(sys.stdlib_module_names)))"  # noqa: E501
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['serverless']"

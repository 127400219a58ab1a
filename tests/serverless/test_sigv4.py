"""Against botocore, byte for byte: it is the reference that AWS itself ships."""

import subprocess
import sys
from datetime import UTC, datetime
from http.client import HTTPMessage
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import boto3
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
@pytest.mark.parametrize(
    ("service", "version", "target"),
    [("sqs", "1.0", "AmazonSQS.SendMessageBatch"), ("secretsmanager", "1.1", "secretsmanager.GetSecretValue")],
)
def test_signed_headers_equal_botocore_s(
    token: str | None, body: bytes, service: str, version: str, target: str
) -> None:
    url = f"https://{service}.eu-central-1.amazonaws.com/"
    headers = {"content-type": f"application/x-amz-json-{version}", "x-amz-target": target}
    request = AWSRequest("POST", url, headers=headers, data=body)
    botocore.auth.SigV4Auth(BotoCredentials("AKID", SECRET, token), service, "eu-central-1").add_auth(request)
    ours = sigv4.sign(
        "POST",
        url,
        service=service,
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


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("user", ["web", "web+reader@shop/é"])
def test_database_tokens_equal_botocore_s(token: str | None, user: str) -> None:
    host, region = "loupe.proxy-abc.eu-central-1.rds.amazonaws.com", "eu-central-1"
    session = boto3.Session("AKID", SECRET, token, region_name=region)
    # As RDS would be reached on AWS: the endpoint of these tests has no say in it.
    theirs = session.client("rds", endpoint_url="https://rds.eu-central-1.amazonaws.com").generate_db_auth_token(
        DBHostname=host, Port=5432, DBUsername=user
    )
    ours = sigv4.rds_token(
        host,
        port=5432,
        user=user,
        region=region,
        credentials=sigv4.Credentials(access_key="AKID", secret_key=SECRET, token=token),
        now=clock(dict(parse_qsl(urlsplit(f"https://{theirs}").query))["X-Amz-Date"]),
    )
    assert ours == theirs


def test_it_stays_small_enough_to_be_read() -> None:
    assert len(Path(sigv4.__file__).read_text().splitlines()) <= 120


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

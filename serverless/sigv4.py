"""AWS Signature Version 4 with the standard library.

A botocore client costs 215-300 ms of CPU in a cold start; the web function needs two signatures of it, SQS sends and
presigned uploads. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self
from urllib.parse import parse_qsl, quote, urlsplit

from serverless.exceptions import ServerlessError

__all__ = ["Credentials", "MissingCredentials", "presign", "sign"]

_ALGORITHM = "AWS4-HMAC-SHA256"
_UNSIGNED = "UNSIGNED-PAYLOAD"


class MissingCredentials(ServerlessError):
    """AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set: Lambda sets both from the function's role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)

    @classmethod
    def from_environ(cls) -> Self:
        """Read the credentials that Lambda puts into the environment. Raises MissingCredentials."""
        try:
            return cls(
                access_key=os.environ["AWS_ACCESS_KEY_ID"],
                secret_key=os.environ["AWS_SECRET_ACCESS_KEY"],
                token=os.environ.get("AWS_SESSION_TOKEN"),
            )
        except KeyError as error:
            raise MissingCredentials(f"{error.args[0]} is not set. {MissingCredentials.__doc__}") from None


def sign(
    method: str,
    url: str,
    *,
    service: str,
    region: str,
    credentials: Credentials,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime | None = None,
) -> dict[str, str]:
    """Return all headers to send with a request: ``headers``, in lower case, and what authenticates them and ``body``.

    Every header given is signed, ``host`` is added. ``url`` is sent as it stands: already percent-encoded.
    """
    stamp = _stamp(now)
    signed = {name.lower(): value for name, value in headers.items()}
    signed |= {"host": urlsplit(url).netloc, "x-amz-date": stamp}
    if credentials.token:
        signed["x-amz-security-token"] = credentials.token
    digest = hashlib.sha256(body).hexdigest()
    if service == "s3":
        signed["x-amz-content-sha256"] = digest
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    signature = _signature(_canonical(method, url, query, signed, digest), scope, stamp, credentials)
    signed["authorization"] = (
        f"{_ALGORITHM} Credential={credentials.access_key}/{scope}, "
        f"SignedHeaders={';'.join(sorted(signed))}, Signature={signature}"
    )
    return signed


def presign(
    method: str,
    url: str,
    *,
    service: str,
    region: str,
    credentials: Credentials,
    headers: Mapping[str, str] | None = None,
    expires: int,
    now: datetime | None = None,
) -> str:
    """Return ``url`` with a signature in its query, good for ``expires`` seconds, without a say over the body.

    Whoever uses it must send ``headers`` with exactly these values; S3 refuses the request otherwise.
    """
    stamp = _stamp(now)
    signed = {name.lower(): value for name, value in (headers or {}).items()} | {"host": urlsplit(url).netloc}
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    query = [
        *parse_qsl(urlsplit(url).query, keep_blank_values=True),
        ("X-Amz-Algorithm", _ALGORITHM),
        ("X-Amz-Credential", f"{credentials.access_key}/{scope}"),
        ("X-Amz-Date", stamp),
        ("X-Amz-Expires", str(expires)),
        ("X-Amz-SignedHeaders", ";".join(sorted(signed))),
    ]
    if credentials.token:
        query.append(("X-Amz-Security-Token", credentials.token))
    payload = _UNSIGNED if service == "s3" else hashlib.sha256(b"").hexdigest()
    signature = _signature(_canonical(method, url, query, signed, payload), scope, stamp, credentials)
    return f"{url.partition('?')[0]}?{_encode(query)}&X-Amz-Signature={signature}"


def _stamp(now: datetime | None) -> str:
    return (now or datetime.now(UTC)).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _encode(query: list[tuple[str, str]]) -> str:
    return "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query)


def _canonical(
    method: str, url: str, query: list[tuple[str, str]], headers: Mapping[str, str], payload_digest: str
) -> str:
    # S3 alone takes the path as sent; our other services are only ever called at "/", where the rules agree.
    encoded = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query)
    return "\n".join(
        [
            method,
            urlsplit(url).path or "/",
            "&".join(f"{name}={value}" for name, value in encoded),
            *(f"{name}:{' '.join(headers[name].split())}" for name in sorted(headers)),
            "",
            ";".join(sorted(headers)),
            payload_digest,
        ]
    )


def _signature(canonical: str, scope: str, stamp: str, credentials: Credentials) -> str:
    to_sign = f"{_ALGORITHM}\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{credentials.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, to_sign.encode(), "sha256").hex()

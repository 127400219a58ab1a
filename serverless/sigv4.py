"""AWS Signature Version 4 with the standard library.

A botocore client costs 215-300 ms of CPU in a cold start; the web function needs a few signatures of it: SQS sends,
presigned uploads, secrets, database tokens.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, urlsplit

from serverless.credentials import Credentials, MissingCredentials

__all__ = ["Credentials", "MissingCredentials", "presign", "rds_token", "sign"]

_ALGORITHM = "AWS4-HMAC-SHA256"
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
_RDS_TOKEN_S = 900


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
    stamp, scope = _stamp_and_scope(now, region, service)
    signed = {name.lower(): value for name, value in headers.items()}
    signed |= {"host": urlsplit(url).netloc, "x-amz-date": stamp}
    if credentials.token:
        signed["x-amz-security-token"] = credentials.token
    digest = hashlib.sha256(body).hexdigest()
    if service == "s3":
        signed["x-amz-content-sha256"] = digest
    query = parse_qsl(urlsplit(url).query, keep_blank_values=True)
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
    stamp, scope = _stamp_and_scope(now, region, service)
    signed = {name.lower(): value for name, value in (headers or {}).items()} | {"host": urlsplit(url).netloc}
    query = [
        *parse_qsl(urlsplit(url).query, keep_blank_values=True),
        ("X-Amz-Algorithm", _ALGORITHM),
        ("X-Amz-Credential", f"{credentials.access_key}/{scope}"),
        ("X-Amz-Date", stamp),
        ("X-Amz-Expires", str(expires)),
        ("X-Amz-SignedHeaders", ";".join(sorted(signed))),
        *([("X-Amz-Security-Token", credentials.token)] if credentials.token else ()),
    ]
    payload = "UNSIGNED-PAYLOAD" if service == "s3" else hashlib.sha256(b"").hexdigest()
    signature = _signature(_canonical(method, url, query, signed, payload), scope, stamp, credentials)
    return f"{url.partition('?')[0]}?{_encode(query)}&X-Amz-Signature={signature}"


def rds_token(
    host: str, *, port: int, user: str, region: str, credentials: Credentials, now: datetime | None = None
) -> str:
    """Return the password that opens a new connection to RDS or RDS Proxy within 15 minutes, for an IAM user."""
    url = f"https://{host}:{port}/?{_encode([('Action', 'connect'), ('DBUser', user)])}"
    token = presign("GET", url, service="rds-db", region=region, credentials=credentials, expires=_RDS_TOKEN_S, now=now)
    return token.removeprefix("https://")


def _stamp_and_scope(now: datetime | None, region: str, service: str) -> tuple[str, str]:
    stamp = (now or datetime.now(UTC)).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return stamp, f"{stamp[:8]}/{region}/{service}/aws4_request"


def _encode(query: list[tuple[str, str]]) -> str:
    return "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query)


def _canonical(method: str, url: str, query: list[tuple[str, str]], headers: Mapping[str, str], payload: str) -> str:
    # S3 alone takes the path as sent; our other services are only ever called at "/", where the rules agree. Pairs are
    # sorted as they are encoded, by name, then value: "=" would come before what a longer name goes on with.
    encoded = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query)
    fields = (f"{name}:{' '.join(headers[name].split())}" for name in sorted(headers))
    names = ";".join(sorted(headers))
    return "\n".join([method, urlsplit(url).path or "/", "&".join(map("=".join, encoded)), *fields, "", names, payload])


def _signature(canonical: str, scope: str, stamp: str, credentials: Credentials) -> str:
    to_sign = f"{_ALGORITHM}\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{credentials.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, to_sign.encode(), "sha256").hex()

"""Presigned and anonymous requests, judged as S3 does; moto takes them all.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""

import base64
import binascii
import hashlib
import hmac
import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import IO, TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode

from serverless.emulator.services.aws_server.wsgi import Refusal
from serverless.sigv4 import Credentials, presign

if TYPE_CHECKING:
    from serverless.emulator.services.aws_server.wsgi import Application, Environ, Start

# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html#query-string-auth-v4-signing
_LONGEST_S = 7 * 24 * 3600
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, RequestTimeTooSkewed
_SKEW = timedelta(minutes=15)
_IN_MEMORY = 1 << 20
_BLOCK = 1 << 18
_CHECKSUM = "x-amz-checksum-sha256"
_ANONYMOUS = Refusal(status=403, code="AccessDenied", message="Access Denied")  # our buckets are all private
_MALFORMED = Refusal(
    status=400, code="AuthorizationQueryParametersError", message="Error parsing the X-Amz- query parameters."
)
_MISMATCH = Refusal(
    status=403,
    code="SignatureDoesNotMatch",
    message="The request signature we calculated does not match the signature you provided. "
    "Check your key and signing method.",
)


class Presigned:
    """Pass on requests with a valid signature in the query and the body it promised, or with an Authorization header.

    That header is believed: it comes from our own code, where a wrong one shows on the first day on AWS.
    """

    def __init__(self, app: "Application", *, credentials: Credentials) -> None:
        self._app = app
        self._credentials = credentials

    def __call__(self, environ: "Environ", start_response: "Start") -> Iterable[bytes]:
        if "HTTP_AUTHORIZATION" in environ or environ["REQUEST_METHOD"] == "OPTIONS":
            return self._app(environ, start_response)
        query = dict(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True))
        # The body is read even where the head is refused: a browser that is cut off while sending sees no answer.
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as body:
            length, digest = _receive(environ, body)
            refusal = (
                refuse_head(environ, query, self._credentials)
                or _refuse_length(environ, length)
                or _refuse_checksum(environ, query, digest)
            )
            if refusal:
                return refusal.answer(start_response)
            body.seek(0)
            environ["wsgi.input"] = body
            return self._app(environ, start_response)


def refuse_head(environ: "Environ", query: Mapping[str, str], credentials: Credentials) -> Refusal | None:
    """Return why S3 would refuse a request with this head, or None. Signed headers must be there and equal."""
    if "X-Amz-Signature" not in query:
        return _ANONYMOUS
    access_key, _, scope = query.get("X-Amz-Credential", "").partition("/")
    if access_key != credentials.access_key:
        message = "The AWS Access Key Id you provided does not exist in our records."
        return Refusal(status=403, code="InvalidAccessKeyId", message=message)
    try:
        _, region, service, end = scope.split("/")
        signed_at = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        expires, names = int(query["X-Amz-Expires"]), query["X-Amz-SignedHeaders"].split(";")
    except (KeyError, ValueError):
        return _MALFORMED
    if (service, end) != ("s3", "aws4_request") or not 0 < expires <= _LONGEST_S:
        return _MALFORMED
    if refusal := _refuse_time(signed_at, expires) or _refuse_unsigned(environ, names):
        return refusal
    headers = {name: _header(environ, name) for name in names}
    expected = presign(
        environ["REQUEST_METHOD"],
        _unsigned_url(environ),
        service="s3",
        region=region,
        credentials=credentials,
        headers={name: value for name, value in headers.items() if value is not None},
        expires=expires,
        now=signed_at,
    ).rpartition("=")[2]
    holds = None not in headers.values() and hmac.compare_digest(expected, query["X-Amz-Signature"])
    return None if holds else _MISMATCH


def _refuse_time(signed_at: datetime, expires: int) -> Refusal | None:
    now = datetime.now(UTC)
    if signed_at - now > _SKEW:
        return Refusal(status=403, code="AccessDenied", message="Request is not valid yet")
    if now > signed_at + timedelta(seconds=expires):
        return Refusal(status=403, code="AccessDenied", message="Request has expired")
    return None


def _refuse_unsigned(environ: "Environ", names: list[str]) -> Refusal | None:
    """S3 wants every x-amz header signed, so that nobody adds storage class or encryption to a URL they were given."""
    sent = {name[5:].replace("_", "-").lower() for name in environ if name.startswith("HTTP_X_AMZ_")}
    unsigned = ", ".join(sorted(sent - set(names) - {"x-amz-content-sha256"}))
    if not unsigned:
        return None
    message = "There were headers present in the request which were not signed"
    return Refusal(status=403, code="AccessDenied", message=message, details=(("HeadersNotSigned", unsigned),))


def _refuse_length(environ: "Environ", length: int) -> Refusal | None:
    if length == int(environ.get("CONTENT_LENGTH") or length):
        return None
    message = "You did not provide the number of bytes specified by the Content-Length HTTP header"
    return Refusal(status=400, code="IncompleteBody", message=message)


def _refuse_checksum(environ: "Environ", query: Mapping[str, str], digest: bytes) -> Refusal | None:
    """Compare the body with the checksum that was promised, and have moto keep it, which it does only if told twice."""
    promised = _header(environ, _CHECKSUM) or query.get(_CHECKSUM)
    if promised is None:
        return None
    try:
        expected = base64.b64decode(promised, validate=True)
    except binascii.Error:
        expected = b""
    if len(expected) != len(digest):
        return Refusal(status=400, code="InvalidRequest", message=f"Value for {_CHECKSUM} header is invalid.")
    if expected != digest:
        message = "The SHA256 you specified did not match the calculated checksum."
        return Refusal(status=400, code="BadDigest", message=message)
    environ["HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM"] = "SHA256"
    environ["HTTP_X_AMZ_CHECKSUM_SHA256"] = promised
    return None


def _receive(environ: "Environ", body: IO[bytes]) -> tuple[int, bytes]:
    """Copy the request's body; returns its length and SHA-256."""
    length, digest, left = 0, hashlib.sha256(), int(environ.get("CONTENT_LENGTH") or 0)
    while left and (block := environ["wsgi.input"].read(min(left, _BLOCK))):
        body.write(block)
        digest.update(block)
        length, left = length + len(block), left - len(block)
    return length, digest.digest()


def _header(environ: "Environ", name: str) -> str | None:
    key = name.upper().replace("-", "_")
    value = environ.get(key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}")
    return None if value is None else str(value)


def _unsigned_url(environ: "Environ") -> str:
    """Return the URL as it was before it was signed; REQUEST_URI is the target as sent, still percent-encoded."""
    path, _, query = environ["REQUEST_URI"].partition("?")
    signing = ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")
    kept = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name.removeprefix("X-Amz-") not in signing
    ]
    url = f"http://{environ.get('HTTP_HOST', '')}{path}"
    return f"{url}?{urlencode(kept, quote_via=quote)}" if kept else url

"""Multipart uploads, judged as S3 does: moto ties no upload to its key and forgets the checksums of parts.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

import io
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from moto.s3.models import FakeMultipart, s3_backends

from serverless.emulator.services.aws import ACCOUNT
from serverless.emulator.services.aws_server.wsgi import Refusal, bucket_and_key

if TYPE_CHECKING:
    from serverless.emulator.services.aws_server.wsgi import Application, Environ, Start

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_SHA256 = "HTTP_X_AMZ_CHECKSUM_SHA256"
_NO_SUCH_UPLOAD = Refusal(
    status=404,
    code="NoSuchUpload",
    message="The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted "
    "or completed.",
)
_INVALID_PART = Refusal(
    status=400,
    code="InvalidPart",
    message="One or more of the specified parts could not be found. The part may not have been uploaded, or the "
    "specified entity tag may not match the part's entity tag.",
)


class Multiparts:
    """Refuse an upload's id with another key, and parts or completions without the checksums that were promised."""

    def __init__(self, app: "Application") -> None:
        self._app = app

    def __call__(self, environ: "Environ", start_response: "Start") -> Iterable[bytes]:
        query = parse_qs(environ.get("QUERY_STRING", ""))
        if "uploadId" not in query:
            return self._app(environ, start_response)
        upload = _find(environ, query["uploadId"][0])
        if upload is None:
            return _NO_SUCH_UPLOAD.answer(start_response)
        if refusal := _refusal(environ, upload):
            return refusal.answer(start_response)
        answer = self._app(environ, start_response if environ["REQUEST_METHOD"] != "GET" else _late(start_response))
        if environ["REQUEST_METHOD"] == "PUT" and _SHA256 in environ:
            part = upload.parts.get(int(query["partNumber"][0]))
            if part is not None:
                part.checksum_value = environ[_SHA256]
        elif environ["REQUEST_METHOD"] == "GET":
            return [_with_checksums(b"".join(answer), upload)]
        return answer


def _late(start_response: "Start") -> "Start":
    """Leave out the length, which the checksums change; the connection's end or chunks tell it."""

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[[bytes], object]:
        return start_response(status, [pair for pair in headers if pair[0].lower() != "content-length"], *rest)

    return start


def _find(environ: "Environ", upload_id: str) -> FakeMultipart | None:
    bucket_name, key = bucket_and_key(environ)
    bucket = s3_backends[ACCOUNT]["aws"].buckets.get(bucket_name)
    upload = bucket.multiparts.get(upload_id) if bucket else None
    return upload if upload is not None and upload.key_name == key else None


def _refusal(environ: "Environ", upload: FakeMultipart) -> Refusal | None:
    promised = upload.metadata.get("x-amz-checksum-algorithm")
    if environ["REQUEST_METHOD"] == "PUT":
        sent = "SHA256" if _SHA256 in environ else None
        if sent != promised and "SHA256" in {sent, promised}:
            message = (
                f"Checksum Type mismatch occurred, expected checksum Type: {str(promised).lower()}, "
                f"actual checksum Type: {str(sent).lower()}"
            )
            return Refusal(status=400, code="InvalidRequest", message=message)
    if environ["REQUEST_METHOD"] == "POST" and promised == "SHA256":
        return _refuse_completion(environ, upload)
    return None


def _refuse_completion(environ: "Environ", upload: FakeMultipart) -> Refusal | None:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    try:
        root = ET.fromstring(body)  # noqa: S314 - from this machine
    except ET.ParseError:
        return Refusal(status=400, code="MalformedXML", message="The XML you provided was not well-formed.")
    for part in root.iter(f"{{{_NAMESPACE}}}Part"):
        number, sha256 = (part.findtext(f"{{{_NAMESPACE}}}{name}") for name in ("PartNumber", "ChecksumSHA256"))
        if not sha256:
            message = (
                "The upload was created using a sha256 checksum. The complete request must include the checksum for "
                f"each part. It was missing for part {number} in the request."
            )
            return Refusal(status=400, code="InvalidRequest", message=message)
        held = upload.parts.get(int(number or 0))
        if held is None or held.checksum_value != sha256:
            return _INVALID_PART
    return None


def _with_checksums(listed: bytes, upload: FakeMultipart) -> bytes:
    ET.register_namespace("", _NAMESPACE)
    root = ET.fromstring(listed)  # noqa: S314 - moto wrote it
    for part in root.iter(f"{{{_NAMESPACE}}}Part"):
        held = upload.parts.get(int(part.findtext(f"{{{_NAMESPACE}}}PartNumber") or 0))
        if held is not None and held.checksum_value:
            ET.SubElement(part, f"{{{_NAMESPACE}}}ChecksumSHA256").text = held.checksum_value
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))

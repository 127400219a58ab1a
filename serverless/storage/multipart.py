"""Multipart uploads: a large file as parts that the browser sends in parallel, and that outlive its tab.

The web function creates, lists, completes and aborts with signed calls; only the parts' bytes go straight to S3, each
under a presigned URL. https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
"""

import html
import http
import math
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from serverless.exceptions import ServerlessError
from serverless.signed import Answer, Unreachable, call
from serverless.storage.media import media_storage
from serverless.storage.uploads import PresignedUpload, object_url, presign_body

__all__ = [
    "MAX_PARTS",
    "MIN_PART_BYTES",
    "MultipartFailed",
    "NoSuchMultipart",
    "Part",
    "abort_multipart",
    "complete_multipart",
    "create_multipart",
    "list_parts",
    "part_sizes",
    "presign_part",
    "stored_size",
]

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
MIN_PART_BYTES = 5 * 1024**2  # the last part may be smaller
MAX_PART_BYTES = 5 * 1024**3
MAX_PARTS = 10_000

_NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


class MultipartFailed(ServerlessError):
    """S3 refused the call or did not answer; what has arrived of the upload is still there, so ask again."""


class NoSuchMultipart(MultipartFailed):
    """The upload was completed, aborted or has never been: look for the object, or create an upload anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part that has arrived: its number from 1, ``size`` in bytes, ``sha256`` in base64 as S3 spells it."""

    number: int
    size: int
    etag: str
    sha256: str


def part_sizes(size: int, *, part_bytes: int) -> list[int]:
    """Return the length of each part of a file of ``size`` bytes. Raises ValueError where S3 would take no such parts.

    Parts have ``part_bytes``, the last one what is left.
    """
    if not MIN_PART_BYTES <= part_bytes <= MAX_PART_BYTES:
        raise ValueError(f"A part has {MIN_PART_BYTES} to {MAX_PART_BYTES} bytes, not {part_bytes}.")
    count = math.ceil(size / part_bytes)
    if not 1 <= count <= MAX_PARTS:
        raise ValueError(f"An upload has 1 to {MAX_PARTS} parts, not {count}.")
    return [part_bytes] * (count - 1) + [size - part_bytes * (count - 1)]


def create_multipart(key: str, *, content_type: str) -> str:
    """Begin an upload of ``key`` whose parts are checked by SHA-256; returns its id. Raises MultipartFailed.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html
    """
    headers = {"content-type": content_type, "x-amz-checksum-algorithm": "SHA256"}
    answer = _call("POST", key, {"uploads": ""}, headers=headers)
    return _text(_parse(answer), "UploadId")


def presign_part(
    key: str, *, upload_id: str, number: int, content_type: str, size: int, sha256: str
) -> PresignedUpload:
    """Return a PUT of this one part, ``size`` in bytes and ``sha256`` in hex; S3 refuses any other. Raises ValueError.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html
    """
    if not 1 <= number <= MAX_PARTS:
        raise ValueError(f"A part has a number from 1 to {MAX_PARTS}, not {number}.")
    if not 0 < size <= MAX_PART_BYTES:
        raise ValueError(f"A part carries 1 byte to {MAX_PART_BYTES} bytes, not {size}.")
    url = _url(key, {"partNumber": str(number), "uploadId": upload_id})
    return presign_body(url, content_type=content_type, size=size, sha256=sha256)


def list_parts(key: str, *, upload_id: str) -> list[Part]:
    """Return the parts that have arrived, in order. Raises NoSuchMultipart and MultipartFailed.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html
    """
    return list(_pages(key, upload_id))


def complete_multipart(key: str, *, upload_id: str, parts: Sequence[Part]) -> None:
    """Make an object of ``parts``, as ``list_parts`` gave them. Raises NoSuchMultipart and MultipartFailed.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
    """
    described = "".join(
        f"<Part><PartNumber>{part.number}</PartNumber><ETag>{html.escape(part.etag, quote=False)}</ETag>"
        f"<ChecksumSHA256>{html.escape(part.sha256, quote=False)}</ChecksumSHA256></Part>"
        for part in parts
    )
    body = f'<CompleteMultipartUpload xmlns="{_NAMESPACE[1:-1]}">{described}</CompleteMultipartUpload>'.encode()
    answer = _call("POST", key, {"uploadId": upload_id}, headers={"content-type": "application/xml"}, body=body)
    # S3 begins to answer with 200 while it still works; what then goes wrong stands in the body.
    if (root := _parse(answer)).tag.endswith("Error"):
        raise MultipartFailed(f"S3 could not complete the upload: {_text(root, 'Code')}. Ask again.")


def abort_multipart(key: str, *, upload_id: str) -> None:
    """Drop the upload and its parts; one that is gone already is no error. Raises MultipartFailed.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html
    """
    try:
        _call("DELETE", key, {"uploadId": upload_id})
    except NoSuchMultipart:
        return


def stored_size(key: str) -> int | None:
    """Return the length of the object, or None where there is none. Raises MultipartFailed.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
    """
    try:
        return int(_call("HEAD", key, {}).headers["content-length"])
    except NoSuchMultipart:
        return None


def _pages(key: str, upload_id: str) -> Iterator[Part]:
    marker = "0"
    while True:
        root = _parse(_call("GET", key, {"part-number-marker": marker, "uploadId": upload_id}))
        for part in root.iter(f"{_NAMESPACE}Part"):
            yield Part(
                number=int(_text(part, "PartNumber")),
                size=int(_text(part, "Size")),
                etag=_text(part, "ETag"),
                sha256=_text(part, "ChecksumSHA256"),
            )
        if _text(root, "IsTruncated") != "true":
            return
        marker = _text(root, "NextPartNumberMarker")


def _url(key: str, query: Mapping[str, str]) -> str:
    url = object_url(media_storage(), key)
    return f"{url}?{'&'.join(f'{name}={quote(value, safe="")}' for name, value in query.items())}" if query else url


def _call(
    method: str, key: str, query: Mapping[str, str], *, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> Answer:
    try:
        answer = call(method, _url(key, query), service="s3", headers=headers or {}, body=body)
    except Unreachable as error:
        raise MultipartFailed(str(error)) from error
    if answer.status == http.HTTPStatus.NOT_FOUND:
        raise NoSuchMultipart(NoSuchMultipart.__doc__)
    if answer.status not in {http.HTTPStatus.OK, http.HTTPStatus.NO_CONTENT}:
        code = _text(_parse(answer), "Code") if answer.body else ""
        raise MultipartFailed(f"S3 answered {answer.status} {code}.")
    return answer


def _parse(answer: Answer) -> ET.Element:
    try:
        return ET.fromstring(answer.body)  # noqa: S314 - S3 wrote it, over a connection whose certificate was checked
    except ET.ParseError:
        raise MultipartFailed(f"S3 answered {answer.status} with something that is no XML.") from None


def _text(element: ET.Element, name: str) -> str:
    """Return a child's text. S3's errors, alone among its answers, have no namespace."""
    found = element.find(f"{_NAMESPACE}{name}")
    if found is None:
        found = element.find(name)
    return (found.text or "") if found is not None else ""

"""Uploads that never pass through Lambda: the browser sends the file to S3 under a presigned URL.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/PresignedUrlUploadObject.html
"""

import base64
from dataclasses import dataclass
from urllib.parse import quote

from serverless import sigv4
from serverless.storage.media import MediaStorage, media_storage

__all__ = ["EXPIRES_IN_S", "MAX_UPLOAD_BYTES", "PresignedUpload", "object_url", "presign_upload"]

# Long enough to start a PUT on a slow line: S3 looks at the clock when the request begins, not while it runs.
EXPIRES_IN_S = 300
# One PUT may carry 5 GB. https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html
MAX_UPLOAD_BYTES = 5 * 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class PresignedUpload:
    """What a browser needs for one PUT: the URL, and the headers to send with exactly these values."""

    url: str
    headers: dict[str, str]
    expires_in: int


def presign_upload(key: str, *, content_type: str, size: int, sha256: str) -> PresignedUpload:
    """Return a PUT of ``key`` into the media bucket for this one file: ``size`` in bytes, ``sha256`` in hex.

    Length, type and checksum are signed: S3 refuses any other. The length is not among the headers to set, because
    browsers send it by themselves. Raises ValueError for a size S3 would refuse or a digest that is none.
    """
    if not 0 < size <= MAX_UPLOAD_BYTES:
        raise ValueError(f"A single PUT carries 1 byte to {MAX_UPLOAD_BYTES} bytes, not {size}.")
    return presign_body(object_url(media_storage(), key), content_type=content_type, size=size, sha256=sha256)


def presign_body(url: str, *, content_type: str, size: int, sha256: str) -> PresignedUpload:
    """Return a PUT to ``url`` of exactly this body. Raises ValueError for a digest that is none."""
    digest = bytes.fromhex(sha256)
    if len(digest) != 32:
        raise ValueError("sha256 is 64 hexadecimal digits.")
    headers = {"content-type": content_type, "x-amz-checksum-sha256": base64.b64encode(digest).decode("ascii")}
    signed = sigv4.presign(
        "PUT",
        url,
        service="s3",
        region=media_storage().region_name,
        credentials=sigv4.Credentials.from_environ(),
        headers=headers | {"content-length": str(size)},
        expires=EXPIRES_IN_S,
    )
    return PresignedUpload(url=signed, headers=headers, expires_in=EXPIRES_IN_S)


def object_url(storage: MediaStorage, key: str) -> str:
    """Return where S3 has ``key``, percent-encoded."""
    # Virtual-hosted on AWS; path-style where an endpoint is given, since a bucket is no host name there.
    path = quote(key, safe="/-_.~")
    if storage.endpoint_url:
        return f"{storage.endpoint_url.rstrip('/')}/{storage.bucket_name}/{path}"
    return f"https://{storage.bucket_name}.s3.{storage.region_name}.amazonaws.com/{path}"

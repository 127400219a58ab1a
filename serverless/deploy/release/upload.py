"""The zip on its way to the release bucket: under the name of its hash, whole or not at all."""

import base64
import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from serverless.deploy.failures import AwsRefused, AwsUnreachable, explained
from serverless.deploy.release.exceptions import UploadFailed

__all__ = ["PREFIX", "key", "sha256", "upload"]

PREFIX: Final = "packages/"
# One request, since S3 makes an object of it only when its last byte has come, and its hash is right: what a lost
# network leaves behind is nothing. https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
_ATTEMPTS: Final = 4
_PAUSE_S: Final = 2.0


def sha256(path: Path) -> str:
    """Return the hash of a file, base64, as Lambda and S3 write it."""
    with path.open("rb") as file:
        return base64.b64encode(hashlib.file_digest(file, "sha256").digest()).decode()


def key(digest: str) -> str:
    """Return the name of the zip with the hash ``digest`` (base64): it holds the same bytes for ever."""
    return f"{PREFIX}{base64.b64decode(digest).hex()}.zip"


def upload(s3: Any, path: Path, *, bucket: str, log: Callable[[str], None], pause_s: float = _PAUSE_S) -> str:
    """Put the zip into ``bucket`` unless it is there; return its key. Raises UploadFailed and AwsRefused."""
    digest = sha256(path)
    name = key(digest)
    if _there(s3, bucket, name, digest):
        log(f"the same zip is in s3://{bucket}/{name} already")
        return name
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with explained(f"Uploading {path.name}"), path.open("rb") as body:
                checksum = {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": digest}
                s3.put_object(Bucket=bucket, Key=name, Body=body, ContentType="application/zip", **checksum)
            break
        except AwsUnreachable as problem:
            if attempt == _ATTEMPTS:
                raise
            log(f"attempt {attempt} of {_ATTEMPTS} did not get through ({problem.code}); again in {pause_s:.0f} s")
            time.sleep(pause_s)
    if not _there(s3, bucket, name, digest):
        raise UploadFailed(f"s3://{bucket}/{name} is not what was sent. Run the same command again.")
    return name


def _there(s3: Any, bucket: str, name: str, digest: str) -> bool:
    try:
        with explained(f"Looking for s3://{bucket}/{name}"):
            head = s3.head_object(Bucket=bucket, Key=name, ChecksumMode="ENABLED")
    except AwsRefused as problem:
        if problem.code in {"404", "NoSuchKey", "NotFound"}:
            return False
        raise
    return bool(head.get("ChecksumSHA256") == digest)

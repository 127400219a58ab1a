"""Static files on their way to the bucket, under names that hold a hash: none is ever overwritten."""

import mimetypes
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

__all__ = ["IMMUTABLE", "PREFIX", "publish", "published"]

PREFIX: Final = "static/"
# A year, RFC 9111's customary "for ever"; the names hold a hash of what they name.
IMMUTABLE: Final = "public, max-age=31536000, immutable"
_AT_ONCE: Final = 8


def publish(s3: Any, folder: Path, names: Iterable[str], *, bucket: str) -> int:
    """Upload of ``names`` in ``folder`` what ``bucket`` does not have; return how many that were.

    ``s3`` is a client, which threads share. Raises what it raises, at the first file that does not arrive.
    """
    there = published(s3, bucket=bucket)
    new = [name for name in names if f"{PREFIX}{name}" not in there]

    def put(name: str) -> None:
        kind, encoding = mimetypes.guess_type(name)
        s3.put_object(
            Bucket=bucket,
            Key=f"{PREFIX}{name}",
            Body=(folder / name).read_bytes(),
            CacheControl=IMMUTABLE,
            ContentType=kind or "application/octet-stream",
            **({"ContentEncoding": encoding} if encoding else {}),
        )

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            list(pool.map(put, new))  # raises the first error: a release with half its files would be none
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return len(new)


def published(s3: Any, *, bucket: str) -> set[str]:
    """Return the keys of all static files in ``bucket``: one request per 1,000."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX)
    return {item["Key"] for page in pages for item in page.get("Contents", ())}

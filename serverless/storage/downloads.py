"""Downloads of private objects: S3 serves them itself, under a presigned URL that soon ends.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ShareObjectPreSignedURL.html
"""

import unicodedata
from typing import Final
from urllib.parse import urlencode

from django.utils.http import content_disposition_header

from serverless import sigv4
from serverless.storage.media import media_storage
from serverless.storage.uploads import object_url

__all__ = ["LONGEST_S", "presign_download"]

# S3 would allow seven days. Whoever has the URL has the file, and nothing takes it back.
LONGEST_S: Final = 300
# Control, format (direction marks) and line-separator characters would break the header or disguise the ending.
_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def presign_download(key: str, *, filename: str, expires_in: int = 60) -> str:
    """Return a URL from which a browser saves the media bucket's ``key`` as ``filename``, for ``expires_in`` seconds.

    The name may be in any script (RFC 6266); slashes and unprintable characters in it become underscores. S3 refuses
    the request where there is no such object. Raises ValueError for an empty key, and for less than one second or more
    than LONGEST_S.
    """
    if not key:
        raise ValueError("A download needs the object's key.")
    if not 1 <= expires_in <= LONGEST_S:
        raise ValueError(f"A presigned download lives for 1 to {LONGEST_S} seconds, not {expires_in}.")
    storage = media_storage()
    disposition = content_disposition_header(as_attachment=True, filename=_plain(filename) or "download")
    return sigv4.presign(
        "GET",
        f"{object_url(storage, key)}?{urlencode({'response-content-disposition': disposition})}",
        service="s3",
        region=storage.region_name,
        credentials=sigv4.Credentials.from_environ(),
        expires=expires_in,
    )


def _plain(filename: str) -> str:
    return "".join("_" if c in '/\\"' or unicodedata.category(c) in _UNPRINTABLE else c for c in filename)

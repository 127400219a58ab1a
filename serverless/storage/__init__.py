"""Files: media and static on S3 behind CloudFront, uploads and private downloads straight between browser and S3.

In: names and bytes. Out: objects, the paths that the CDN serves them under, presigned uploads (whole or in parts) and
downloads, signed cookies and URLs.
May touch: S3. The web function signs, manages uploads in parts and builds paths, without boto3; reading and writing
go through django-storages, which is loaded when the first file is opened.
"""

from serverless.storage.downloads import presign_download
from serverless.storage.multipart import (
    MAX_PARTS,
    MIN_PART_BYTES,
    MultipartFailed,
    NoSuchMultipart,
    Part,
    abort_multipart,
    complete_multipart,
    create_multipart,
    list_parts,
    part_sizes,
    presign_part,
    stored_size,
)
from serverless.storage.signing import SignedCookies, expire_cookies, signed_cookies, signed_url
from serverless.storage.uploads import PresignedUpload, presign_upload

__all__ = [
    "MAX_PARTS",
    "MIN_PART_BYTES",
    "MultipartFailed",
    "NoSuchMultipart",
    "Part",
    "PresignedUpload",
    "SignedCookies",
    "abort_multipart",
    "complete_multipart",
    "create_multipart",
    "expire_cookies",
    "list_parts",
    "part_sizes",
    "presign_download",
    "presign_part",
    "presign_upload",
    "signed_cookies",
    "signed_url",
    "stored_size",
]

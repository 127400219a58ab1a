"""Files: media and static on S3 behind CloudFront, uploads straight from the browser to S3.

In: names and bytes. Out: objects, the paths that the CDN serves them under, presigned uploads.
May touch: S3. The web function presigns, manages uploads in parts and builds paths, all with the standard library;
reading and writing go through django-storages, which is loaded when the first file is opened.
"""

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
from serverless.storage.uploads import PresignedUpload, presign_upload

__all__ = [
    "MAX_PARTS",
    "MIN_PART_BYTES",
    "MultipartFailed",
    "NoSuchMultipart",
    "Part",
    "PresignedUpload",
    "abort_multipart",
    "complete_multipart",
    "create_multipart",
    "list_parts",
    "part_sizes",
    "presign_part",
    "presign_upload",
    "stored_size",
]

"""``STORAGES["default"]``: the media bucket."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, override

from django.core.exceptions import ImproperlyConfigured
from django.core.files import File
from django.core.files.storage import Storage, storages
from django.utils.deconstruct import deconstructible
from django.utils.encoding import filepath_to_uri

if TYPE_CHECKING:
    from serverless.storage.s3 import Bucket

__all__ = ["MediaStorage", "media_storage"]


@deconstructible(path="serverless.storage.media.MediaStorage")
class MediaStorage(Storage):
    """Objects under exactly the names they are given: saving a name again replaces the object.

    OPTIONS: ``bucket_name``, ``region_name``, ``endpoint_url`` (None on AWS), ``served_prefix``, the part of the bucket
    whose names have a URL, and ``signed_prefixes``, the parts that CloudFront serves under signed URLs only.
    """

    def __init__(
        self,
        *,
        bucket_name: str,
        region_name: str,
        endpoint_url: str | None = None,
        served_prefix: str = "media/",
        signed_prefixes: Sequence[str] = ("originals/", "reports/"),
    ) -> None:
        self.bucket_name = bucket_name
        self.region_name = region_name
        self.endpoint_url = endpoint_url
        self.served_prefix = served_prefix
        self.signed_prefixes = tuple(signed_prefixes)

    @cached_property
    def _bucket(self) -> "Bucket":
        # Here, not above: boto3 costs 215-300 ms of CPU, and the web function never opens a file.
        from serverless.storage.s3 import Bucket

        return Bucket(
            bucket_name=self.bucket_name,
            region_name=self.region_name,
            endpoint_url=self.endpoint_url,
            immutable_prefix=self.served_prefix,
        )

    @override
    def url(self, name: str | None) -> str:
        """Return the path that the CDN serves ``name`` under. Raises ValueError for a private name."""
        if not name or not name.startswith(self.served_prefix):
            raise ValueError(f"Only names under {self.served_prefix} are served; this one is private.")
        return f"/{filepath_to_uri(name)}"

    @override
    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _open(self, name: str, mode: str = "rb") -> "File[Any]":
        opened: File[Any] = self._bucket.open(name, mode)
        return opened

    def _save(self, name: str, content: "File[Any]") -> str:
        return str(self._bucket.save(name, content))

    @override
    def delete(self, name: str) -> None:
        self._bucket.delete(name)

    @override
    def exists(self, name: str) -> bool:
        return bool(self._bucket.exists(name))

    @override
    def size(self, name: str) -> int:
        return int(self._bucket.size(name))

    def copy(self, source: str, target: str, *, content_type: str) -> None:
        """Copy an object inside the bucket, without its bytes passing through here. Raises FileNotFoundError."""
        self._bucket.copy(source, target, content_type=content_type)

    @override
    def get_modified_time(self, name: str) -> datetime:
        modified: datetime = self._bucket.get_modified_time(name)
        return modified


def media_storage() -> MediaStorage:
    """Return ``STORAGES["default"]``. Raises ImproperlyConfigured where that is another storage."""
    storage = storages["default"]
    if not isinstance(storage, MediaStorage):
        raise ImproperlyConfigured('Signing needs STORAGES["default"] to be serverless.storage.media.MediaStorage.')
    return storage

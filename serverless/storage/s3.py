"""django-storages, set up for one bucket. Importing this module loads boto3: the worker and releases only."""

from typing import Any, override

from storages.backends.s3 import S3Storage

from serverless import aws

__all__ = ["IMMUTABLE", "Bucket"]

# A year, RFC 9111's customary "for ever"; the names hold a hash of what they name.
IMMUTABLE = "public, max-age=31536000, immutable"

_MEMORY_PER_FILE = 8 * 1024**2


class Bucket(S3Storage):  # type: ignore[misc]  # django-storages has no stubs
    """A private bucket in which only what lies under ``immutable_prefix`` may be cached, and that for ever."""

    def __init__(
        self, *, bucket_name: str, region_name: str, endpoint_url: str | None = None, immutable_prefix: str
    ) -> None:
        self._immutable_prefix = immutable_prefix
        super().__init__(
            bucket_name=bucket_name,
            region_name=region_name,
            endpoint_url=endpoint_url,
            default_acl=None,
            file_overwrite=True,
            # Renditions are a few hundred kB: a thread pool per upload costs more than it brings.
            transfer_config=aws.inline_transfer(),
            client_config=aws.config(),
            # An object that is opened waits in memory up to here, and in /tmp beyond: originals are up to 200 MB.
            max_memory_size=_MEMORY_PER_FILE,
        )

    @override
    def get_object_parameters(self, name: str) -> dict[str, Any]:
        immutable = name.startswith(self._immutable_prefix)
        return {"CacheControl": IMMUTABLE if immutable else "private, no-store"}

    def names(self, prefix: str) -> set[str]:
        """Return the names of all objects under ``prefix``: one request per 1,000."""
        return {summary.key for summary in self.bucket.objects.filter(Prefix=prefix)}

"""django-storages, set up for one bucket. Importing this module loads boto3: the worker and releases only."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from http import HTTPStatus
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import Any, override

from django.core.files import File
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

from serverless import aws
from serverless.storage.publishing import IMMUTABLE

__all__ = ["Bucket"]

# An object that is opened waits in memory up to here, and in /tmp beyond it; one that is saved is sent whole up to
# here, and in parts beyond it.
_MEMORY_PER_FILE = 8 * 1024**2
_CHUNK = 256 * 1024


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
        )

    @override
    def get_object_parameters(self, name: str) -> dict[str, Any]:
        immutable = name.startswith(self._immutable_prefix)
        return {"CacheControl": IMMUTABLE if immutable else "private, no-store"}

    def _open(self, name: str, mode: str = "rb") -> "File[Any]":
        """Fetch an object whole, with one request, into memory or /tmp; others ask for its head before."""
        if mode != "rb":
            opened: File[Any] = super()._open(name, mode)
            return opened
        spooled = SpooledTemporaryFile(max_size=_MEMORY_PER_FILE)  # noqa: SIM115 - the caller closes it
        try:
            with self._missing_is_an_error(name):
                answer = self.connection.meta.client.get_object(Bucket=self.bucket_name, Key=name)
            with closing(answer["Body"]) as body:
                copyfileobj(body, spooled, _CHUNK)
        except BaseException:
            spooled.close()
            raise
        spooled.seek(0)
        return File(spooled, name)

    @override
    def _save(self, name: str, content: "File[Any]") -> str:
        """Put a small object with one call; django-storages goes through s3transfer, for 1 ms more of CPU each time."""
        if not 0 < getattr(content, "size", 0) <= _MEMORY_PER_FILE:
            return str(super()._save(name, content))
        key = self._normalize_name(clean_name(name))
        content.seek(0)
        self.connection.meta.client.put_object(
            Bucket=self.bucket_name, Key=key, Body=content.read(), **self._get_write_parameters(key, content)
        )
        return str(clean_name(name))

    def copy(self, source: str, target: str, *, content_type: str) -> None:
        """Copy an object of up to 5 GB on the server. Raises FileNotFoundError.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
        """
        with self._missing_is_an_error(source):
            self.bucket.Object(target).copy_from(
                CopySource={"Bucket": self.bucket_name, "Key": source},
                MetadataDirective="REPLACE",
                ContentType=content_type,
                **self.get_object_parameters(target),
            )

    @contextmanager
    def _missing_is_an_error(self, name: str) -> Iterator[None]:
        try:
            yield
        except self.connection.meta.client.exceptions.ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.NOT_FOUND:
                raise FileNotFoundError(f"The bucket has no object {name}.") from error
            raise

    def delete_all(self, prefix: str) -> int:
        """Delete every object whose name begins with ``prefix``: two requests per 1,000. Returns how many there were.

        https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
        """
        answers = self.bucket.objects.filter(Prefix=prefix).delete()
        if errors := [error for answer in answers for error in answer.get("Errors", ())]:
            raise OSError(f"{len(errors)} objects were not deleted, the first for {errors[0]['Code']}. Try again.")
        return sum(len(answer.get("Deleted", ())) for answer in answers)

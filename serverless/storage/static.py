"""``STORAGES["staticfiles"]``: hashed names, the manifest in the package, the files on S3."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, override

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage

__all__ = ["StaticStorage"]


class StaticStorage(ManifestStaticFilesStorage):
    """Django's own manifest storage, which ``collectstatic`` also copies to S3.

    STATIC_ROOT is a staging directory. Its ``staticfiles.json`` goes into the package, so that a page renders without
    a network call; the hashed files go to the bucket, which keeps those of earlier releases. Names hold a hash, so a
    name that is there already is never uploaded again. OPTIONS: ``bucket_name``, ``region_name``, ``endpoint_url``;
    with ``publish`` False ``collectstatic`` only stages: a release uploads, before it changes any code.
    """

    # ES modules import each other by relative path; those paths need hashes as well.
    support_js_module_import_aggregation = True

    def __init__(
        self, *, bucket_name: str, region_name: str, endpoint_url: str | None = None, publish: bool = True
    ) -> None:
        super().__init__()
        self._publishes = publish
        self._bucket_options = {
            "bucket_name": bucket_name,
            "region_name": region_name,
            "endpoint_url": endpoint_url,
        }

    @override
    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        yield from super().post_process(paths, dry_run=dry_run, **options)
        if self._publishes and not dry_run:
            self._publish(sorted(set(self.hashed_files.values())))

    def _publish(self, names: list[str]) -> None:
        # Here, not above: every page that names a static file imports this module, and only releases need boto3.
        from serverless.storage.publishing import PREFIX, publish
        from serverless.storage.s3 import Bucket

        bucket = Bucket(**self._bucket_options, immutable_prefix=PREFIX)  # type: ignore[arg-type]
        publish(bucket.connection.meta.client, Path(self.location), names, bucket=bucket.bucket_name)

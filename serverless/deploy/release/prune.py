"""What no kept release needs any more: versions, zips, static files, records."""

from serverless.deploy.failures import explained
from serverless.deploy.release import statics, upload
from serverless.deploy.release.context import Stage
from serverless.stack import names

__all__ = ["prune"]


def prune(stage: Stage) -> None:
    """Delete what belongs to no kept release. What an alias or a kept record names stays, whatever happens.

    Records go last: while there is one, what it names is known.
    """
    kept = stage.records.kept(number=stage.config.keep_releases, versions=stage.live())
    versions = 0
    for which in names.FUNCTIONS:
        name = stage.name(which)
        keep = stage.functions.aliased(name) | {str(record.versions.get(which)) for record in kept}
        for version in stage.functions.versions(name):
            if version not in keep:
                stage.functions.delete_version(name, version)
                versions += 1
    files = statics.prune(stage.s3, bucket=stage.static_bucket, keep=[key for record in kept for key in record.static])
    zips = _zips(stage, keep={record.zip_key for record in kept})
    identifiers = {record.id for record in kept}
    for record in stage.records.list():
        if record.id not in identifiers:
            stage.records.delete(record.id)
    stage.log(f"kept {', '.join(sorted(identifiers))}; {versions} versions, {zips} zips, {files} static files went")


def _zips(stage: Stage, *, keep: set[str]) -> int:
    with explained("Deleting old zips"):
        pages = stage.s3.get_paginator("list_objects_v2").paginate(Bucket=stage.bucket, Prefix=upload.PREFIX)
        gone = [item["Key"] for page in pages for item in page.get("Contents", ()) if item["Key"] not in keep]
        for key in gone:
            stage.s3.delete_object(Bucket=stage.bucket, Key=key)
    return len(gone)

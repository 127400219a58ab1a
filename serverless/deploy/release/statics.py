"""Static files: in the bucket before any code asks for them, and there for as long as a kept release names them.

``collectstatic`` has staged them with hashes in their names and written ``staticfiles.json``, which the package holds.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from serverless.deploy.failures import explained
from serverless.deploy.release.exceptions import StaticFailed
from serverless.storage import publishing
from serverless.storage.publishing import PREFIX

__all__ = ["keys", "missing", "prune", "publish"]

_MANIFEST: Final = "staticfiles.json"
# What DeleteObjects takes. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
_DELETE_AT_ONCE: Final = 1000


def keys(folder: Path) -> tuple[str, ...]:
    """Return the keys of what the manifest in ``folder`` names, each once, in order. Raises StaticFailed."""
    manifest = folder / _MANIFEST
    try:
        paths = json.loads(manifest.read_text("utf-8"))["paths"]
        hashed = sorted(set(paths.values()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise StaticFailed(
            f"{manifest} is not there or no manifest ({problem}): run `manage.py collectstatic`, with a storage that "
            f"writes one (serverless.storage.static.StaticStorage)."
        ) from problem
    if gone := [name for name in hashed if not (folder / name).is_file()]:
        raise StaticFailed(f"{manifest} names files that are not there: {', '.join(gone[:5])}. Collect them anew.")
    return tuple(f"{PREFIX}{name}" for name in hashed)


def publish(s3: Any, folder: Path, *, bucket: str, log: Callable[[str], None]) -> tuple[str, ...]:
    """Upload what the bucket does not have yet; return the keys of all. Nothing is ever overwritten."""
    named = keys(folder)
    with explained(f"Uploading static files to {bucket}"):
        new = publishing.publish(s3, folder, (key.removeprefix(PREFIX) for key in named), bucket=bucket)
    log(f"{new} of {len(named)} static files were new")
    return named


def missing(s3: Any, named: Iterable[str], *, bucket: str) -> list[str]:
    """Return which keys the bucket does not have."""
    there = _there(s3, bucket)
    return [key for key in named if key not in there]


def prune(s3: Any, *, bucket: str, keep: Iterable[str]) -> int:
    """Delete what lies under ``static/`` and is not in ``keep``; return how many files that were.

    Nothing where ``keep`` is empty: the project's static files are then not a release's affair.
    """
    named = set(keep)
    gone = sorted(_there(s3, bucket) - named) if named else []
    for start in range(0, len(gone), _DELETE_AT_ONCE):
        _delete(s3, bucket, gone[start : start + _DELETE_AT_ONCE])
    return len(gone)


def _delete(s3: Any, bucket: str, part: Sequence[str]) -> None:
    with explained(f"Deleting old static files from {bucket}"):
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in part], "Quiet": True})
    if errors := answer.get("Errors"):
        raise StaticFailed(f"{len(errors)} old static files could not be deleted ({errors[0].get('Code')}).")


def _there(s3: Any, bucket: str) -> set[str]:
    with explained(f"Listing the static files in {bucket}"):
        return publishing.published(s3, bucket=bucket)

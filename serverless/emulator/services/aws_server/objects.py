"""Objects on disk: written before the answer to the request that made them, served from there, loaded at start.

``BUCKET/objects/SHA256_OF_KEY.json`` describes an object and names its body in ``BUCKET/bodies``: renaming the
description into place is the one step that makes an object exist, so a crash leaves the old object or the new one.
Kept are body, ETag, time, storage class, headers, user metadata and checksum; not kept are versions, tags and ACLs.
"""

import gc
import hashlib
import json
import shutil
import threading
import uuid
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moto.s3.models import FakeKey, S3Backend, s3_backends

from serverless.emulator.services.aws import ACCOUNT, REGION
from serverless.emulator.services.aws_server.wsgi import bucket_and_key

if TYPE_CHECKING:
    from serverless.emulator.services.aws_server.wsgi import Application, Environ, Start

_BUFFER = "_value_buffer"  # moto has no public place for a body
# moto's requests are cycles that hold their bodies, and make too few objects for the collector to come by itself:
# 878 MB resident after 500 uploads of 10 MB, 92 MB with a collection after each.
_LARGE = 1 << 20
_CHECKSUM_FIELDS = ("checksum_algorithm", "checksum_value", "checksum_type", "checksum_parts")


class Body:
    """A body on disk in the place of moto's buffer: open only while it is read, so thousands cost no memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._position = 0

    def seek(self, position: int) -> None:
        self._position = position

    def read(self, size: int = -1) -> bytes:
        with self.path.open("rb") as file:
            file.seek(self._position)
            data = file.read(size)
        self._position += len(data)
        return data

    def close(self) -> None:
        """Nothing is open between reads."""


class Objects:
    """Keep moto's objects and the directory ``root`` the same."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._bodies: dict[tuple[str, str], Path] = {}

    @property
    def _backend(self) -> S3Backend:
        return s3_backends[ACCOUNT]["aws"]

    def restore(self) -> None:
        """Load every description, and drop bodies that none names: their uploads were never answered.

        Raises OSError or ValueError that names the file.
        """
        for directory in filter(Path.is_dir, self._root.iterdir()):
            bucket = self._backend.create_bucket(directory.name, REGION)
            for description in (directory / "objects").glob("*.json"):
                try:
                    record = json.loads(description.read_text())
                except ValueError as problem:
                    raise ValueError(f"{problem}: {description}") from None
                path = directory / "bodies" / record["body"]
                bucket.keys[record["key"]] = _thaw(directory.name, record, path)
                self._bodies[directory.name, record["key"]] = path
            for path in set((directory / "bodies").glob("*")) - set(self._bodies.values()):
                path.unlink()

    def sync(self, bucket: str, key: str = "") -> None:
        """Bring the disk up to date with one object of moto's, or with all of a bucket's."""
        with self._lock:
            held = self._backend.buckets.get(bucket)
            objects = {} if held is None else held.keys
            keys = [key] if key else {*objects, *(name for place, name in self._bodies if place == bucket)}
            for name in keys:
                self._sync(bucket, name, objects.get(name))

    def _sync(self, bucket: str, key: str, held: object) -> None:
        if isinstance(held, FakeKey):
            if not isinstance(_buffer(held), Body):
                self._write(bucket, key, held)
        elif path := self._bodies.pop((bucket, key), None):
            self._description(bucket, key).unlink()
            path.unlink()

    def _write(self, bucket: str, key: str, held: FakeKey) -> None:
        body = self._root / bucket / "bodies" / uuid.uuid4().hex
        description = self._description(bucket, key)
        for directory in (body.parent, description.parent):
            directory.mkdir(parents=True, exist_ok=True)
        with held.lock, body.open("wb") as file:
            _buffer(held).seek(0)
            shutil.copyfileobj(_buffer(held), file)
        fresh = description.with_suffix(".new")
        fresh.write_text(json.dumps(_freeze(held, body)))
        fresh.replace(description)
        if old := self._bodies.get((bucket, key)):
            old.unlink()
        self._bodies[bucket, key] = body
        _serve_from(held, body)

    def _description(self, bucket: str, key: str) -> Path:
        name = hashlib.sha256(key.encode()).hexdigest()  # keys hold slashes and exceed a file name's 255 bytes
        return self._root / bucket / "objects" / f"{name}.json"


class WriteThrough:
    """Sync what a successful request changed before its answer leaves."""

    def __init__(self, app: "Application", *, objects: Objects) -> None:
        self._app = app
        self._objects = objects

    def __call__(self, environ: "Environ", start_response: "Start") -> Iterable[bytes]:
        bucket, key = bucket_and_key(environ)
        answer = self._app(environ, start_response)
        if bucket and environ["REQUEST_METHOD"] in {"PUT", "POST", "DELETE"}:
            self._objects.sync(bucket, key)
        if int(environ.get("CONTENT_LENGTH") or 0) > _LARGE:
            gc.collect()
        return answer


def _freeze(held: FakeKey, body: Path) -> dict[str, Any]:
    return {
        "key": held.name,
        "body": body.name,
        "size": held.size,
        "etag": held.etag.strip('"'),
        "last_modified": held.last_modified.isoformat(),
        "storage_class": held.storage_class,
        "metadata": dict(held.metadata),
        **{name: getattr(held, name) for name in _CHECKSUM_FIELDS},
    }


def _thaw(bucket: str, record: dict[str, Any], body: Path) -> FakeKey:
    held = FakeKey(
        name=record["key"],
        value=b"",
        account_id=ACCOUNT,
        region_name=REGION,
        storage=record["storage_class"],
        etag=record["etag"],
        version_id="null",
        bucket_name=bucket,
    )
    held.contentsize = record["size"]
    held.last_modified = datetime.fromisoformat(record["last_modified"])
    held.set_metadata(record["metadata"])
    for name in _CHECKSUM_FIELDS:
        setattr(held, name, record[name])
    _serve_from(held, body)
    return held


def _buffer(held: FakeKey) -> Any:
    return getattr(held, _BUFFER)


def _serve_from(held: FakeKey, body: Path) -> None:
    """Swap moto's buffers, those of a multipart upload's parts too, for the file. The ETag is known by now."""
    with held.lock:
        _buffer(held).close()
        setattr(held, _BUFFER, Body(body))
    if held.multipart:
        held.multipart.dispose()
        held.multipart = None

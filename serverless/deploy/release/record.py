"""Release records: what each release was made of, in the release bucket, one JSON object a release.

They decide what a rollback can go back to, and what pruning has to leave alone.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Final, cast

from serverless.deploy.failures import AwsRefused, explained
from serverless.deploy.release.exceptions import NotPossible, RecordUnreadable
from serverless.stack.names import Function

__all__ = ["PREFIX", "Record", "Records"]

PREFIX: Final = "releases/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One release. Times are UTC, ``2026-11-23T06:15:02Z``."""

    id: str
    stage: str
    commit: str
    dirty: bool
    """Whether the checkout held changes that no commit has."""
    who: str
    when: str
    served: str = ""
    """When it last began to serve; empty: it never did."""
    zip_key: str
    sha256: str
    """Of the zip, base64: what Lambda calls CodeSha256."""
    versions: Mapping[Function, str]
    configurations: Mapping[Function, Mapping[str, Any]]
    """What was asked of each function; no secret is among it."""
    static: tuple[str, ...] = field(repr=False)
    """Keys of its files in the static bucket."""
    migrations: tuple[str, ...] = field(repr=False)
    """``app.name`` of each migration that its code knows."""
    size: Mapping[str, Any] = field(repr=False, default_factory=dict)
    """What it weighs, for the next one to be compared with."""

    def dumps(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode()

    @classmethod
    def loads(cls, body: bytes, *, key: str) -> "Record":
        """Read what ``dumps`` wrote. Raises RecordUnreadable that names ``key``."""
        try:
            table = json.loads(body)
            known = {item.name: table[item.name] for item in fields(cls) if item.name in table}
            return cls(**known | {name: tuple(known[name]) for name in ("static", "migrations")})
        except (ValueError, TypeError, KeyError) as problem:
            raise RecordUnreadable(
                f"{key} in the release bucket is no release record ({problem!r}). Delete it, or bring back the version "
                f"that the bucket keeps of it; then run the same command again."
            ) from problem


class Records:
    """The records of one stage."""

    def __init__(self, s3: Any, *, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def write(self, record: Record) -> None:
        with explained(f"Writing the record of {record.id}"):
            self._s3.put_object(
                Bucket=self._bucket,
                Key=f"{PREFIX}{record.id}.json",
                Body=record.dumps(),
                ContentType="application/json",
            )

    def delete(self, identifier: str) -> None:
        with explained(f"Deleting the record of {identifier}"):
            self._s3.delete_object(Bucket=self._bucket, Key=f"{PREFIX}{identifier}.json")

    def read(self, identifier: str) -> Record:
        """Raises NotPossible that names the releases that there are."""
        key = f"{PREFIX}{identifier}.json"
        try:
            with explained(f"Reading the record of {identifier}"):
                body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except AwsRefused as problem:
            if problem.code != "NoSuchKey":
                raise
            there = ", ".join(record.id for record in self.list()) or "none yet"
            raise NotPossible(f"There is no release {identifier}. There are: {there}.") from None
        return Record.loads(body, key=key)

    def list(self) -> list[Record]:
        """Return all records, the one that served last first."""
        with explained("Listing the releases"):
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=PREFIX)
            keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
        found = []
        for key in keys:
            with explained(f"Reading {key}"):
                body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            found.append(Record.loads(body, key=key))
        return sorted(found, key=lambda record: (record.served, record.when), reverse=True)

    def serving(self, versions: Mapping[Function, str]) -> Record | None:
        """Return the release whose versions the aliases name, if there is one."""
        return next((record for record in self.list() if dict(record.versions) == dict(versions)), None)

    def kept(self, *, number: int, versions: Mapping[Function, str]) -> tuple[Record, ...]:
        """Return the releases that stay: those that served last, and whatever an alias names."""
        every = self.list()
        newest = [record for record in every if record.served][:number]
        named = [record for record in every if _shares(record, versions)]
        return (*newest, *(record for record in named if record not in newest))

    def served(self, record: Record, *, when: str) -> Record:
        """Write down that ``record`` serves from ``when`` on."""
        now = replace(record, served=when)
        self.write(now)
        return now


def _shares(record: Record, versions: Mapping[Function, str]) -> bool:
    named = cast("Mapping[str, str]", versions)
    return any(named.get(which) == version for which, version in record.versions.items())

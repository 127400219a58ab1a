"""What is written down of a release, and read again."""

import json
from dataclasses import replace

import pytest

from serverless.deploy.release.exceptions import RecordUnreadable
from serverless.deploy.release.record import Record

RECORD = Record(
    id="20261123-061502-1a2b3c4",
    stage="production",
    commit="1a2b3c4",
    dirty=False,
    who="ann",
    when="2026-11-23T06:15:02Z",
    zip_key="packages/00.zip",
    sha256="AA==",
    versions={"web": "7", "worker": "7", "migrator": "8"},
    configurations={"web": {"Timeout": 29}},
    static=("static/a.css",),
    migrations=("shop.0001_initial",),
    size={"zipped": 30_000_000, "unpacked": 90_000_000, "parts": {"pillow": 20_000_000}, "init_cpu_ms": 300.5},
)


def test_what_is_written_is_read() -> None:
    assert Record.loads(RECORD.dumps(), key="releases/x.json") == RECORD


def test_one_of_before_anything_was_weighed_is_read() -> None:
    old = {name: value for name, value in json.loads(RECORD.dumps()).items() if name != "size"}
    assert Record.loads(json.dumps(old).encode(), key="releases/x.json") == replace(RECORD, size={})


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'"text"'])
def test_what_is_no_record_is_named_with_what_to_do(body: bytes) -> None:
    with pytest.raises(RecordUnreadable, match=r"releases/x\.json.*Delete it"):
        Record.loads(body, key="releases/x.json")

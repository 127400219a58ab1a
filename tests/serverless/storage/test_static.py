"""``collectstatic`` into a bucket of its own."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.files.storage import storages
from django.core.management import call_command
from pytest_django.fixtures import Settings

from tests.aws import client

MODULE = b'import { b } from "./b.js";\nexport const a = b;\n'


@pytest.fixture
def project(settings: Settings, tmp_path: Path) -> Path:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.js").write_bytes(MODULE)
    (source / "b.js").write_bytes(b"export const b = 1;\n")
    (source / "a.css").write_bytes(b'p { background: url("dot.svg") }\n')
    (source / "dot.svg").write_bytes(b"<svg/>")
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "root"
    options = dict(settings.STORAGES["default"]["OPTIONS"]) | {"bucket_name": settings.STATIC_BUCKET}
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "serverless.storage.static.StaticStorage", "OPTIONS": options}
    }
    finders.get_finder.cache_clear()  # type: ignore[attr-defined]  # an lru_cache; the stubs say function
    return tmp_path


def listed(bucket: str) -> dict[str, Any]:
    found = client("s3").list_objects_v2(Bucket=bucket, Prefix="static/").get("Contents", [])
    return {entry["Key"]: entry["LastModified"] for entry in found}


def test_hashed_files_reach_the_bucket_and_the_manifest_stays(project: Path, settings: Settings) -> None:
    call_command("collectstatic", interactive=False, verbosity=0)
    manifest = json.loads((project / "root" / "staticfiles.json").read_text())["paths"]
    keys = listed(settings.STATIC_BUCKET)
    assert {f"static/{name}" for name in manifest.values()} <= set(keys)
    assert "static/a.js" not in keys
    assert storages["staticfiles"].url("a.css") == f"/static/{manifest['a.css']}"
    stored = client("s3").get_object(Bucket=settings.STATIC_BUCKET, Key=f"static/{manifest['a.js']}")
    assert manifest["b.js"].encode() in stored["Body"].read()
    assert stored["CacheControl"] == "public, max-age=31536000, immutable"
    assert stored["ContentType"] in {"text/javascript", "application/javascript"}


def test_a_package_only_stages(project: Path, settings: Settings) -> None:
    settings.STORAGES["staticfiles"]["OPTIONS"] |= {"publish": False}
    (project / "source" / "staged.css").write_bytes(b"p { color: red }")
    call_command("collectstatic", interactive=False, verbosity=0)
    manifest = json.loads((project / "root" / "staticfiles.json").read_text())["paths"]
    assert f"static/{manifest['staged.css']}" not in listed(settings.STATIC_BUCKET)


def test_a_second_run_uploads_only_what_is_new(project: Path, settings: Settings) -> None:
    call_command("collectstatic", interactive=False, verbosity=0)
    before = listed(settings.STATIC_BUCKET)
    (project / "source" / "b.js").write_bytes(b"export const b = 2;\n")
    call_command("collectstatic", interactive=False, verbosity=0)
    after = listed(settings.STATIC_BUCKET)
    assert {key: after[key] for key in before} == before
    assert len(after) == len(before) + 2  # b.js, and a.js which names it

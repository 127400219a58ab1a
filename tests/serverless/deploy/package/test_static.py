"""The static files of small projects, collected with the Django that is installed beside these tests."""

import json
import os
from pathlib import Path

import django
import pytest

from serverless.deploy.package.exceptions import StaticFailed
from serverless.deploy.package.static import collect
from tests.serverless.deploy.package.conftest import Write
from tests.trees import ROOT

BACKEND = '"serverless.storage.static.StaticStorage", "OPTIONS": {"bucket_name": "b", "region_name": "r"}'
PLAIN = '"django.contrib.staticfiles.storage.StaticFilesStorage"'
ELSEWHERE = '"storages.backends.s3.S3ManifestStaticStorage", "OPTIONS": {"bucket_name": "b"}'


def project(write: Write, *, backend: str = BACKEND, root: str = 'BASE_DIR / "build" / "static"') -> Path:
    settings = f"""
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent
SECRET_KEY, INSTALLED_APPS, STATIC_URL = "x", ["django.contrib.staticfiles"], "/static/"
STATICFILES_DIRS = [BASE_DIR / "assets"]
STATIC_ROOT = {root}
STORAGES = {{"staticfiles": {{"BACKEND": {backend}}}}}
"""
    base = write({"own.py": settings, "assets/a.js": 'import "./b.js";\n', "assets/b.js": ""})
    (base / "serverless").symlink_to(ROOT / "serverless")
    return base


def collected(base: Path, folder: Path, *, packages: Path = Path(django.__file__).parents[1]) -> Path | None:
    return collect(
        folder,
        project=base,
        packages=packages,
        variables={"DJANGO_SETTINGS_MODULE": "own"},
        bytecode=folder.with_name("bytecode"),
    )


def test_they_are_staged_and_not_uploaded(write: Write, tmp_path: Path) -> None:
    base = project(write)
    assert collected(base, tmp_path / "static") == Path("build/static/staticfiles.json")
    names = json.loads((tmp_path / "static" / "staticfiles.json").read_text())["paths"]
    assert set(names) == {"a.js", "b.js"}
    assert names["b.js"] in (tmp_path / "static" / names["a.js"]).read_text()
    assert not (base / "build").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"bytecode", "static", "tree"}


def test_a_project_without_static_files(write: Write, tmp_path: Path) -> None:
    base = write({"own.py": "SECRET_KEY = 'x'\n"})
    assert collected(base, tmp_path / "static") is None


def test_settings_of_the_same_time_and_size_are_read_anew(write: Write, tmp_path: Path) -> None:
    base = project(write)
    for name in ("one", "two"):
        text = (base / "own.py").read_text().replace('/ "build"', f'/ "{name}"')
        (base / "own.py").write_text(text.replace('/ "one"', f'/ "{name}"'))
        os.utime(base / "own.py", (1, 1))
        assert collected(base, tmp_path / name) == Path(name, "static/staticfiles.json")


def test_bytecode_of_packages_is_kept(write: Write, tmp_path: Path) -> None:
    """Also where they lie in a folder of the project."""
    base = project(write)
    packages = base / ".cache" / "environment"
    packages.mkdir(parents=True)
    for name in ("django", "asgiref", "sqlparse"):
        (packages / name).symlink_to(Path(django.__file__).parents[1] / name)
    collected(base, tmp_path / "first", packages=packages)
    kept = set((tmp_path / "bytecode").rglob("*.pyc"))
    (tmp_path / "bytecode" / base.relative_to("/") / ".cache" / "environment" / "mark").touch()
    collected(base, tmp_path / "second", packages=packages)
    assert (tmp_path / "bytecode" / base.relative_to("/") / ".cache" / "environment" / "mark").exists()
    assert kept == set((tmp_path / "bytecode").rglob("*.pyc"))


@pytest.mark.parametrize(
    ("backend", "root", "message"),
    [
        (ELSEWHERE, "None", "S3ManifestStaticStorage, which keeps its files elsewhere and would upload them now"),
        (PLAIN, "None", "StaticFilesStorage, which writes no manifest"),
        (BACKEND, "BASE_DIR", "STATIC_ROOT is .*/tree, and the manifest"),
        (BACKEND, "None", "STATIC_ROOT is not set, and the manifest in it travels in the package"),
        (BACKEND, "'/srv/static'", "STATIC_ROOT is /srv/static, and the manifest"),
        ('"nothing.Here"', "None", "cannot be collected:(?s:.*)No module named 'nothing'"),
    ],
)
def test_what_cannot_travel_is_told(write: Write, tmp_path: Path, backend: str, root: str, message: str) -> None:
    with pytest.raises(StaticFailed, match=message):
        collected(project(write, backend=backend, root=root), tmp_path / "static")

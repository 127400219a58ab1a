"""A whole package of a small project, by uv, with wheels from disk."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from serverless.deploy.__main__ import main
from serverless.deploy.package import MACHINE, Architecture, Options, Package, make
from serverless.deploy.package.exceptions import BuildFailed, NamesCollide, RehearsalFailed, TreeInvalid
from tests.serverless.deploy.package.conftest import requirements
from tests.trees import copy_project

# One worker's: they share a cache.
pytestmark = pytest.mark.xdist_group("package")

OTHER: Architecture = "arm64" if MACHINE == "x86_64" else "x86_64"
WHEELS = {"arm64": "aarch64", "x86_64": "x86_64"}
SETTINGS = """
import os
from pathlib import Path
BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = os.environ["SECRET_KEY"]
ROOT_URLCONF, ALLOWED_HOSTS = "shop.urls", ["*"]
INSTALLED_APPS = ["django.contrib.staticfiles", "shop"]
STATIC_URL, STATIC_ROOT = "/static/", BASE_DIR / "build" / "static"
STORAGES = {"staticfiles": {"BACKEND": "serverless.storage.static.StaticStorage", "OPTIONS": {
    "bucket_name": "static", "region_name": "us-east-1", "endpoint_url": "http://127.0.0.1:9"}}}
"""
URLS = """
import re
from django.http import HttpResponse
from django.templatetags.static import static
from django.urls import path
import shoplib
GOODS = re.compile(r"(?P<goods>[a-z]+)-shop")
urlpatterns = [path("", lambda request: HttpResponse(f"{shoplib.RATE} {static('shop/a.css')}"))]
"""
TABLE = """
[tool.serverless.package]
remove = ["*/static"]
[tool.serverless.package.rehearse]
DJANGO_SETTINGS_MODULE = "shop.settings"
SECRET_KEY = "for-the-rehearsal-alone"
"""
ASK = """
import sys
from serverless.handlers.main import handler
from serverless.events import build
class Context:
    aws_request_id, function_name = "1", "web"
    def get_remaining_time_in_millis(self): return 30_000
answer = handler(build.http_v2(raw_path="/", headers=[("host", "testserver")]), Context())
import shop.urls, django
print(answer["body"], type(shop.urls.__loader__).__module__, type(django.__loader__).__module__, django.__file__)
"""


def write(folder: Path, index: Path) -> Path:
    """Write a project: what a shop needs to have a page with a static file."""
    copy_project(folder, "serverless")
    for name, text in {
        "shop/__init__.py": "",
        "shop/settings.py": SETTINGS,
        "shop/urls.py": URLS,
        "shop/static/shop/a.css": 'p { background: url("dot.svg") }',
        "shop/static/shop/dot.svg": "<svg/>",
        "shop/tests/test_a.py": "",
        ".env": "SECRET_KEY=hush",
        "pyproject.toml": TABLE,
        "requirements.txt": requirements(index, ["django", "asgiref", "sqlparse", "pybase64", "shoplib", "fastlib"]),
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def project(tmp_path: Path, index: Path, cache: Path) -> Path:
    """A project whose ``.cache`` is that of all tests here: Django is compiled once."""
    folder = write(tmp_path / "project", index)
    (folder / ".cache").symlink_to(cache)
    return folder


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def silent(_: str) -> None:
    pass


def package(
    project: Path, to: Path, *, architecture: Architecture = MACHINE, log: Callable[[str], None] = silent
) -> Package:
    return make(Options(project=project, to=to, architecture=architecture), log=log)


def names(made: Package) -> set[str]:
    with zipfile.ZipFile(made.path) as archive:
        found = archive.namelist()
        assert archive.testzip() is None
    assert len(found) == len(set(found))
    return set(found)


def test_a_package_is_what_a_function_reads(project: Path, tmp_path: Path) -> None:
    made = package(project, tmp_path / "out", architecture=OTHER)
    found = names(made)
    assert {"shop/urls.py", "django/__init__.py", "shoplib/__init__.py", "fastlib.so", "serverless/bundle.py"} <= found
    assert {"modules.bundle", "packages.bundle", "prepared.bundle", "build/static/staticfiles.json"} <= found
    for gone in (".env", "shop/tests/test_a.py", "shoplib/po/de.po", "shop/static/shop/a.css", "pyproject.toml"):
        assert gone not in found
    assert not any(name.startswith(("bin/", "serverless/deploy")) or name.endswith("RECORD") for name in found)
    with zipfile.ZipFile(made.path) as archive:
        assert archive.read("fastlib.so").decode().endswith(WHEELS[OTHER])
        everything = b"".join(archive.read(name) for name in found)
        assert sum(entry.file_size for entry in archive.infolist()) == made.unpacked
    assert b"for-the-rehearsal-alone" not in everything
    assert str(tmp_path).encode() not in everything
    assert made.zipped == made.path.stat().st_size
    assert sum(made.parts.values()) == pytest.approx(made.unpacked, rel=0.01)
    assert made.parts["Django"] > 1_000_000
    assert made.parts["shop (project)"] > 0


def test_static_files_are_staged_and_their_manifest_travels(project: Path, tmp_path: Path) -> None:
    made = package(project, tmp_path / "out")
    assert made.static is not None
    manifest = json.loads((made.static / "staticfiles.json").read_text())["paths"]
    hashed = (made.static / manifest["shop/a.css"]).read_text()
    assert Path(manifest["shop/dot.svg"]).name in hashed
    with zipfile.ZipFile(made.path) as archive:
        assert json.loads(archive.read("build/static/staticfiles.json"))["paths"] == manifest


def test_the_unpacked_zip_answers(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--project", str(project), "--to", str(tmp_path / "out"), "--starts", "1", "--unpack"]
    assert main(["package", *arguments, "--architecture", "host"]) == 0
    said = capsys.readouterr().out
    assert "CodeSha256" in said
    assert "ms of CPU on this machine" in said
    tree = tmp_path / "out" / "tree"
    environ = {
        "PATH": os.defpath,
        "PYTHONPATH": str(tree),
        "SECRET_KEY": "x",
        "DJANGO_SETTINGS_MODULE": "shop.settings",
    }
    done = subprocess.run([sys.executable, "-c", ASK], cwd="/", env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rate, url, shop, django, file = done.stdout.split()
    assert (rate, shop, django) == ("3", "serverless.bundle", "serverless.bundle")
    assert url.startswith("/static/shop/a.")
    assert file == f"{tree}/django/__init__.py"


def test_the_same_input_makes_the_same_bytes_elsewhere_and_later(project: Path, tmp_path: Path, index: Path) -> None:
    first = package(project, tmp_path / "out", architecture=OTHER)
    again = package(project, tmp_path / "out", architecture=OTHER)
    other = moved(project, tmp_path / "another" / "place")
    (other / ".cache").unlink()  # so that packages are made again, too
    elsewhere = package(other, tmp_path / "elsewhere", architecture=OTHER)
    assert first.sha256 == again.sha256 == elsewhere.sha256


def test_packages_are_made_to_the_same_bytes_again(project: Path, tmp_path: Path, index: Path) -> None:
    (project / "requirements.txt").write_text(requirements(index, ["sqlparse", "shoplib", "fastlib"]))
    (project / "pyproject.toml").unlink()
    made = [
        make(Options(project=folder, to=tmp_path / name, cache=tmp_path / name / "cache"), log=silent)
        for name, folder in (("1", project), ("2", moved(project, tmp_path / "another" / "place")))
    ]
    assert made[0].sha256 == made[1].sha256
    assert made[0].bom.read_text() == made[1].bom.read_text()


def moved(project: Path, to: Path) -> Path:
    """Return a copy with another name and other times."""
    shutil.copytree(project, to / "checkout", symlinks=True)
    for path in (to / "checkout").rglob("*"):
        os.utime(path, (1, 1), follow_symlinks=False)
    return to / "checkout"


def test_a_change_of_the_project_makes_nothing_else_anew(project: Path, tmp_path: Path) -> None:
    said: list[str] = []
    before = package(project, tmp_path / "out")
    old = {entry.filename: entry.CRC for entry in zipfile.ZipFile(before.path).infolist()}
    (project / "shop" / "urls.py").write_text(URLS + "CHANGED = 1\n")
    after = package(project, tmp_path / "out", log=said.append)
    new = {entry.filename: entry.CRC for entry in zipfile.ZipFile(after.path).infolist()}
    assert before.sha256 != after.sha256
    assert {name for name in new if new[name] != old.get(name)} == {"shop/urls.py", "modules.bundle"}
    assert said
    assert not any("installing" in line or "packages" in line for line in said)


def test_without_a_rehearsal_nothing_is_started(project: Path, tmp_path: Path) -> None:
    (project / "pyproject.toml").write_text(TABLE.partition("[tool.serverless.package.rehearse]")[0])
    (project / "shop" / "settings.py").write_text("raise RuntimeError\n")
    made = package(project, tmp_path / "out", architecture=OTHER)
    assert made.static is None
    assert "prepared.bundle" not in names(made)


def test_a_project_that_does_not_start_is_not_packaged(project: Path, tmp_path: Path) -> None:
    (project / "shop" / "urls.py").write_text("import nothing_here\n")
    with pytest.raises(RehearsalFailed, match="No module named 'nothing_here'"):
        package(project, tmp_path / "out")
    assert not (tmp_path / "out" / "package.zip").exists()


def test_what_only_the_developer_has_is_missed_here_as_there(project: Path, tmp_path: Path) -> None:
    (project / "shop" / "urls.py").write_text("import pytest\nurlpatterns = []\n")
    with pytest.raises(RehearsalFailed, match="No module named 'pytest'"):
        package(project, tmp_path / "out")


def test_what_was_made_in_the_project_before_is_in_no_package_and_no_change_of_it(
    project: Path, tmp_path: Path
) -> None:
    (project / "build" / "static").mkdir(parents=True)
    (project / "build" / "static" / "old.css").touch()  # a collectstatic on this machine
    first = names(package(project, project / "build" / "package"))
    assert "build/static/old.css" not in first
    assert "build/static/staticfiles.json" in first
    for words in (("init", "-q"), ("add", "-A")):
        subprocess.run(("git", "-C", project, *words), check=True)
    (project / "build" / "package" / "host" / "link").symlink_to(project)
    assert names(package(project, project / "build" / "release")) == first
    command = ("git", "-C", project, "status", "--porcelain", "--untracked-files=normal")
    changed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    assert not [line for line in changed if not line.startswith("A  ")]


def test_what_the_last_one_weighed_survives_one_that_fails(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["package", "--project", str(project), "--to", str(project / "out"), "--starts", "0",
                 "--architecture", MACHINE]  # fmt: skip
    assert main(arguments) == 0
    assert "(+0.0 MB)" not in capsys.readouterr().out
    (project / "shop" / "urls.py").write_text("import nothing_here\n")
    assert main(arguments) == 1
    (project / "shop" / "urls.py").write_text(URLS)
    assert main(arguments) == 0
    assert "(+0.0 MB)" in capsys.readouterr().out


def test_mistakes_are_told_before_anything_is_done(project: Path, tmp_path: Path) -> None:
    options = Options(project=project, to=tmp_path / "out")
    with pytest.raises(BuildFailed, match=r"The function runs Python 3\.9, and this is .*Package with Python 3\.9"):
        make(replace(options, python="3.9"), log=silent)
    with pytest.raises(TreeInvalid, match="none is not a folder"):
        make(replace(options, project=project / "none"), log=silent)
    with pytest.raises(TreeInvalid, match="project is there already and was not made by this command"):
        make(replace(options, to=project), log=silent)
    assert (project / "shop" / "urls.py").exists()
    (project / "shoplib").mkdir()
    (project / "shoplib" / "__init__.py").touch()
    with pytest.raises(NamesCollide, match="shoplib has the name of something"):
        package(project, tmp_path / "out")


def test_a_mistake_is_one_sentence_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["package", "--project", str(tmp_path / "none"), "--to", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.strip() == f"{tmp_path / 'none'} is not a folder."


def test_it_is_a_program_of_its_own() -> None:
    command = [sys.executable, "-m", "serverless.deploy", "package", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "[tool.serverless.package]" in done.stdout
    assert done.stderr == ""

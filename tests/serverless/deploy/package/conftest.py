"""Small trees to package, and an index of wheels on disk to package them with."""

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import distribution
from pathlib import Path

import pytest

from tests.trees import ROOT

type Write = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write files below a new folder, which is returned."""

    def made(files: Mapping[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / "tree" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path / "tree"

    return made


def wheel(folder: Path, files: Mapping[str, bytes], *, name: str, version: str, tag: str = "py3-none-any") -> None:
    """Write a wheel: https://packaging.python.org/en/latest/specifications/binary-distribution-format/"""
    info = f"{name}-{version}.dist-info"
    written = dict(files)
    written.setdefault(f"{info}/METADATA", f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n".encode())
    written[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n".encode()
    written[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in (*written, f"{info}/RECORD")).encode()
    with zipfile.ZipFile(folder / f"{name}-{version}-{tag}.whl", "w") as archive:
        for path, data in written.items():
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), data)


def installed(folder: Path, names: Iterable[str]) -> None:
    """Write wheels of what is installed beside these tests, without what is compiled for this machine."""
    for name in names:
        found = distribution(name)
        kept = [
            file
            for file in found.files or ()
            if file.parts[0] != ".." and file.suffix not in {".pyc", ".so"} and file.name not in {"RECORD", "WHEEL"}
        ]
        files = {str(file): Path(str(file.locate())).read_bytes() for file in kept}
        written = found.metadata["Name"].lower().replace("-", "_")
        wheel(folder, files, name=written, version=found.version)


def requirements(index: Path, names: Iterable[str]) -> str:
    """Return the text that pins ``names`` with the hashes of all their wheels."""
    lines = []
    for name in names:
        wheels = sorted(index.glob(f"{name}-*.whl"))
        hashes = " ".join(f"--hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}" for path in wheels)
        lines.append(f"{name}=={wheels[0].name.split('-')[1]} {hashes}\n")
    return "".join(lines)


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Django and two libraries: one in Python, and one compiled for both of Lambda's processors and for Windows."""
    folder = tmp_path_factory.mktemp("index")
    installed(folder, ("django", "asgiref", "sqlparse", "pybase64"))
    pure = {"shoplib/__init__.py": b"RATE = 3\n", "shoplib/tests/test_a.py": b"", "shoplib/po/de.po": b"x" * 50}
    wheel(folder, pure, name="shoplib", version="1.2")
    for tag in ("cp313-cp313-manylinux_2_28_x86_64", "cp313-cp313-manylinux_2_28_aarch64"):
        for one in (tag, tag.replace("313", "312")):
            wheel(folder, {"fastlib.so": one.encode()}, name="fastlib", version="2.0", tag=one)
    wheel(folder, {"winlib.py": b""}, name="winlib", version="1.0", tag="cp313-cp313-win_amd64")
    return folder


@pytest.fixture
def index(wheels: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Let uv find these wheels, and nothing else."""
    monkeypatch.setenv("UV_FIND_LINKS", str(wheels))
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    # As a developer calls it; elsewhere a shim of pyenv may not know the version of Python.
    monkeypatch.chdir(ROOT)
    assert os.environ["UV_NO_INDEX"]
    return wheels

import os
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.demo.exceptions import PackageUnavailable
from app.demo.packages import fetch, unpack
from tests.app.demo.conftest import PACKAGE, deb


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[str]:
    """A mirror with the package, on this machine."""
    root = tmp_path / "mirror"
    (root / "pool/p").mkdir(parents=True)
    deb(root / PACKAGE.pool, {"a.jpg": b"from the mirror"})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(root)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder"


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only program on the PATH: an apt-get to be written."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    program = tmp_path / "bin" / "apt-get"
    program.touch(mode=0o755)
    return program


def contents(path: Path) -> dict[str, bytes]:
    return dict(unpack(path, names={"a.jpg", "b.jpg"}))


def test_files_come_out_by_name(tmp_path: Path) -> None:
    path = deb(tmp_path / "x.deb", {"a.jpg": b"odd", "b.jpg": b"even", "c.jpg": b"not asked for"})
    assert contents(path) == {"a.jpg": b"odd", "b.jpg": b"even"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be unpacked"),
        (b"\x28\xb5\x2f\xfd zstandard", "cannot be unpacked"),
        (b"\xfd7zXZ\0cut", "unpacked"),
    ],
)
def test_a_package_that_cannot_be_read_says_so(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(PackageUnavailable, match=said):
        contents(deb(tmp_path / "x.deb", {}, content=content))


@pytest.mark.parametrize("content", [b"", b"<html>", b"!<arch>\n", b"!<arch>\n" + b"x" * 60])
def test_what_is_no_package_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.deb"
    path.write_bytes(content)
    with pytest.raises(PackageUnavailable, match=r"x\.deb cannot be unpacked"):
        contents(path)


def test_apt_comes_first_and_the_mirror_after_it(apt: Path, mirror: str, folder: Path, tmp_path: Path) -> None:
    source = deb(tmp_path / "apt.deb", {"a.jpg": b"from apt"})
    apt.write_text(f'#!/bin/sh\nexec /bin/cp {source} "${{!#}}_1.0_all.deb"\n'.replace('"${!#}', '"pictures'))
    assert [contents(path) for path in fetch(PACKAGE, folder, mirror=mirror)] == [
        {"a.jpg": b"from apt"},
        {"a.jpg": b"from the mirror"},
    ]


@pytest.mark.parametrize("script", ["#!/bin/sh\nexit 100\n", "#!/bin/sh\nexit 0\n", "no program"])
def test_an_apt_that_cannot_is_passed_over(apt: Path, mirror: str, folder: Path, script: str) -> None:
    apt.write_text(script)
    assert [contents(path) for path in fetch(PACKAGE, folder, mirror=mirror)] == [{"a.jpg": b"from the mirror"}]


def test_without_apt_and_network_one_clause_says_why(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(
        PackageUnavailable, match=r"pictures cannot be fetched from 127\.0\.0\.1:9 \(\[Errno 111\] Connection refused\)"
    ):
        list(fetch(PACKAGE, folder, mirror="http://127.0.0.1:9/"))


def test_a_mirror_without_it_is_named(mirror: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(PackageUnavailable, match=r"cannot be fetched from 127\.0\.0\.1:\d+ \(File not found\)"):
        list(fetch(PACKAGE, folder, mirror=f"{mirror}elsewhere/"))

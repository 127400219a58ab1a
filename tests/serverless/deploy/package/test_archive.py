import base64
import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from serverless.deploy.package import archive
from serverless.deploy.package.exceptions import TreeInvalid


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


FILES = {"shop/views.py": "x = 1\n" * 100, "a.py": "", "shop/Z.txt": "z", "bin/run": "#!/bin/sh\n"}


def test_the_same_files_make_the_same_bytes(tmp_path: Path) -> None:
    first = tree(tmp_path / "one", FILES)
    second = tree(tmp_path / "another" / "path", dict(reversed(FILES.items())))
    for root, mode, time in ((first, 0o644, 0), (second, 0o600, 2_000_000_000)):
        for path in root.rglob("*"):
            if path.is_file():
                path.chmod(mode | (0o100 if path.name == "run" else 0))
                os.utime(path, (time, time))
    archive.write(tmp_path / "1.zip", first)
    archive.write(tmp_path / "2.zip", second)
    assert (tmp_path / "1.zip").read_bytes() == (tmp_path / "2.zip").read_bytes()


def test_entries_are_sorted_readable_by_all_and_without_a_time(tmp_path: Path) -> None:
    root = tree(tmp_path / "tree", FILES)
    (root / "bin/run").chmod(0o700)
    (root / "a.py").chmod(0o600)
    archive.write(tmp_path / "a.zip", root)
    with zipfile.ZipFile(tmp_path / "a.zip") as made:
        entries = made.infolist()
        assert made.testzip() is None
    assert [entry.filename for entry in entries] == sorted(FILES)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.filename: oct(entry.external_attr >> 16) for entry in entries} == {
        "a.py": "0o100644", "bin/run": "0o100755", "shop/Z.txt": "0o100644", "shop/views.py": "0o100644",
    }  # fmt: skip


def test_one_is_appended_to_another_which_stays(tmp_path: Path) -> None:
    base, more = tree(tmp_path / "base", FILES), tree(tmp_path / "more", {"project/b.py": "b", "project/a.py": "a"})
    archive.write(tmp_path / "base.zip", base)
    before = (tmp_path / "base.zip").read_bytes()
    archive.append(tmp_path / "all.zip", tmp_path / "base.zip", more)
    assert (tmp_path / "base.zip").read_bytes() == before
    archive.unpack(tmp_path / "all.zip", tmp_path / "out")
    found = {str(path.relative_to(tmp_path / "out")): path.read_text() for path in (tmp_path / "out").rglob("*.*")}
    assert found == {name: text for name, text in FILES.items() if "." in name} | {
        "project/a.py": "a", "project/b.py": "b",
    }  # fmt: skip
    with zipfile.ZipFile(tmp_path / "all.zip") as made:
        assert made.namelist() == [*sorted(FILES), "project/a.py", "project/b.py"]


def test_modes_come_back(tmp_path: Path) -> None:
    root = tree(tmp_path / "tree", FILES)
    (root / "bin/run").chmod(0o755)
    archive.write(tmp_path / "a.zip", root)
    archive.unpack(tmp_path / "a.zip", tmp_path / "out")
    assert (tmp_path / "out/bin/run").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "out/a.py").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("kind", ["file", "folder", "broken", "pipe"])
def test_links_are_refused(tmp_path: Path, kind: str) -> None:
    root = tree(tmp_path / "tree", FILES)
    if kind == "pipe":
        os.mkfifo(root / "link")
    else:
        (root / "link").symlink_to({"file": root / "a.py", "folder": root / "shop", "broken": root / "none"}[kind])
    with pytest.raises(TreeInvalid, match="link is a link or no file"):
        archive.write(tmp_path / "a.zip", root)


def test_a_hash_is_what_lambda_reports(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"data")
    found = archive.digest(tmp_path / "a.zip")
    assert found.sha256 == hashlib.sha256(b"data").hexdigest()
    assert base64.b64decode(found.code_sha256).hex() == found.sha256

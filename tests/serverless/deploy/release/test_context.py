"""What a release is named after: a commit, and whether its code is all of it."""

import subprocess
from pathlib import Path

import pytest

from serverless.deploy.release.context import _commit


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name, text in {"a.py": "", ".gitignore": "*.log\n"}.items():
        (tmp_path / name).write_text(text)
    who = ("-c", "user.name=ada", "-c", "user.email=ada@example.org")
    for words in (("init", "-q"), ("add", "."), (*who, "commit", "-q", "-m", "first")):
        subprocess.run(["git", "-C", tmp_path, *words], check=True)
    return tmp_path


def test_a_clean_checkout_is_its_commit(checkout: Path) -> None:
    (checkout / "ignored.log").touch()
    commit, dirty = _commit(checkout)
    assert len(commit) == 40
    assert not dirty


@pytest.mark.parametrize("name", ["a.py", "hotfix.py"])
def test_what_no_commit_has_is_told(checkout: Path, name: str) -> None:
    (checkout / name).write_text("x = 1\n")
    assert _commit(checkout)[1]


def test_without_git_no_commit_is_known(tmp_path: Path) -> None:
    assert _commit(tmp_path) == ("unknown", False)

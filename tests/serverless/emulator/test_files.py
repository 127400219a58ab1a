from pathlib import Path

import pytest

from serverless.emulator.exceptions import StateUnusable
from serverless.emulator.files import write_private


def test_what_was_there_is_replaced_and_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("old and longer")
    path.chmod(0o666)
    write_private(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("kept")
    (tmp_path / "secret").symlink_to(other)
    write_private(tmp_path / "secret", "new")
    assert other.read_text() == "kept"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(StateUnusable, match="choose another with --state-dir"):
        write_private(tmp_path / "none" / "secret", "x")

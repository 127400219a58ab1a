"""Small trees to package."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

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

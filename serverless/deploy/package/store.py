"""Folders that are made once for each key, and found again by the next release."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

__all__ = ["Store"]

# Of each kind: two platforms, before and after a change, and a branch beside it. Each is up to 150 MB.
_KEPT: Final = 6


class Store:
    """Finished folders below ``root``, as ``KIND/KEY``. One that is being made has another name until it is done."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, kind: str, key: str, make: Callable[[Path], None]) -> Path:
        """Return the folder for ``key``; if there is none yet, let ``make`` fill one."""
        place = self.root / kind / key
        if not place.exists():
            self._make(place, make)
        os.utime(place)  # the last use decides what goes
        self._prune(place)
        return place

    def _make(self, place: Path, make: Callable[[Path], None]) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        (self.root / ".gitignore").write_text("*\n")  # no change of a checkout that it lies in
        unfinished = Path(tempfile.mkdtemp(prefix=".", dir=place.parent))
        unfinished.chmod(0o755)
        try:
            make(unfinished)
            try:
                unfinished.rename(place)
            except OSError:
                if not place.exists():  # else somebody else was quicker, with the same
                    raise
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def _prune(self, used: Path) -> None:
        made = [path for path in used.parent.iterdir() if not path.name.startswith(".")]
        for old in sorted(made, key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT:]:
            shutil.rmtree(old, ignore_errors=True)

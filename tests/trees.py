"""Trees as a release makes them, out of what is installed beside these tests: for tests and benchmarks of packages."""

import re
import shutil
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
# What a web function imports of requirements.txt. The rest (Pillow, ReportLab, boto3) is four times as much to copy.
WEB = ("django", "asgiref", "sqlparse", "psycopg", "psycopg-binary", "django-redis", "redis", "segno", "pybase64",
       "cryptography", "cffi", "typing-extensions")  # fmt: skip


def required() -> list[str]:
    """Return the names of everything in requirements.txt that is installed for this Python."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pinned = [Requirement(line.rstrip("\\ ")) for line in lines if re.match(r"[A-Za-z0-9]", line)]
    return [found.name for found in pinned if found.marker is None or found.marker.evaluate()]


def copy_packages(names: Iterable[str], folder: Path) -> None:
    """Copy the files of installed packages into ``folder``, as an installation into it would leave them."""
    for name in names:
        for file in distribution(name).files or ():
            if ".." in file.parts or file.suffix == ".pyc":
                continue
            target = folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(file.locate()), target)


def copy_project(folder: Path, *parts: str) -> None:
    """Copy some of this repository's folders and files into ``folder``."""
    for part in parts:
        source, target = ROOT / part, folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, target)

"""Which files a function never reads: one rule a kind, the first that holds counts."""

import re
from collections.abc import Callable
from fnmatch import fnmatchcase, translate
from functools import cache
from pathlib import PurePosixPath
from typing import Final

from serverless.deploy.package.config import PackageConfig

__all__ = ["asked_for", "category"]

type _Rule = Callable[[PurePosixPath, PackageConfig], bool]

# Rooms of this very package that only a release or a developer's machine enters.
_NEVER_RUN: Final = ("serverless/deploy", "serverless/emulator", "serverless/stack")

_CHECKOUT: Final = (
    "pyproject.toml", "zappa_settings.*", "requirements*.txt", "requirements*.in", "*.lock", "setup.cfg", "*.ini",
    "package.json", "package-lock.json", "Makefile", "Dockerfile*", "docker-compose*", "README*", "CHANGELOG*",
    "*.zip", "*.tar.gz", "*.sqlite3",
)  # fmt: skip


def category(path: PurePosixPath, config: PackageConfig) -> str | None:
    """Return the kind of file that ``path``, relative to the tree, is and that goes; None for one that stays."""
    if asked_for(path, config):
        return None
    return next((name for name, holds in RULES if holds(path, config)), None)


def asked_for(path: PurePosixPath, config: PackageConfig) -> bool:
    """Return whether ``keep`` names ``path`` or a folder that it is in."""
    return _below(path, config.keep)


def _below(path: PurePosixPath, patterns: tuple[str, ...]) -> bool:
    """Whether one of ``patterns`` names ``path`` or a folder that it is in."""
    matches = _compiled(patterns).match
    return any(matches(at.as_posix()) for at in (path, *path.parents))


@cache
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    # One pattern for all: asked of every file and of every folder that it is in. Of none: nothing matches.
    return re.compile("|".join(map(translate, patterns)) or "(?!)")


def _asked(path: PurePosixPath, config: PackageConfig) -> bool:
    return _below(path, (*config.remove, *_NEVER_RUN))


def _bytecode(path: PurePosixPath, _: PackageConfig) -> bool:
    return path.suffix == ".pyc" or "__pycache__" in path.parts


def _translation_source(path: PurePosixPath, _: PackageConfig) -> bool:
    return path.suffix in {".po", ".pot"}


def _locale(path: PurePosixPath, config: PackageConfig) -> bool:
    """``…/locale/de_AT/LC_MESSAGES/django.mo``, and Django's formats beside them."""
    parts = path.parts
    if "locale" not in parts[:-1]:
        return False
    inside = parts[parts.index("locale") + 1 :]
    if len(inside) < 2 or not ("LC_MESSAGES" in inside or parts[:3] == ("django", "conf", "locale")):
        return False
    language, _, _ = inside[0].partition("_")
    kept = config.keep_locales
    return not (inside[0] in kept or language in kept or any(asked.partition("_")[0] == inside[0] for asked in kept))


def _tests(path: PurePosixPath, _: PackageConfig) -> bool:
    # Never "test": django.test and numpy.testing are imported by code that is not a test.
    return "tests" in path.parts[:-1] or path.name == "conftest.py"


def _stubs(path: PurePosixPath, _: PackageConfig) -> bool:
    return path.suffix == ".pyi" or path.name == "py.typed" or path.parts[0].endswith("-stubs")


def _services(path: PurePosixPath, config: PackageConfig) -> bool:
    """``botocore/data/SERVICE/VERSION/service-2.json.gz``; what is in ``data`` itself serves all of them."""
    parts = path.parts
    in_data = len(parts) > 3 and parts[0] in {"botocore", "boto3"} and parts[1] == "data"
    return in_data and parts[2] not in config.keep_services


def _extension_sources(path: PurePosixPath, _: PackageConfig) -> bool:
    return path.suffix in {".c", ".h", ".cpp", ".hpp", ".pyx", ".pxd"}


def _records(path: PurePosixPath, _: PackageConfig) -> bool:
    """What installers write for themselves; the first names files that are gone. Names and versions stay."""
    written = path.name in {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"}
    return written and path.parent.suffix == ".dist-info"


def _manuals(path: PurePosixPath, _: PackageConfig) -> bool:
    return path.parts[:2] == ("share", "man")


def _checkout(path: PurePosixPath, _: PackageConfig) -> bool:
    """What lies at the root of a checkout for people and tools. Databases and zips there are nobody's to release."""
    return len(path.parts) == 1 and any(fnmatchcase(path.name, pattern) for pattern in _CHECKOUT)


RULES: Final[tuple[tuple[str, _Rule], ...]] = (
    ("asked for", _asked),
    ("old bytecode", _bytecode),
    ("translation sources", _translation_source),
    ("other languages", _locale),
    ("tests", _tests),
    ("type stubs", _stubs),
    ("AWS services", _services),
    ("extension sources", _extension_sources),
    ("installer's records", _records),
    ("manuals", _manuals),
    ("a checkout's own", _checkout),
)

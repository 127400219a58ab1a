"""Which line of the project had a statement sent."""

import sys
import sysconfig
from functools import cache
from pathlib import Path
from types import FrameType

__all__ = ["responsible"]

_LIBRARIES = tuple(str(Path(sysconfig.get_path(name))) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
# Between a project's line and the connection, in a checkout as well as installed.
_BETWEEN = ("psycopg", "psycopg_pool", "django", "serverless.db", "serverless.queries")
# Migrations go to the database itself; what Django's own tests do before and after is nobody's.
_NOBODY = "django.db.migrations.executor"
_TESTS = frozenset({"_fixture_setup", "_fixture_teardown", "setup_databases"})


def responsible() -> str | None:
    """Return ``path:line`` of the innermost line of the project's code on the stack, or of what stands nearest to it.

    None if a migration or Django's own test machinery had it sent: neither goes through a proxy.
    """
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - documented, and a hundredth of what inspect.stack() costs
    line = nearest = None
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module == _NOBODY or (line is None and module.startswith("django.test.") and frame.f_code.co_name in _TESTS):
            return None
        if line is None and not _between(module):
            nearest = nearest or _place(frame)
            if not _is_library(frame.f_code.co_filename, module):
                line = _place(frame)
        frame = frame.f_back
    return line or nearest or "an unknown line"


def _between(module: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in _BETWEEN)


def _is_library(file: str, module: str) -> bool:
    # In a function's package libraries lie beside the project: there only their names tell.
    return file.startswith(("<", *_LIBRARIES)) or module.partition(".")[0] in _installed()


@cache
def _installed() -> frozenset[str]:
    from importlib.metadata import packages_distributions  # 20 ms, for who has something to report

    return frozenset(packages_distributions())


def _place(frame: FrameType) -> str:
    file = Path(frame.f_code.co_filename)
    here = Path.cwd()
    return f"{file.relative_to(here) if file.is_relative_to(here) else file}:{frame.f_lineno}"

"""One cold start in a process of its own, and whose each module of it is."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from serverless.coldstart.imports import Import, parse
from serverless.exceptions import ServerlessError

__all__ = ["ColdStart", "NoColdStart", "Owner", "measure"]

ENTRY = "serverless.handlers.main"
# Six times what Lambda gives it, for slow machines and for importtime's own cost.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
_TIMEOUT_S = 60
# importtime counts the statement, not importlib.import_module(), by which Django loads settings, models and URLs.
_CHILD = f"""
import importlib, importlib.util, sys

def import_module(name, package=None):
    name = importlib.util.resolve_name(name, package)
    __import__(name)
    return sys.modules[name]

importlib.import_module = import_module
import {ENTRY}
import json
from django.conf import settings
found = {{
    "files": {{n: getattr(m, "__file__", None) or "" for n, m in list(sys.modules.items())}},
    "apps": [str(app) for app in settings.INSTALLED_APPS],
    "middleware": list(settings.MIDDLEWARE),
}}
with open(sys.argv[1], "w") as file:
    json.dump(found, file)
"""


class NoColdStart(ServerlessError):
    """The project does not start at all."""


class Owner(StrEnum):
    """Whose code a module is."""

    PROJECT = "this project"
    PACKAGE = "packages"
    DJANGO = "Django"
    SERVERLESS = "serverless"
    PYTHON = "Python"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStart:
    """What happened from the first import of the entry point on, until it could take an event."""

    root: Import
    files: Mapping[str, str]
    apps: tuple[str, ...]
    middleware: tuple[str, ...]

    @property
    def total_us(self) -> int:
        return self.root.total_us

    def owner(self, name: str) -> Owner:
        """Return whose the module called ``name`` is."""
        top = name.partition(".")[0]
        if top in {"django", "asgiref", "sqlparse"}:
            return Owner.DJANGO
        if top == "serverless":
            return Owner.SERVERLESS
        file = self.files.get(name) or self.files.get(top, "")
        if not file or top in sys.stdlib_module_names:
            return Owner.PYTHON
        installed = "site-packages" in file or "dist-packages" in file
        return Owner.PACKAGE if installed else Owner.PROJECT


def measure(*, runs: int = 3) -> ColdStart:
    """Start the project of DJANGO_SETTINGS_MODULE ``runs`` times, and once to compile it; return the quickest start.

    Raises NoColdStart with what the project said.
    """
    with tempfile.TemporaryDirectory() as folder:
        environ = os.environ | {
            "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry),
            # Bytecode that is sure to be there and fresh, and leaves nothing behind.
            "PYTHONPYCACHEPREFIX": folder,
            "PYTHONDONTWRITEBYTECODE": "",
        }
        _once(environ)
        return min((_once(environ) for _ in range(runs)), key=lambda start: start.total_us)


def _once(environ: Mapping[str, str]) -> ColdStart:
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "told")
        command = [sys.executable, "-X", "importtime", "-c", _CHILD, str(told)]
        try:
            done = subprocess.run(  # noqa: S603 - our own program
                command, env=environ, capture_output=True, text=True, errors="replace", timeout=_TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise NoColdStart(f"The project did not start within {_TIMEOUT_S} s; Lambda gives it 10.") from None
        roots, others = parse(done.stderr)
        if done.returncode != 0:
            raise NoColdStart(f"The project does not start with these settings.\n\n{others.strip()}")
        found = json.loads(told.read_text())
    return ColdStart(
        # Before it stands the interpreter's own start, behind it what only the measurement imports.
        root=next(root for root in roots if root.name == ENTRY),
        files=found["files"],
        apps=tuple(found["apps"]),
        middleware=tuple(found["middleware"]),
    )

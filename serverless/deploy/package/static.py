"""Static files, hashed and staged; a release uploads them, and the package holds the manifest that names them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from serverless.deploy.package.exceptions import StaticFailed

__all__ = ["collect", "put_manifest"]

_COLLECTOR: Final = Path(__file__).with_name("collector.py")
_LIMIT_S: Final = 300


def collect(
    folder: Path, *, project: Path, packages: Path, variables: Mapping[str, str], bytecode: Path
) -> Path | None:
    """Collect the static files of ``project`` in the new ``folder``; return where its manifest belongs in the package.

    The path is relative; None where the project has no ``django.contrib.staticfiles``. Files are searched in the
    project and its installed ``packages`` as they are: slimming may take out what only a CDN serves. ``bytecode`` keeps
    what is compiled of packages meanwhile. Raises StaticFailed.
    """
    folder.mkdir()
    _forget(project, packages, bytecode)
    answer = folder.with_suffix(".answer")
    environ = {"PATH": os.defpath, **variables, "PYTHONPYCACHEPREFIX": str(bytecode.resolve())}
    environ["PYTHONPATH"] = os.pathsep.join(str(path.resolve()) for path in (project, packages))
    # -S: what only the developer's environment has is in no function either.
    command = [sys.executable, "-S", "-P", str(_COLLECTOR), str(folder.resolve()), str(answer.resolve())]
    try:
        done = subprocess.run(  # noqa: S603 - the project that is to be released
            command, cwd=project, env=environ, capture_output=True, text=True, timeout=_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise StaticFailed(f"collectstatic had not ended after {_LIMIT_S} s.") from None
    if done.returncode != 0:
        raise StaticFailed(f"The static files of {project} cannot be collected:\n{done.stderr.strip()}")
    said = json.loads(answer.read_text())
    answer.unlink()
    return None if said is None else _place(*said, project=project)


def _forget(project: Path, packages: Path, bytecode: Path) -> None:
    """Delete the ``bytecode`` of the project's own files: it is known by time and size, which two commits may share."""
    kept, own = (bytecode / path.resolve().relative_to("/") for path in (packages, project))
    for path in own.iterdir() if own.exists() else ():
        if path not in (kept, *kept.parents):
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _place(root: str, manifest: str, *, project: Path) -> Path:
    folder = Path(root).resolve()
    if project.resolve() not in folder.parents:
        raise StaticFailed(
            f"STATIC_ROOT is {root or 'not set'}, and the manifest in it travels in the package: "
            f'let it be a folder of the project, such as BASE_DIR / "build" / "static".'
        )
    return folder.relative_to(project.resolve()) / manifest


def put_manifest(staged: Path, place: Path, tree: Path) -> None:
    """Copy the manifest of the files ``staged`` to its ``place`` in ``tree``, as all that its folder holds."""
    shutil.rmtree((tree / place).parent, ignore_errors=True)  # what a collectstatic on this machine has left
    (tree / place).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(staged / place.name, tree / place)

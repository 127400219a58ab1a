"""Starting a packaged project once, on the machine that packages it, to keep what its start compiles."""

import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from serverless.deploy.package.exceptions import RehearsalFailed
from serverless.prepared import FILE_NAME

__all__ = ["init_cpu_ms", "rehearse"]

_RECORDER: Final = Path(__file__).with_name("recorder.py")
_LIMIT_S: Final = 120
# -S: what only the developer's environment has is in no function either.
_PYTHON: Final = (sys.executable, "-S", "-P")
# So that every template is compiled, and with them what their tags bring in.
_AHEAD: Final = {"AWS_LAMBDA_INITIALIZATION_TYPE": "provisioned-concurrency"}


def rehearse(tree: Path, variables: Mapping[str, str]) -> None:
    """Start the project in ``tree`` with the environment ``variables``, and leave ``prepared.bundle`` in the tree.

    Nothing is connected at a start, so that addresses among them need not exist. Raises RehearsalFailed.
    """
    file = tree.resolve() / FILE_NAME
    file.unlink(missing_ok=True)
    command = [*_PYTHON, str(_RECORDER), str(file)]
    # A pattern that is put together from a set is another text with another seed.
    environ = _environ(tree, variables) | _AHEAD | {"PYTHONHASHSEED": "0"}
    try:
        done = subprocess.run(  # noqa: S603 - the project that is to be released
            command, cwd=tree, env=environ, capture_output=True, text=True, timeout=_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise RehearsalFailed(f"The project in {tree} had not started after {_LIMIT_S} s.") from None
    if done.returncode != 0 or not file.exists():
        raise RehearsalFailed(
            f"The project in {tree} does not start with the variables in [tool.serverless.package.rehearse]: "
            f"correct them, or take the table out. It said:\n{done.stderr.strip()}"
        )


def init_cpu_ms(tree: Path, variables: Mapping[str, str], *, starts: int) -> float:
    """Return the median CPU, in milliseconds, of ``starts`` starts of the project in ``tree``, one after the other."""
    command = [*_PYTHON, "-c", "import serverless.handlers.main"]
    taken = []
    for _ in range(starts):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(  # noqa: S603 - the project that is to be released
            command, cwd=tree, env=_environ(tree, variables), capture_output=True, timeout=_LIMIT_S, check=False
        )
        if done.returncode != 0:
            raise RehearsalFailed(f"The project in {tree} started once, and then not again:\n{done.stderr.decode()}")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(taken) * 1000


def _environ(tree: Path, variables: Mapping[str, str]) -> dict[str, str]:
    environ = {"PATH": os.defpath, **variables}
    return environ | {"PYTHONPATH": str(tree.resolve()), "PYTHONDONTWRITEBYTECODE": "1"}

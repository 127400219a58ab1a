"""What of a folder a commit would hold, by git."""

import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from serverless.deploy.package.exceptions import TreeInvalid

__all__ = ["files"]


def files(folder: Path) -> set[PurePosixPath] | None:
    """Return the files below ``folder`` that a commit of everything would hold, relative to it.

    None where that is no question: there is no git, or its work tree leaves the whole folder out. Raises TreeInvalid
    where git should know and does not say.
    """
    here = folder.resolve()
    if not any((at / ".git").exists() for at in (here, *here.parents)):
        return None
    return set(_listed(here)) or None


def _listed(folder: Path) -> Iterator[PurePosixPath]:
    # Tracked, and untracked without being ignored.
    command = ["git", "-C", str(folder), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError) as problem:
        said = problem.stderr.decode().strip() if isinstance(problem, subprocess.CalledProcessError) else str(problem)
        raise TreeInvalid(f"git does not say what of {folder} belongs to the project: {said}") from problem
    for name in filter(None, done.stdout.decode(errors="surrogateescape").split("\0")):
        path = PurePosixPath(name)
        if (folder / path).is_dir() and not (folder / path).is_symlink():  # a repository in this one
            yield from (path / inner for inner in _listed(folder / path))
        else:
            yield path

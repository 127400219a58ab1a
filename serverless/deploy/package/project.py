"""The part of a package that changes with every release: the project's own files."""

import shutil
from collections.abc import Container, Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Final

from serverless.deploy.package import commit, rules
from serverless.deploy.package.config import PackageConfig
from serverless.deploy.package.exceptions import NamesCollide, TreeInvalid

__all__ = ["MARK", "overlay", "stage"]

# Lies in each folder that packaging has made: such a one may be replaced, and goes into no package.
MARK: Final = ".serverless-package"
# At the root of a folder of which no git says what belongs to it.
_NOBODYS: Final = ("*.pem", "*.key", "*.sql", "*.dump")


def stage(project: Path, target: Path, config: PackageConfig, *, apart: Container[Path] = ()) -> int:
    """Copy what of ``project`` a function reads into ``target``; return the number of files.

    In a git work tree that is what a commit would hold, and what ``keep`` names. What begins with a dot, virtual
    environments, what packaging has made and the folders ``apart`` (resolved) stay behind. Raises TreeInvalid for a
    symbolic link that would have to go along, and where nothing is left.
    """
    count = 0
    for name in _kept(project, config, apart):
        source, copy = project / name, target / name
        if source.is_symlink() or not source.is_file():
            raise TreeInvalid(
                f"{source} is a link or no file, and a package holds files only: put the file itself there, "
                f'or leave it out (remove = ["{name}"] in [tool.serverless.package]).'
            )
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
        shutil.copymode(source, copy)
        count += 1
    if not count:
        raise TreeInvalid(f"Nothing of {project} goes into a package: is it the folder with manage.py?")
    return count


def _kept(project: Path, config: PackageConfig, apart: Container[Path]) -> Iterator[PurePosixPath]:
    committed = commit.files(project)
    for name in _walked(project, config, apart):
        if committed is None:
            _refuse_nobodys(project, name, config)
        elif name not in committed and not rules.asked_for(name, config):
            continue
        yield name


def _refuse_nobodys(project: Path, name: PurePosixPath, config: PackageConfig) -> None:
    at_root = len(name.parts) == 1 and any(fnmatchcase(name.name, pattern) for pattern in _NOBODYS)
    if at_root and not rules.asked_for(name, config):
        raise TreeInvalid(
            f"{project / name} may be a secret or a copy of data, and there is no git that says whether it belongs to "
            f"the project: move it, or name it in keep or remove of [tool.serverless.package]."
        )


def _walked(project: Path, config: PackageConfig, apart: Container[Path]) -> Iterator[PurePosixPath]:
    for folder, folders, names in project.walk():
        at = PurePosixPath(folder.relative_to(project).as_posix())
        links = [name for name in folders if (folder / name).is_symlink()]
        folders[:] = sorted(
            name for name in folders if name not in links and _entered(folder / name, at / name, config, apart)
        )
        for name in sorted([*names, *links]):
            if not name.startswith(".") and rules.category(at / name, config) is None:
                yield at / name


def _entered(folder: Path, at: PurePosixPath, config: PackageConfig, apart: Container[Path]) -> bool:
    if folder.name.startswith(".") or folder.resolve() in apart:
        return False
    if (folder / "pyvenv.cfg").exists() or (folder / MARK).exists():
        return False
    # A quick way past node_modules and the like, where nothing inside can be asked for.
    return bool(config.keep) or rules.category(at / "_", config) is None


def overlay(target: Path, first: Path, second: Path) -> None:
    """Make ``target`` look like both trees in one folder, by links to what only one of them has.

    Raises NamesCollide where both have a file, or a package, of one name: in a function's one folder they would be
    mixed, while a developer's Python takes the project's alone.
    """
    target.mkdir()
    names = sorted({path.name for tree in (first, second) for path in tree.iterdir()})
    for name in names:
        found = [tree / name for tree in (first, second) if (tree / name).exists()]
        if len(found) == 1:
            (target / name).symlink_to(found[0].resolve())
        elif all(path.is_dir() and not (path / "__init__.py").exists() for path in found):
            overlay(target / name, *found)
        else:
            raise NamesCollide(
                f"{found[0]} has the name of something that requirements.txt installs: rename it, or leave it out "
                f"of the package (remove in [tool.serverless.package])."
            )

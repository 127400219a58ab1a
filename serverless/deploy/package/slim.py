"""From a tree of packages and project to one that holds only what a function reads, with its bytecode ready."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from serverless import bundle, prepared
from serverless.deploy.package import bytecode, elf, rules
from serverless.deploy.package.config import PackageConfig
from serverless.deploy.package.exceptions import TreeInvalid
from serverless.deploy.package.rehearsal import rehearse

__all__ = ["LAMBDA_ROOT", "Report", "Size", "slim"]

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
LAMBDA_ROOT: Final = "/var/task"
_MADE: Final = (bundle.FILE_NAME, bundle.PACKAGES_FILE_NAME, prepared.FILE_NAME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    files: int
    size: int
    """In bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What slimming did. ``removed`` is by kind of file, in the order of the rules."""

    before: Size
    removed: dict[str, Size]
    stripped: int
    """Bytes of compiled libraries that only a debugger would have read."""
    bytecode: Size
    after: Size
    uncompiled: tuple[str, ...]
    """Files that are no Python of this version; they could not be imported before either."""


def slim(
    tree: Path,
    config: PackageConfig,
    *,
    root: str = LAMBDA_ROOT,
    name: str = bundle.FILE_NAME,
    workers: int = 1,
    log: Callable[[str], None] = lambda _: None,
) -> Report:
    """Prune ``tree`` in place, compile it and bundle its bytecode. Its Python must be the one that runs this.

    Files are replaced, never written to: they may be links to those of a cache. ``root`` is where the tree will lie:
    anywhere else its imports take 2% longer. ``name`` is the bundle's. ``workers`` processes compile; 0 means one a
    core. Raises TreeInvalid, and RehearsalFailed where the project is to be rehearsed and does not start.
    """
    if not tree.is_dir():
        raise TreeInvalid(f"{tree} is not a folder.")
    if (tree / ".git").exists() or (tree / "pyvenv.cfg").exists():
        raise TreeInvalid(f"{tree} is a checkout or a virtual environment, and slimming deletes: copy it first.")
    before = _measure(tree)
    log(f"pruning {before.files:,} files")
    removed = _prune(tree, config)
    stripped = _strip(tree) if config.strip else 0
    log("compiling")
    uncompiled = bytecode.compile_tree(tree, root=root, workers=workers)
    if config.bundle:
        log("bundling")
        bytecode.bundle(tree, root=root, name=name)
    if config.rehearse:
        log("rehearsing the start")
        rehearse(tree, config.rehearse)
    made = [path for path in _files(tree) if path.suffix == ".pyc" or path.name in _MADE]
    return Report(
        before=before,
        removed=removed,
        stripped=stripped,
        bytecode=Size(files=len(made), size=sum(path.stat().st_size for path in made)),
        after=_measure(tree),
        uncompiled=uncompiled,
    )


def _prune(tree: Path, config: PackageConfig) -> dict[str, Size]:
    files: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for path in list(_files(tree)):
        kind = rules.category(PurePosixPath(path.relative_to(tree).as_posix()), config)
        if kind is not None:
            files[kind] += 1
            sizes[kind] += path.lstat().st_size
            path.unlink()
    for folder, _, _ in tree.walk(top_down=False):
        if folder != tree and not any(folder.iterdir()):
            folder.rmdir()
    return {name: Size(files=files[name], size=sizes[name]) for name, _ in rules.RULES if name in files}


def _strip(tree: Path) -> int:
    """Return the bytes that it saves."""
    libraries = [path for path in _files(tree) if elf.is_library(path) and not path.is_symlink()]
    before = sum(path.stat().st_size for path in libraries)
    for path in libraries:
        elf.strip(path)
    return before - sum(path.stat().st_size for path in libraries)


def _measure(tree: Path) -> Size:
    sizes = [path.lstat().st_size for path in _files(tree)]
    return Size(files=len(sizes), size=sum(sizes))


def _files(tree: Path) -> Iterator[Path]:
    for folder, _, names in tree.walk():
        yield from (folder / name for name in names)

"""Bytecode that is taken as it is found: without a look at its source, which in a zip has no time of its own.

Ordinary ``.pyc`` files name the time of their source. Zips of releases carry none, so that each would be stale on
arrival and every cold start would compile (3.6 times the CPU of a small one). Unchecked-hash ones
(https://peps.python.org/pep-0552/) name no time and are never compared.
"""

import marshal
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

from serverless.bundle import FILE_NAME, Entry, header
from serverless.deploy.package.exceptions import BuildFailed

__all__ = ["bundle", "compile_tree", "sizes"]

# Imported before the finder is there, by their own .pyc.
_BEFORE_THE_FINDER = frozenset(
    {"serverless", "serverless.handlers", "serverless.handlers.main", "serverless.boot", "serverless.bundle"}
)


def compile_tree(tree: Path, *, root: str, workers: int = 1) -> tuple[str, ...]:
    """Compile every source below ``tree``; return the paths of those that are no Python of this version.

    ``root`` is where the tree will lie: code names its file. Raises BuildFailed where compiling broke off.
    """
    # A process of its own, because its pool imports the caller's main program anew; -I, because a developer's
    # PYTHONOPTIMIZE would leave assertions out of what ships, and PYTHONPYCACHEPREFIX lead elsewhere.
    command = [sys.executable, "-I", "-m", "compileall", "-qq", "-f", "-j", str(workers)]
    command += ["--invalidation-mode", "unchecked-hash", "-s", str(tree), "-p", root, str(tree)]
    subprocess.run(command, check=False)  # noqa: S603 - it fails where one file does
    left = [path for path in _sources(tree) if not _cached(path).exists()]
    if broken := [path for path in left if _compiles(path)]:
        raise BuildFailed(
            f"Compiling broke off before {broken[0].relative_to(tree)} and {len(broken) - 1} other files: was memory "
            f"short, or the disk full? Nothing of it is kept; run the same command again."
        )
    return tuple(str(path.relative_to(tree)) for path in left)


def _compiles(path: Path) -> bool:
    try:
        with warnings.catch_warnings(action="ignore"):
            compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


def bundle(tree: Path, *, root: str, name: str = FILE_NAME) -> None:
    """Move the bytecode of every module below ``tree`` into the file ``name``, for ``serverless.bundle``."""
    entries: dict[str, Entry] = {}
    chunks: list[bytes] = []
    offset = 0
    for module, path in sorted(_modules(tree)):
        data = _cached(path).read_bytes()
        entries[module] = path.relative_to(tree).as_posix(), path.name == "__init__.py", offset, len(data)
        chunks.append(data)
        offset += len(data)
        if module not in _BEFORE_THE_FINDER:
            _cached(path).unlink()
    index = marshal.dumps((root, entries))
    (tree / name).write_bytes(b"".join([header(), len(index).to_bytes(8), index, *chunks]))
    for folder in list(tree.rglob("__pycache__")):
        if not any(folder.iterdir()):
            folder.rmdir()


def sizes(bundled: Path) -> dict[str, int]:
    """Return how many bytes of bytecode the file holds for each source, by its path; nothing without one."""
    if not bundled.exists():
        return {}
    begin = len(header())
    with bundled.open("rb") as file:
        file.seek(begin)
        _, entries = marshal.loads(file.read(int.from_bytes(file.read(8))))  # noqa: S302 - made here
    return {source: size for source, _, _, size in entries.values()}


def _modules(tree: Path) -> Iterator[tuple[str, Path]]:
    """Yield name and source of what Python would import from its source if ``tree`` were on its path."""
    for path in _sources(tree):
        parts = path.relative_to(tree).with_suffix("").parts
        if path.name == "__init__.py":
            parts = parts[:-1]
        elif (path.with_suffix("") / "__init__.py").exists() or _extension(path):
            continue  # Python prefers a package to a module, and a compiled module to its source
        if parts and all(part.isidentifier() for part in parts) and _cached(path).exists():
            yield ".".join(parts), path


def _extension(path: Path) -> bool:
    # By any platform's name: the tree may be for another one than this.
    return any(path.parent.glob(f"{path.stem}.*so"))


def _sources(tree: Path) -> Iterator[Path]:
    for folder, _, names in tree.walk():
        yield from (folder / name for name in sorted(names) if name.endswith(".py"))


def _cached(source: Path) -> Path:
    # Not as importlib names it, which looks at what this very process was started with.
    return source.parent / "__pycache__" / f"{source.stem}.{sys.implementation.cache_tag}.pyc"

"""All bytecode of a package in a file, found by one dictionary instead of by looking into folders.

The ordinary import of a module asks the file system four to six times; a cold start of Django does it 600 times.
``serverless.deploy`` writes the file. Sources stay where they are, so that tracebacks, templates, resources and
``pkgutil`` find them; a module that the file does not hold is imported as ever. There may be two, because packages
change seldom and are kept from release to release, and the project changes with each.
"""

import marshal
import os
import sys
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import MAGIC_NUMBER
from types import CodeType, ModuleType

__all__ = ["FILE_NAME", "PACKAGES_FILE_NAME", "PYC_HEADER", "Entry", "header", "install"]

FILE_NAME = "modules.bundle"
PACKAGES_FILE_NAME = "packages.bundle"
# Bytes before the code in a .pyc: https://peps.python.org/pep-0552/
PYC_HEADER = 16

# A module's source, relative to the root; whether it is a package; where its .pyc begins in the file, and its size.
type Entry = tuple[str, bool, int, int]


def header() -> bytes:
    """Return how a bundle for this Python begins: bytecode is good for one minor version."""
    return b"serverless-bundle-1 " + MAGIC_NUMBER


def install(root: str | None = None) -> bool:
    """Import from the bundles in ``root`` (this package's folder) from now on; return whether there is one.

    One that another version of Python has written is left alone, as Python does with bytecode.
    """
    # Without pathlib, whose import would cost what a dozen modules cost.
    root = root or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    opened = [_open(root, name) for name in (FILE_NAME, PACKAGES_FILE_NAME)]
    finders = [finder for finder in opened if finder is not None]
    # Before the path is searched, after what is built into Python: as if this were the first folder of the path.
    place = sys.meta_path.index(PathFinder) if PathFinder in sys.meta_path else len(sys.meta_path)
    sys.meta_path[place:place] = finders
    return bool(finders)


def _open(root: str, name: str) -> "_Finder | None":
    begin = header()
    try:
        file = os.open(f"{root}/{name}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    prefix = os.read(file, len(begin) + 8)
    if len(prefix) != len(begin) + 8 or not prefix.startswith(begin):
        os.close(file)
        sys.stderr.write(f"{root}/{name} is not for this Python; modules are imported one by one.\n")
        return None
    # Ours, as is the code beside it.
    made_for, entries = marshal.loads(os.read(file, int.from_bytes(prefix[len(begin) :])))  # noqa: S302
    loader = _Quick if root == made_for else _Loader
    return _Finder(root, name, (file, os.lseek(file, 0, os.SEEK_CUR)), entries, loader)


class _Loader(SourceFileLoader):
    """Python's own loader, which is told that the bytecode is fresh, and gets it from the bundle."""

    def __init__(self, name: str, source: str, file: int, offset: int, size: int) -> None:
        super().__init__(name, source)
        self._place = file, size, offset

    def path_stats(self, path: str) -> dict[str, float]:  # noqa: ARG002 - as the base class has it
        return {"mtime": 0, "size": 0}  # never compared: the bytecode is unchecked

    def get_data(self, path: str) -> bytes:
        return os.pread(*self._place) if path.endswith(".pyc") else super().get_data(path)


class _Quick(_Loader):
    """The same where the package lies as foreseen: its code names its files rightly, and is taken as it is."""

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002 - as the base class has it
        code: CodeType = marshal.loads(memoryview(os.pread(*self._place))[PYC_HEADER:])  # noqa: S302 - ours
        return code


class _Finder:
    def __init__(
        self, root: str, name: str, start: tuple[int, int], entries: dict[str, Entry], loader: type[_Loader]
    ) -> None:
        self._root = root
        self._file, self._start = start
        self._entries = entries
        self._loader = loader
        self._bundle = f"{root}/{name}"

    def find_spec(self, name: str, _path: object = None, _target: ModuleType | None = None) -> ModuleSpec | None:
        entry = self._entries.get(name)
        if entry is None:
            return None
        relative, is_package, offset, size = entry
        source = f"{self._root}/{relative}"
        loader = self._loader(name, source, self._file, self._start + offset, size)
        spec = ModuleSpec(name, loader, origin=source, is_package=is_package)
        spec.has_location = True
        spec.cached = self._bundle  # Python would make up a path in __pycache__, at a cost
        if is_package:
            spec.submodule_search_locations = [source.rpartition("/")[0]]
        return spec

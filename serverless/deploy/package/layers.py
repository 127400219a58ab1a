"""The part of a package that changes with its requirements only: slimmed, compiled, bundled, zipped, and kept.

A release changes the project; of Loupe's 100 MB that is 3. Everything else is found again, by what it was made of.
"""

import hashlib
import json
import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from importlib.metadata import distributions
from pathlib import Path
from typing import Final

from serverless import bundle
from serverless.deploy.package import archive, bom, bytecode, elf
from serverless.deploy.package.build import Environment
from serverless.deploy.package.config import PackageConfig
from serverless.deploy.package.exceptions import TreeInvalid
from serverless.deploy.package.slim import slim
from serverless.deploy.package.store import Store

__all__ = ["Layer", "layer", "zipped"]

_OURS: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Packages as they go into a zip. Its folders are shared with later releases: nobody writes to them."""

    key: str
    tree: Path
    unpacked: int
    """Its bytes."""
    parts: Mapping[str, int]
    """Bytes of each distribution, its bytecode with it."""
    components: list[bom.Component]


def layer(environment: Environment, config: PackageConfig, *, store: Store, log: Callable[[str], None]) -> Layer:
    """Make the layer of an environment, or find it."""
    key = _key(environment, config)

    def make(folder: Path) -> None:
        log("slimming and compiling packages")
        tree = folder / "tree"
        _link(environment.tree, tree)
        slim(tree, replace(config, rehearse={}), name=bundle.PACKAGES_FILE_NAME, workers=0)
        _check_libraries(tree, environment)
        said = {
            "unpacked": sum(path.stat().st_size for path in tree.rglob("*") if path.is_file()),
            "parts": _parts(tree, environment.tree),
            "components": [asdict(component) for component in bom.components(environment.tree)],
        }
        (folder / "layer.json").write_text(json.dumps(said))

    folder = store.folder("layer", key, make)
    said = json.loads((folder / "layer.json").read_text())
    found = [bom.Component(**fields | {"names": tuple(fields["names"])}) for fields in said["components"]]
    return Layer(key=key, tree=folder / "tree", unpacked=said["unpacked"], parts=said["parts"], components=found)


def zipped(made: Layer, *, store: Store, log: Callable[[str], None]) -> Path:
    """Return the zip of ``made``, which another zip begins with."""

    def make(folder: Path) -> None:
        log("zipping packages")
        archive.write(folder / "layer.zip", made.tree)

    return store.folder("zip", made.key, make) / "layer.zip"


def _key(environment: Environment, config: PackageConfig) -> str:
    found = hashlib.sha256(f"{environment.key} {replace(config, rehearse={})} {sys.version}".encode())
    # The code that makes it counts, too.
    for source in (*sorted(_OURS.glob("*.py")), Path(bundle.__file__)):
        found.update(source.read_bytes())
    return found.hexdigest()[:32]


def _link(source: Path, target: Path) -> None:
    try:
        shutil.copytree(source, target, copy_function=os.link)
    except shutil.Error:  # on another file system, or one without links
        shutil.rmtree(target)
        shutil.copytree(source, target)


def _check_libraries(tree: Path, environment: Environment) -> None:
    """Raise TreeInvalid where a library of ``tree`` lacks one that was installed, or is not the function's.

    What is for another processor than this machine's is loaded on Lambda for the first time.
    """
    installed, kept = (set(_libraries(root)) for root in (environment.tree, tree))
    gone = {path.name for path in installed} - {path.name for path in kept}
    for path in sorted(kept):
        found = elf.read(tree / path)
        if found is None:
            continue
        if found.machine != elf.MACHINES[environment.architecture] and elf.is_module(path):
            raise TreeInvalid(f"{path} is for another processor than {environment.architecture}: its wheel is wrong.")
        if missing := gone.intersection(found.needed):
            raise TreeInvalid(
                f"{path} needs {', '.join(sorted(missing))}, and it goes with what remove in [tool.serverless.package] "
                f"names: let both go, or neither."
            )


def _libraries(root: Path) -> Iterator[Path]:
    for folder, _, names in root.walk():
        yield from ((folder / name).relative_to(root) for name in names if elf.is_library(Path(name)))


def _parts(tree: Path, installed: Path) -> dict[str, int]:
    owners = {
        str(file): distribution.metadata["Name"]
        for distribution in distributions(path=[str(installed)])
        for file in distribution.files or ()
    }
    sizes: Counter[str] = Counter()
    for folder, _, names in tree.walk():
        for name in names:
            path = (folder / name).relative_to(tree).as_posix()
            if path != bundle.PACKAGES_FILE_NAME:
                sizes[owners.get(path, path)] += (folder / name).stat().st_size
    for path, size in bytecode.sizes(tree / bundle.PACKAGES_FILE_NAME).items():
        sizes[owners.get(path, path)] += size
    return dict(sorted(sizes.items()))

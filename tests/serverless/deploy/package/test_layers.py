"""Packages with real compiled libraries, beside which one is missing or which are another processor's."""

import shutil
from pathlib import Path

import pytest
from PIL import _imaging

from serverless.deploy.package import MACHINE, PackageConfig
from serverless.deploy.package.build import Architecture, Environment
from serverless.deploy.package.elf import MACHINES
from serverless.deploy.package.exceptions import TreeInvalid
from serverless.deploy.package.layers import Layer, layer
from serverless.deploy.package.store import Store

IMAGING = Path(_imaging.__file__ or "")
LIBRARIES = IMAGING.parent.parent / "pillow.libs"
OTHER: Architecture = "arm64" if MACHINE == "x86_64" else "x86_64"


def made(folder: Path, *, remove: tuple[str, ...], processor: Architecture = MACHINE) -> Layer:
    """Slim what is for ``processor``, for a function on OTHER's or on this machine's."""
    tree = folder / "environment"
    (tree / "PIL").mkdir(parents=True)
    shutil.copytree(LIBRARIES, tree / "pillow.libs")
    shutil.copyfile(IMAGING, tree / "PIL" / IMAGING.name)
    for path in (*tree.glob("pillow.libs/*"), tree / "PIL" / IMAGING.name):
        data = bytearray(path.read_bytes())
        data[18:20] = MACHINES[processor].to_bytes(2, "little")  # e_machine
        path.write_bytes(data)
    environment = Environment(tree=tree, key="1", architecture=OTHER)
    return layer(environment, PackageConfig(remove=remove), store=Store(folder / "store"), log=lambda _: None)


def test_a_library_that_another_one_needs_is_missed_on_any_processor(tmp_path: Path) -> None:
    with pytest.raises(TreeInvalid, match=r"needs libtiff-\S+, and it goes with what remove"):
        made(tmp_path, remove=("pillow.libs/libtiff*",), processor=OTHER)
    assert list((tmp_path / "store" / "layer").iterdir()) == []


def test_what_goes_with_all_that_needs_it_is_not_missed(tmp_path: Path) -> None:
    gone = ("PIL/_imaging.*", "pillow.libs/libtiff*")
    assert not list(made(tmp_path, remove=gone, processor=OTHER).tree.glob("PIL/*"))


def test_a_module_for_another_processor_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TreeInvalid, match=rf"PIL/{IMAGING.name} is for another processor than {OTHER}"):
        made(tmp_path, remove=())

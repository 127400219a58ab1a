"""A tree of its own is bundled, and imported by a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from serverless import bundle
from serverless.deploy.package import PackageConfig, slim

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "shop/__init__.py": "",
    "shop/views.py": "def view():\n    raise ValueError('no goods')\n",
    "shop/data.txt": "resource",
    "shop/deep/down/leaf.py": "x = 1\n",  # folders without __init__: a namespace
    "shop/compiled.py": "kind = 'source'\n",
    "shop/compiled.cpython-39-aarch64-linux-gnu.so": "not for this machine",
    "tool/__main__.py": "print('ran', __spec__.name)\n",
    "json.py": "raise RuntimeError('stands before the library')\n",
    "not-a-module.py": "",
}


@pytest.fixture(params=["in its place", "elsewhere"])
def tree(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    root = str(tmp_path) if request.param == "in its place" else "/var/task"
    slim(tmp_path, PackageConfig(), root=root)
    return tmp_path


def run(tree: Path, code: str) -> str:
    """Run ``code`` where the bundle is installed. The tree is not on the path."""
    start = f"from serverless import bundle\nassert bundle.install({str(tree)!r})\n"
    environ = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, "-c", start + code], env=environ, cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_modules_are_what_an_import_from_the_folder_makes(tree: Path) -> None:
    code = """
import shop, shop.views as v
print(v.__file__, v.__spec__.origin, v.__name__, v.__package__, shop.__path__, shop.__file__)
"""
    views, package = f"{tree}/shop/views.py", f"{tree}/shop"
    assert run(tree, code) == f"{views} {views} shop.views shop ['{package}'] {package}/__init__.py"


def test_tracebacks_show_the_source(tree: Path) -> None:
    code = """
import traceback, shop.views
try:
    shop.views.view()
except ValueError:
    print(traceback.format_exc())
"""
    said = run(tree, code)
    assert f'File "{tree}/shop/views.py", line 2, in view' in said
    assert "raise ValueError('no goods')" in said


def test_sources_resources_and_listings_are_found(tree: Path) -> None:
    code = """
import importlib.resources, inspect, pkgutil, shop, shop.views
print(importlib.resources.files("shop").joinpath("data.txt").read_text(), inspect.getsource(shop.views).split()[0])
print(sorted(m.name for m in pkgutil.iter_modules(shop.__path__)), pkgutil.get_data("shop", "data.txt"))
"""
    assert run(tree, code).split("\n") == [
        "resource def",
        "['compiled', 'views'] b'resource'",
    ]


def test_namespaces_mains_and_reloads_work(tree: Path) -> None:
    code = f"""
import importlib, sys
sys.path.insert(0, {str(tree)!r})
import shop.deep.down.leaf as leaf
print(leaf.x, importlib.reload(leaf) is leaf)
import runpy
runpy.run_module("tool", run_name="__main__")
"""
    assert run(tree, code).split("\n") == ["1 True", "ran tool.__main__"]


def test_the_bytecode_counts_not_the_source(tree: Path) -> None:
    (tree / "shop" / "views.py").write_text("def view():\n    return 'changed'\n")
    before = set(tree.rglob("*"))
    code = "import shop.views\ntry: shop.views.view()\nexcept ValueError: print('as packaged')"
    assert run(tree, code) == "as packaged"
    assert set(tree.rglob("*")) == before


def test_a_module_that_was_added_is_found_as_ever(tree: Path) -> None:
    (tree / "shop" / "late.py").write_text("y = 2\n")
    assert run(tree, "import shop.late; print(shop.late.y)") == "2"


def test_modules_with_a_compiled_twin_are_left_to_python(tree: Path) -> None:
    # Left to Python, which finds no compiled one for this machine here, and takes the source.
    assert run(tree, "import shop.compiled; print(type(shop.compiled.__loader__).__name__)") == "SourceFileLoader"


def test_the_tree_goes_before_the_library_as_the_first_folder_of_the_path_does(tree: Path) -> None:
    code = "import sys\nsys.modules.pop('json', None)\ntry: import json\nexcept RuntimeError as e: print(e)"
    assert run(tree, code) == "stands before the library"


def test_what_is_nowhere_is_nowhere(tree: Path) -> None:
    assert run(tree, "try: import shop.nothing\nexcept ModuleNotFoundError as e: print(e.name)") == "shop.nothing"


def test_a_bundle_of_another_python_is_left_alone(tree: Path) -> None:
    file = tree / bundle.FILE_NAME
    data = file.read_bytes()
    file.write_bytes(data[: len(bundle.header()) - 1] + b"?" + data[len(bundle.header()) :])
    code = f"from serverless import bundle; print(bundle.install({str(tree)!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "False\n"
    assert "is not for this Python" in done.stderr


def test_without_a_bundle_nothing_happens(tmp_path: Path) -> None:
    before = list(sys.meta_path)
    assert bundle.install(str(tmp_path)) is False
    assert sys.meta_path == before

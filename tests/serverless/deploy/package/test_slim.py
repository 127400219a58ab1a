import importlib.util
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from serverless.bundle import FILE_NAME
from serverless.deploy.package import PackageConfig, slim
from serverless.deploy.package.bytecode import compile_tree
from serverless.deploy.package.exceptions import BuildFailed, TreeInvalid
from tests.serverless.deploy.package.conftest import Write
from tests.trees import ROOT

FILES = {
    "shop/__init__.py": "",
    "shop/views.py": "def view():\n    return 1\n",
    "shop/tests/test_views.py": "assert False",
    "shop/locale/de/LC_MESSAGES/django.mo": "x" * 100,
    "shop/py.typed": "",
    "old/broken.py": "print 'Python 2'\n",
}


def test_what_is_never_read_goes_and_is_counted(write: Write) -> None:
    tree = write(FILES)
    report = slim(tree, PackageConfig(bundle=False))
    assert sorted(path.name for path in tree.rglob("*.py")) == ["__init__.py", "broken.py", "views.py"]
    assert {name: size.files for name, size in report.removed.items()} == {
        "other languages": 1, "tests": 1, "type stubs": 1,
    }  # fmt: skip
    assert report.removed["other languages"].size == 100
    assert (report.before.files, report.after.files, report.bytecode.files) == (6, 5, 2)
    assert report.uncompiled == ("old/broken.py",)
    assert not (tree / "shop" / "locale").exists()


def test_bytecode_is_never_compared_with_its_source(write: Write) -> None:
    tree = write(FILES)
    slim(tree, PackageConfig(bundle=False), root="/var/task")
    source = tree / "shop" / "views.py"
    cached = Path(importlib.util.cache_from_source(str(source)))
    assert struct.unpack("<I", cached.read_bytes()[4:8]) == (0b01,)  # hash-based, unchecked
    assert b"/var/task/shop/views.py" in cached.read_bytes()
    source.write_text("def view():\n    return 2\n")
    code = "from shop import views; print(views.view(), views.__file__)"
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(tree)}, capture_output=True, text=True)
    assert done.stdout.split() == ["1", str(source)]


def test_what_the_developers_shell_says_to_python_changes_nothing(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it what this very process was started with, which the tests cannot change."""
    tree = write({"shop/__init__.py": "assert False, 'kept'\n"})
    monkeypatch.setenv("PYTHONOPTIMIZE", "2")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path / "elsewhere"))
    code = f"""
from pathlib import Path
from serverless.deploy.package import PackageConfig, slim
print(slim(Path({str(tree)!r}), PackageConfig(bundle=False)).uncompiled)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("()\n", "")
    (cached,) = tree.rglob("*.pyc")
    assert cached.name == f"__init__.{sys.implementation.cache_tag}.pyc"
    assert b"AssertionError" in cached.read_bytes() or b"kept" in cached.read_bytes()


def test_a_compilation_that_breaks_off_is_no_file_of_another_python(write: Write) -> None:
    tree = write(FILES | {"shop/__pycache__": "no folder, so that nothing can be written"})
    (tree / "shop/__pycache__").chmod(0o444)
    with pytest.raises(BuildFailed, match=r"Compiling broke off before shop/__init__\.py and 1 other files"):
        compile_tree(tree, root="/var/task")


def test_two_trees_of_the_same_files_are_the_same(tmp_path: Path, write: Write) -> None:
    first, second = write(FILES), tmp_path / "other" / "tree"
    for name, text in FILES.items():
        (second / name).parent.mkdir(parents=True, exist_ok=True)
        (second / name).write_text(text)
    for tree in (first, second):
        slim(tree, PackageConfig())
    assert (first / FILE_NAME).read_bytes() == (second / FILE_NAME).read_bytes()


def test_what_somebody_works_in_is_left_alone(write: Write, tmp_path: Path) -> None:
    tree = write(FILES)
    (tree / ".git").mkdir()
    with pytest.raises(TreeInvalid, match="is a checkout or a virtual environment, and slimming deletes"):
        slim(tree, PackageConfig())
    assert (tree / "shop/tests/test_views.py").exists()
    with pytest.raises(TreeInvalid, match="is not a folder"):
        slim(tmp_path / "nothing", PackageConfig())

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import _imaging

from serverless.deploy.package.build import MACHINE
from serverless.deploy.package.elf import MACHINES, is_library, is_module, read, strip

IMAGING = Path(_imaging.__file__ or "")


def test_a_stripped_library_is_smaller_and_works(tmp_path: Path) -> None:
    copy = tmp_path / IMAGING.name
    shutil.copyfile(IMAGING, copy)
    strip(copy)
    assert copy.stat().st_size < IMAGING.stat().st_size
    assert b".debug_info" not in copy.read_bytes()
    assert read(copy) == read(IMAGING)
    # The copy, with the libraries that it names beside the original.
    code = f"""
import importlib.util, ctypes, pathlib
for _ in range(2):
    for path in sorted(pathlib.Path({str(IMAGING.parent.parent)!r}, "pillow.libs").glob("*")):
        try: ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
        except OSError: pass
spec = importlib.util.spec_from_file_location("PIL._imaging", {str(copy)!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(module.__file__, module.new("L", (2, 3)).size)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == [str(copy), "(2,", "3)"], done.stderr


def test_a_link_to_another_file_is_replaced_and_the_other_stays(tmp_path: Path) -> None:
    first, second = tmp_path / "cache.so", tmp_path / "tree.so"
    shutil.copyfile(IMAGING, first)
    first.chmod(0o755)
    os.link(first, second)
    strip(second)
    assert first.read_bytes() == IMAGING.read_bytes()
    assert second.stat().st_size < first.stat().st_size
    assert second.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("data", [b"", b"text", b"\x7fELF\x01\x01" + b"\0" * 90, b"\x7fELF\x02\x01" + b"\0" * 90])
def test_what_is_no_64_bit_library_stays_as_it_is(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "a.so"
    file.write_bytes(data)
    strip(file)
    assert file.read_bytes() == data
    assert read(file) is None


def test_a_library_says_what_it_is_for_and_what_it_needs() -> None:
    found = read(IMAGING)
    assert found is not None
    assert found.machine == MACHINES[MACHINE]
    assert "libc.so.6" in found.needed
    assert any(name.startswith("libtiff") for name in found.needed)


def test_a_library_is_known_by_its_name() -> None:
    assert is_library(Path("libpq-53e4e5f8.so.5.18"))
    assert is_library(Path("pq.cpython-313-aarch64-linux-gnu.so"))
    assert not is_library(Path("a.py"))
    assert is_module(Path("pq.cpython-313-aarch64-linux-gnu.so"))
    assert is_module(Path("_rust.abi3.so"))
    assert not is_module(Path("libpq-53e4e5f8.so.5.18"))

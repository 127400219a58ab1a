import re
import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, sys
from app.media.memory import return_pixels

if sys.argv[1] == "told":
    return_pixels()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
BLOCK = 16 * 1024 * 1024
first = libc.malloc(2 * BLOCK - 65536)
libc.free(first)  # glibc raises its threshold to the largest block freed
blocks = [libc.malloc(BLOCK) for _ in range(4)]
for block in blocks:
    ctypes.memset(block, 1, BLOCK)
for block in blocks[:-1]:
    libc.free(block)  # holes in the heap below the last one, or gone
print(open("/proc/self/status").read())
"""


def resident_mb(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True)
    found = re.search(r"VmRSS:\s+(\d+)", done.stdout)
    assert found is not None
    return int(found[1]) // 1024


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator is the subject")
def test_freed_blocks_of_pixels_go_back_to_the_system() -> None:
    assert resident_mb("told") < resident_mb("untold") - 40

import subprocess
import sys

import pytest

# Two programs in a process each, because an allocator is told once. Each prints one number.
HEAD = """
import ctypes, resource, sys
from app.media.memory import keep_some

if sys.argv[1] == "told":
    keep_some()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
BLOCK = 16 * 1024 * 1024
"""
RESIDENT = """
first = libc.malloc(2 * BLOCK - 65536)
libc.free(first)  # glibc raises its threshold to the largest block freed
blocks = [libc.malloc(BLOCK) for _ in range(4)]
for block in blocks:
    ctypes.memset(block, 1, BLOCK)
for block in blocks[:-1]:
    libc.free(block)  # holes in the heap below the last one, or gone
print(int(open("/proc/self/status").read().split("VmRSS:")[1].split()[0]) // 1024)
"""
FAULTS = """
def rendition():
    parts = [libc.malloc(BLOCK // 4) for _ in range(8)]
    for part in parts:
        ctypes.memset(part, 1, BLOCK // 4)
    for part in reversed(parts):
        libc.free(part)

rendition()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(4):
    rendition()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
PILLOW = """
from PIL import Image

Image.new("L", (4096, 4096), 1).close()
for _ in range(3):
    images = [Image.new("L", (4096, 4096), 1) for _ in range(4)]
    del images
print(Image.core.get_stats()["blocks_cached"])
"""
ROOM = """
from app.media.memory import make_room

for _ in range(2):
    images = [Image.new("L", (4096, 4096), 1) for _ in range(4)]
    del images
make_room()
print(Image.core.get_stats()["blocks_cached"])
"""
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's allocator is the subject")


def measured(program: str, how: str) -> int:
    done = subprocess.run([sys.executable, "-c", HEAD + program, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_freed_blocks_of_pixels_go_back_to_the_system() -> None:
    assert measured(RESIDENT, "told") < measured(RESIDENT, "untold") - 40


def test_what_an_encoder_frees_is_there_for_the_next() -> None:
    assert measured(FAULTS, "told") < 1000 < measured(FAULTS, "untold")


def test_pillow_keeps_two_blocks() -> None:
    assert measured(PILLOW, "told") == 2
    assert measured(PILLOW, "untold") == 0


def test_room_is_made_by_returning_what_was_kept() -> None:
    assert measured("from PIL import Image\n" + ROOM, "told") == 0

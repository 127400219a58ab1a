"""The allocator, told how much of one photo's memory to keep for the next.

Pages that went back to the system are cleared and mapped anew: with the mmap threshold alone, 54,000 faults and 0.14 s
of system time a photo in a worker of the local cloud; with 128 MiB of heap kept 8,600 and 0.03 s, and 356 MB at most.
"""

import ctypes
from contextlib import suppress

from PIL import Image

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # mallopt(3), and glibc's malloc.h

# Pillow keeps pixels in blocks of 16 MiB. Two stay mapped for the next photo; the others go back to the system when
# they are freed, because glibc, which raises its own threshold to the largest block it has seen freed, would leave
# holes of that size in the heap.
_KEPT_BLOCKS = 2
_JUST_BELOW_A_BLOCK = 16_000_000
# What the encoders allocate and free for each rendition. Setting any threshold fixes this one at 128 KiB, and every
# encoder would fault its memory in again. Peak of a worker over 40 photos: 346 MB with this, 320 MB with 64 MB.
_KEPT_HEAP = 100_000_000
# An arena for each thread keeps memory that no other uses.
_ARENAS = 1


def keep_some() -> None:
    """Keep two blocks and some heap, return the rest. What concerns libc is skipped where it is not glibc."""
    Image.core.set_blocks_max(_KEPT_BLOCKS)  # type: ignore[attr-defined]  # documented, not exported
    with suppress(AttributeError, OSError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_ARENA_MAX, _ARENAS)
        mallopt(_M_MMAP_THRESHOLD, _JUST_BELOW_A_BLOCK)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_HEAP)


def make_room() -> None:
    """Return everything that is kept. Before a photo that is decoded whole, whose pixels would come on top of it."""
    Image.core.clear_cache()  # type: ignore[attr-defined]  # documented, not exported
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)

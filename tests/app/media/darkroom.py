"""What the tests of the engine share: photos made on the spot, and the way from bytes to renditions."""

import subprocess
import sys
import textwrap
import zlib
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops, ImageStat

from app.media import Rendition, develop, inspect

# For scripts in a process of their own. Not getrusage: its maximum includes the parent's from before the exec.
PEAK_MEGABYTES = """
def peak():
    status = open("/proc/self/status").read()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024
"""


def run(code: str, *arguments: str) -> str:
    """What the script prints, in a process of its own; `peak()` is its highest memory so far in MB."""
    command = [sys.executable, "-c", PEAK_MEGABYTES + textwrap.dedent(code), *arguments]
    root = Path(__file__).parents[3]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=root).stdout


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> BytesIO:
    """`image` as an open file of that format."""
    file = BytesIO()
    image.save(file, kind, **options)
    file.seek(0)
    return file


def renditions(source: BytesIO | Path) -> list[Rendition]:
    """Everything that `develop` makes of a photo."""
    file = BytesIO(source.read_bytes()) if isinstance(source, Path) else source
    return list(develop(file, inspection=inspect(file)).renditions)


def only(made: list[Rendition], *, name: str, extension: str = "jpg") -> Image.Image:
    """The decoded pixels of one rendition."""
    [found] = [one for one in made if (one.name, one.extension) == (name, extension)]
    return Image.open(BytesIO(found.content))


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of a channel, 0 to 255."""
    assert one.size == other.size
    means = ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean
    return sum(means) / len(means)


def png_of_one_colour(width: int, height: int, *, bits: int = 1, colour_type: int = 0) -> bytes:
    """A PNG written by hand, so that even the largest costs the test nothing."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)

    channels = {0: 1, 2: 3, 6: 4}[colour_type]
    row = bytes(1 + (width * bits * channels + 7) // 8)
    deflate = zlib.compressobj(9)
    pixels = b"".join(deflate.compress(row) for _ in range(height)) + deflate.flush()
    header = width.to_bytes(4) + height.to_bytes(4) + bytes([bits, colour_type, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")

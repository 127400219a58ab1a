"""What the tests of the engine share: photos made on the spot, and the way from bytes to renditions."""

import subprocess
import sys
import textwrap
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

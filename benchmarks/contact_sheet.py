"""A contact sheet of 2,000 photos, beside ReportLab drawing the same JPEGs in one go.

Ours writes each picture to the file when it is drawn; the peer is what ReportLab's guide shows: `drawImage` with a
file name for each photo, `save` at the end, without its default ASCII-85, which alone takes 14 s. Both place the same
files alike. Each runs in a process of its own, so that one's memory is not the other's.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image

from benchmarks.processes import peak_mb
from tests.samples import fetch
from tests.samples.photos import Samples

if TYPE_CHECKING:
    from app.reports.layout import Chapter

TARGET_CPU, TARGET_GROWTH_MB = 1.25, 40
_DISTINCT = 13


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=2000)
    parser.add_argument("--only", choices=["ours", "peer"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        print(json.dumps(_measure(given.only, given.folder)))
        return
    if reason := fetch():
        raise SystemExit(f"The sample photographs are incomplete: {reason}.")
    with tempfile.TemporaryDirectory() as folder:
        size = _renditions(Path(folder), given.photos)
        print(f"{given.photos} photos of {size / 1000:.0f} kB each")
        _report({name: _run(name, folder) for name in ("ours", "peer")}, photos=given.photos)


def _renditions(folder: Path, photos: int) -> float:
    """Fill `folder` with small JPEGs under `photos` names, 13 of them distinct; returns their mean size in bytes."""
    originals = [path for path in Samples().photo_set(_DISTINCT) if path.suffix.lower() in {".jpg", ".jpeg"}]
    made = []
    for index, path in enumerate(originals):
        with Image.open(path) as image:
            image.draft("RGB", (960, 960))
            small = image.convert("RGB")
        small.thumbnail((480, 480))
        made.append(folder / f"rendition-{index}")
        small.save(made[-1], "JPEG", quality=82, progressive=True)
    for number in range(photos):  # a name each: ReportLab draws a file that it knows by reference
        (folder / f"{number:06}.jpg").hardlink_to(made[number % len(made)])
    return sum(path.stat().st_size for path in made) / len(made)


def _run(name: str, folder: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.contact_sheet", "--only", name, "--folder", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def _measure(name: str, folder: Path) -> dict[str, float]:
    paths = sorted(folder.glob("*.jpg"))
    sizes = {}
    for path in folder.glob("rendition-*"):
        with Image.open(path) as image:
            sizes[path.stat().st_ino] = image.size
    draw = _ours if name == "ours" else _peer
    with tempfile.TemporaryFile() as warm:
        draw(warm, paths[:1], sizes)  # imports and fonts
    idle, cpu = peak_mb(os.getpid()), time.process_time()
    with tempfile.TemporaryFile() as out:
        pages = draw(out, paths, sizes)
        size = out.tell()
    return {"cpu": time.process_time() - cpu, "peak": peak_mb(os.getpid()), "idle": idle, "pages": pages, "bytes": size}


def _ours(out: BinaryIO, paths: list[Path], sizes: dict[int, tuple[int, int]]) -> int:
    from app.reports.contact_sheet import Cover, draw_contact_sheet
    from app.reports.options import ContactSheetOptions

    return draw_contact_sheet(
        out,
        cover=Cover(title="Benchmark", studio="Studio", day=""),
        chapters=_chapters(paths, sizes),
        options=ContactSheetOptions(),
        open_file=lambda key: Path(key).open("rb"),
    )


def _peer(out: BinaryIO, paths: list[Path], sizes: dict[int, tuple[int, int]]) -> int:
    from reportlab import rl_config
    from reportlab.pdfgen.canvas import Canvas

    from app.reports.layout import Cell, Layout
    from app.reports.options import ContactSheetOptions

    rl_config.useA85 = 0
    layout = Layout.of(ContactSheetOptions())
    canvas = Canvas(out, pagesize=(layout.width, layout.height))
    number = 0
    for number, page in enumerate(layout.pages(_chapters(paths, sizes)), start=1):
        for cell in page:
            assert isinstance(cell, Cell)
            canvas.drawImage(cell.frame.key, cell.x, cell.y, cell.width, cell.height)
            canvas.setFont("Helvetica", 7)
            canvas.drawString(cell.x, cell.caption_y, cell.frame.filename)
        canvas.drawString(40, 40, f"Page {number}")
        canvas.showPage()
    canvas.save()
    return number


def _chapters(paths: list[Path], sizes: dict[int, tuple[int, int]]) -> list["Chapter"]:
    from app.reports.layout import Chapter, Frame

    frames = []
    for number, path in enumerate(paths, start=1):
        width, height = sizes[path.stat().st_ino]
        frames.append(Frame(number=number, filename=path.name, key=str(path), width=width, height=height))
    return [Chapter(title="", frames=frames)]


def _report(results: dict[str, dict[str, float]], *, photos: int) -> None:
    for name, found in results.items():
        print(
            f"{name:4}  CPU {found['cpu']:5.2f} s: {photos / found['cpu']:5.0f} photos/s, "
            f"{found['pages'] / found['cpu']:4.0f} pages/s; file {found['bytes'] / 1e6:5.1f} MB; "
            f"peak memory {found['peak']:.0f} MB, {found['peak'] - found['idle']:.0f} MB above its start"
        )
    ours, peer = results["ours"], results["peer"]
    growth = ours["peak"] - ours["idle"]
    print(f"CPU, ours / peer: {ours['cpu'] / peer['cpu']:.2f} (target <= {TARGET_CPU})")
    print(f"file, ours / peer: {ours['bytes'] / peer['bytes']:.2f}")
    print(f"memory above the start, ours: {growth:.0f} MB (target <= {TARGET_GROWTH_MB} MB)", end="")
    print(f"; ours / peer: {growth / (peer['peak'] - peer['idle']):.2f}")


if __name__ == "__main__":
    main()

"""What arrives is not always a photograph: fifty broken files of the decoders' own corpora, and two good ones."""

from pathlib import Path

import pytest

from app.galleries.signals import GAVE_UP
from benchmarks.processes import peak_mb, role, tree
from tests.app.media.darkroom import png_of_one_colour
from tests.e2e.cloud import Cloud
from tests.e2e.studio import Studio
from tests.samples.photos import Samples

pytestmark = [pytest.mark.xdist_group("e2e"), pytest.mark.samples]

BROKEN = 50
MOST_MEMORY_MB = 350


def bomb(folder: Path) -> Path:
    """A PNG of 9.9 kB with 77 million pixels: 231 MB as RGB."""
    path = folder / "bomb.png"
    path.write_bytes(png_of_one_colour(8775, 8775, bits=1))
    return path


def polyglot(folder: Path) -> Path:
    """A web page that says it is a JPEG."""
    path = folder / "page.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0<script>alert(document.domain)</script>" + b" " * 2000)
    return path


def disguised(samples: Samples, folder: Path, *, count: int) -> list[Path]:
    """Files of formats that are not taken, under a name and a type that are."""
    kinds = {".tif", ".psd", ".bmp", ".gif", ".ico", ".ppm", ".tga", ".sgi", ".pcx"}
    originals = sorted(path for path in (samples.root / "pillow").rglob("*") if path.suffix in kinds)
    made: list[Path] = []
    for original in originals:
        if not 0 < (size := original.stat().st_size) < 1_000_000 or any(size == m.stat().st_size for m in made):
            continue  # another size is another file
        path = folder / f"{original.stem}{original.suffix[1:]}.jpg"
        path.write_bytes(original.read_bytes())
        made.append(path)
        if len(made) == count:
            break
    return made


def test_broken_files_fail_alone_with_a_reason(cloud: Cloud, samples: Samples, tmp_path: Path) -> None:
    broken = [path for path in samples.broken if path.stat().st_size]  # an empty file is not even signed
    bad = [*broken, samples.heic_200mp, bomb(tmp_path), polyglot(tmp_path)]
    bad += disguised(samples, tmp_path, count=BROKEN - len(bad))
    assert len(bad) == BROKEN
    good = [samples.rotated, samples.heic]
    files = [*bad[:20], good[0], *bad[20:], good[1]]
    studio = Studio(cloud)
    gallery = studio.new_gallery("Broken")
    ids = studio.upload(gallery, files)
    answer = studio.settle(gallery, timeout_s=180)
    photos = {photo["id"]: photo for photo in answer["photos"]}
    assert answer["counts"] == {"pending": 0, "uploaded": 0, "ready": len(good), "failed": len(bad)}
    for file, photo in zip(files, (photos[pk] for pk in ids), strict=True):
        assert photo["state"] == ("ready" if file in good else "failed"), file.name
        assert bool(photo["error"]) == (file in bad), file.name
        assert photo["error"] != GAVE_UP, file.name  # refused at first sight, not after many tries
    workers = [peak_mb(pid) for pid in set(tree(cloud.process.pid)) if role(pid) == "worker"]
    assert workers
    assert max(workers) <= MOST_MEMORY_MB

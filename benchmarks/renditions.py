"""What the image engine costs beside the same Pillow work in a bare loop, on real photos.

    python -m benchmarks.renditions [--photos 10]

Each photo is developed by both, one right after the other and taking turns at going first, in one process.
"""

import argparse
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from app.media import develop, inspect
from benchmarks import bare_pillow
from tests.samples import fetch
from tests.samples.photos import Samples

TARGET = 1.25


def engine(path: Path) -> list[bytes]:
    """All renditions as the worker makes them, from a file on the local disk."""
    with path.open("rb") as source:
        developed = develop(source, inspection=inspect(source))
    return [rendition.content for rendition in developed.renditions]


def measure(work: Callable[[Path], list[bytes]], path: Path) -> tuple[float, float]:
    """CPU and wall seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    work(path)
    return time.process_time() - cpu, time.perf_counter() - wall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=10)
    count: int = parser.parse_args().photos
    if reason := fetch():
        raise SystemExit(f"The sample photographs are incomplete: {reason}.")
    photos = Samples().photo_set(count)
    idle = _peak_rss()
    results: dict[str, list[tuple[float, float]]] = {"engine": [], "bare": []}
    for work in (engine, bare_pillow.develop):  # imports, code and colour tables, once each
        work(Samples().small_jpeg)
    for turn, path in enumerate(photos):
        pair = [("engine", engine), ("bare", bare_pillow.develop)]
        for name, work in pair if turn % 2 else reversed(pair):
            results[name].append(measure(work, path))
        print(f"  {path.name[:44]:44} engine {results['engine'][-1][0]:5.2f} s   bare {results['bare'][-1][0]:5.2f} s")
    _report(results, idle=idle)


def _report(results: dict[str, list[tuple[float, float]]], *, idle: int) -> None:
    cpu = {name: [cpu for cpu, _ in rows] for name, rows in results.items()}
    for name, rows in results.items():
        walls = [wall for _, wall in rows]
        print(
            f"{name:6} CPU: total {sum(cpu[name]):6.2f} s, median {statistics.median(cpu[name]):.3f} s; "
            f"wall: total {sum(walls):6.2f} s, median {statistics.median(walls):.3f} s"
        )
    pairs = [ours / theirs for ours, theirs in zip(cpu["engine"], cpu["bare"], strict=True)]
    ratio = sum(cpu["engine"]) / sum(cpu["bare"])
    print(f"CPU, engine / bare: {ratio:.3f} in all, {statistics.median(pairs):.3f} median photo (target <= {TARGET})")
    print(f"peak memory: {_peak_rss()} MB resident, {idle} MB before the first photo")


def _peak_rss() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()

"""Photographs from queued to ready through the whole local cloud, beside the same Pillow work in a bare loop.

    python -m benchmarks.developing [--photos 100]

In rounds of ten: the cloud, then the bare loop on the same files. The cloud's CPU is that of everything it runs, from
the moment the photographs are queued: functions, gateway, event source mapping, S3, SQS, PostgreSQL.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks import bare_pillow
from benchmarks.processes import cpu_s, function, peak_mb, tree
from tests.e2e import cloud as clouds
from tests.e2e.cloud import Cloud
from tests.e2e.studio import Studio
from tests.samples import fetch
from tests.samples.photos import Samples

ROUND = 10  # fewer than the distinct samples: a gallery refuses a photograph that it has
CPU_TARGET = 1.25
MEMORY_TARGET_MB = 350


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=100)
    rounds = max(1, parser.parse_args().photos // ROUND)
    if reason := fetch():
        raise SystemExit(f"The sample photographs are incomplete: {reason}.")
    distinct = Samples().photo_set(13)
    state = Path(tempfile.mkdtemp(prefix="loupe-bench-"))
    state.chmod(0o755)
    try:
        cloud = clouds.start(state)
        try:
            report(cloud, [run_round(cloud, number, distinct) for number in range(rounds)])
        finally:
            cloud.stop()
    finally:
        shutil.rmtree(state)


def run_round(cloud: Cloud, number: int, distinct: list[Path]) -> tuple[float, float, float, float, float]:
    """Return wall and CPU seconds of the cloud, CPU of its workers alone, wall and CPU seconds of the bare loop."""
    files = [distinct[(number * ROUND + index) % len(distinct)] for index in range(ROUND)]
    studio = Studio(cloud)
    gallery = studio.new_gallery(f"Round {number}")
    tickets = studio.sign(gallery, files)
    for ticket, file in zip(tickets, files, strict=True):
        studio.put(ticket, file)
    everything, workers, wall = cpu(cloud), cpu(cloud, "worker"), time.perf_counter()
    for ticket in tickets:
        studio.confirm(ticket)
    counts = studio.settle(gallery, timeout_s=300)["counts"]
    wall = time.perf_counter() - wall
    everything, workers = cpu(cloud) - everything, cpu(cloud, "worker") - workers
    if counts["ready"] != len(files):
        raise SystemExit(f"Not every photograph became ready: {counts}")
    bare_wall, bare_cpu = time.perf_counter(), time.process_time()
    for file in files:
        bare_pillow.develop(file)
    bare_wall, bare_cpu = time.perf_counter() - bare_wall, time.process_time() - bare_cpu
    print(
        f"  round {number}: cloud {wall:5.1f} s wall, {everything:5.1f} s CPU (workers {workers:5.1f}); "
        f"bare {bare_wall:5.1f} s wall, {bare_cpu:5.1f} s CPU; ratio {everything / bare_cpu:.2f}",
        flush=True,
    )
    return wall, everything, workers, bare_wall, bare_cpu


def cpu(cloud: Cloud, name: str = "") -> float:
    pids = set(tree(cloud.process.pid))
    return sum(cpu_s(pid) for pid in pids if not name or function(pid) == name)


def report(cloud: Cloud, rows: list[tuple[float, float, float, float, float]]) -> None:
    wall, everything, workers, bare_wall, bare_cpu = (sum(column) for column in zip(*rows, strict=True))
    photos = len(rows) * ROUND
    ratio = statistics.median(row[1] / row[4] for row in rows)
    peak = max(peak_mb(pid) for pid in set(tree(cloud.process.pid)) if function(pid) == "worker")
    print(f"{photos} photographs: {photos / wall:.2f} a second, {photos / bare_wall:.2f} in the bare loop (one core)")
    print(
        f"CPU a photograph: ours {everything / photos:.2f} s (workers {workers / photos:.2f} s), "
        f"bare {bare_cpu / photos:.2f} s"
    )
    print(
        f"CPU ratio: {everything / bare_cpu:.2f} in all, {ratio:.2f} median round (target <= {CPU_TARGET}); "
        f"workers alone {workers / bare_cpu:.2f}"
    )
    print(
        f"peak memory of a worker: {peak} MB, limit {MEMORY_TARGET_MB} MB, "
        f"ratio {peak / MEMORY_TARGET_MB:.2f} (target <= 1)"
    )


if __name__ == "__main__":
    main()

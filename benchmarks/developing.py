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
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks import bare_pillow
from benchmarks.processes import cpu_s, peak_mb, role, tree
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Seconds that one round took: wall, and CPU by part of the cloud; the same of the bare loop."""

    wall: float
    cpu: Counter[str]
    bare_wall: float
    bare_cpu: float


def run_round(cloud: Cloud, number: int, distinct: list[Path]) -> Round:
    files = [distinct[(number * ROUND + index) % len(distinct)] for index in range(ROUND)]
    studio = Studio(cloud)
    gallery = studio.new_gallery(f"Round {number}")
    tickets = studio.sign(gallery, files)
    for ticket, file in zip(tickets, files, strict=True):
        studio.put(ticket, file)
    before, started = cpu(cloud), time.perf_counter()
    for ticket in tickets:
        studio.confirm(ticket)
    counts = studio.settle(gallery, timeout_s=300)["counts"]
    wall, used = time.perf_counter() - started, cpu(cloud)
    used.subtract(before)
    if counts["ready"] != len(files):
        raise SystemExit(f"Not every photograph became ready: {counts}")
    started, started_cpu = time.perf_counter(), time.process_time()
    for file in files:
        bare_pillow.develop(file)
    done = Round(
        wall=wall,
        cpu=used,
        bare_wall=time.perf_counter() - started,
        bare_cpu=time.process_time() - started_cpu,
    )
    print(
        f"  round {number}: cloud {done.wall:5.1f} s wall, {done.cpu.total():5.1f} s CPU; "
        f"bare {done.bare_wall:5.1f} s wall, {done.bare_cpu:5.1f} s CPU; ratio {done.cpu.total() / done.bare_cpu:.2f}",
        flush=True,
    )
    return done


def cpu(cloud: Cloud) -> Counter[str]:
    used: Counter[str] = Counter()
    for pid in set(tree(cloud.process.pid)):
        used[role(pid)] += cpu_s(pid)  # type: ignore[assignment]  # seconds; a Counter adds and subtracts them as well
    return used


def report(cloud: Cloud, rounds: list[Round]) -> None:
    photos = len(rounds) * ROUND
    total = sum((row.cpu for row in rounds), Counter[str]())
    bare = sum(row.bare_cpu for row in rounds)
    ratio = statistics.median(row.cpu.total() / row.bare_cpu for row in rounds)
    peak = max(peak_mb(pid) for pid in set(tree(cloud.process.pid)) if role(pid) == "worker")
    print(
        f"{photos} photographs: {photos / sum(row.wall for row in rounds):.2f} a second, "
        f"{photos / sum(row.bare_wall for row in rounds):.2f} in the bare loop (one core)"
    )
    parts = ", ".join(f"{name} {seconds / photos:.3f}" for name, seconds in total.most_common())
    print(f"CPU seconds a photograph: ours {total.total() / photos:.3f} ({parts}); bare {bare / photos:.3f}")
    print(
        f"CPU ratio: {total.total() / bare:.2f} in all, {ratio:.2f} median round (target <= {CPU_TARGET}); "
        f"worker alone {total['worker'] / bare:.2f}"
    )
    print(
        f"peak memory of a worker: {peak} MB, limit {MEMORY_TARGET_MB} MB, "
        f"ratio {peak / MEMORY_TARGET_MB:.2f} (target <= 1)"
    )


if __name__ == "__main__":
    main()

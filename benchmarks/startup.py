"""How long `make run` takes until it is ready, once everything is set up: five starts on one state directory.

python -m benchmarks.startup [--starts 5]
"""

import argparse
import shutil
import statistics
import tempfile
import time
import urllib.request
from pathlib import Path

from benchmarks.processes import cpu_s, tree
from tests.e2e import cloud as clouds

LIMIT_S = 10.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=5)
    starts: int = parser.parse_args().starts
    state = Path(tempfile.mkdtemp(prefix="loupe-bench-"))
    state.chmod(0o755)
    try:
        first, _, _ = one(state)
        print(f"first start, empty state directory: {first:.2f} s")
        rows = [one(state) for _ in range(starts)]
    finally:
        shutil.rmtree(state)
    ready, cpu, page = (statistics.median(column) for column in zip(*rows, strict=True))
    print(
        f"ready (median of {starts}): {ready:.2f} s wall, {cpu:.2f} s CPU; slowest {max(row[0] for row in rows):.2f} s"
    )
    print(f"first page after that: {page * 1000:.0f} ms")
    print(f"ours {ready:.2f} s, limit {LIMIT_S:.0f} s, ratio {ready / LIMIT_S:.2f} (target <= 1)")


def one(state: Path) -> tuple[float, float, float]:
    """Start and stop once: seconds until ready, CPU seconds of everything until then, seconds for the first page."""
    cloud = clouds.start(state)
    try:
        cpu = sum(cpu_s(pid) for pid in set(tree(cloud.process.pid)))
        asked = time.perf_counter()
        with urllib.request.urlopen(f"{cloud.url}/sign-in/", timeout=30) as response:
            response.read()
        return cloud.ready_s, cpu, time.perf_counter() - asked
    finally:
        cloud.stop()


if __name__ == "__main__":
    main()

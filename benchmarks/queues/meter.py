"""What a stretch of work costs: CPU of this process, CPU of the server behind it, wall, round trips to PostgreSQL."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from benchmarks.processes import tree

type Run = Callable[[int], None]
type Measure = Callable[[int, int], "Reading"]  # tasks to warm up with, tasks to count


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Seconds per task; ``server`` is the CPU of every process of PostgreSQL or Valkey, ``trips`` are messages that
    PostgreSQL was made to answer."""

    own: float
    server: float
    wall: float
    trips: float = 0.0


class Meter:
    def start(self) -> None:
        self._server, self._wall, self._own = _server_s(), time.perf_counter(), time.process_time()

    def stop(self, count: int) -> Reading:
        own, wall = time.process_time() - self._own, time.perf_counter() - self._wall
        return Reading(own=own / count, wall=wall / count, server=(_server_s() - self._server) / count)


def timed(run: Run, prepare: Run = lambda _: None) -> Measure:
    """Measure ``run(count)``; ``prepare`` makes what all runs together use up and is not counted."""

    def measure(warm: int, count: int) -> Reading:
        prepare(warm + count)
        run(warm)
        meter = Meter()
        meter.start()
        run(count)
        return meter.stop(count)

    return measure


def traced(run: Run, prepare: Run = lambda _: None) -> Measure:
    """Count the round trips of ``run(count)``, and nothing else: writing the trace costs more than the work."""

    def measure(warm: int, count: int) -> Reading:
        prepare(warm + count)
        run(warm)
        with trips() as counted:
            run(count)
        return Reading(own=0.0, server=0.0, wall=0.0, trips=counted[0] / count)

    return measure


@contextmanager
def trips() -> Iterator[list[int]]:
    """Fill the list with the round trips that libpq traced: each time that PostgreSQL was ready again."""
    counted: list[int] = []
    with tempfile.TemporaryFile("w+") as trace:
        connection.ensure_connection()
        pgconn = connection.connection.pgconn
        pgconn.trace(trace.fileno())
        try:
            yield counted
        finally:
            pgconn.untrace()
        trace.seek(0)
        counted.append(sum("\tReadyForQuery\t" in line for line in trace))


def _server_s() -> float:
    pid = os.environ.get("BENCHMARK_SERVER_PID")
    return sum(map(_on_cpu_s, set(tree(int(pid))))) if pid else 0.0


def _on_cpu_s(pid: int) -> float:
    # In nanoseconds, where /proc/PID/stat counts hundredths of a second.
    # https://docs.kernel.org/scheduler/sched-stats.html
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0.0

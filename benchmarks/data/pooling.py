"""Many client connections on few of the server's: 200 through pgbouncer's 20 beside 20 without it.

python -m benchmarks.data.pooling [--rounds 4] [--seconds 5] [--clients 200] [--servers 20] [--processes 4]

One interleaved run on a PostgreSQL of its own: each round measures both ways, with the same processes, statement and
data; the first comes first in every other round. A request reads a page of a gallery, 100 of its 800 photographs by
their index, values bound by the server and nothing prepared. Every connection always has one under way. All of it
shares this machine's processors, so that pgbouncer's own work counts against it; on AWS it is done elsewhere, and so
the last figure is what the throughput would be without that share of the CPU, where CPU is what everybody waits for.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.processes import cpu_s, tree
from serverless.emulator.services.postgres import start_postgres
from tests.pgbouncer import bouncer

GALLERIES = 50
WANTED = 0.9
_TABLE = """
CREATE TABLE photo (id uuid PRIMARY KEY, gallery int, rank int, filename text, width int, height int, renditions jsonb);
INSERT INTO photo SELECT gen_random_uuid(), gallery, rank, 'IMG_' || rank || '.jpg', 6000, 4000,
    jsonb_build_object('small', md5(rank::text), 'large', md5(gallery::text), 'thumb', md5('t'))
FROM generate_series(1, 50) gallery, generate_series(1, 800) rank;
CREATE INDEX ON photo (gallery, rank);
VACUUM ANALYZE photo
"""
_PAGE = (
    "SELECT id, filename, width, height, renditions FROM photo WHERE gallery = %s AND rank > %s ORDER BY rank LIMIT 100"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one way gave in one round: ``requests`` a second, milliseconds of the median and of one in twenty.

    ``cpu_ms`` are those of a request's CPU in clients, server and pgbouncer, ``proxy_ms`` pgbouncer's of them.
    """

    requests: float
    median_ms: float
    slow_ms: float
    errors: int
    cpu_ms: float
    proxy_ms: float


def measure(
    *, clients: int = 200, servers: int = 20, processes: int = 4, rounds: int = 4, seconds: float = 5
) -> dict[str, list[Result]]:
    """Return the rounds of ``direct`` (``servers`` connections) and ``pooled`` (``clients`` on ``servers``)."""
    results: dict[str, list[Result]] = {"direct": [], "pooled": []}
    with _postgres() as (url, server), bouncer(url, pool_size=servers) as pool:
        with psycopg.connect(url, autocommit=True) as owner:
            for statement in _TABLE.split(";"):
                owner.execute(statement.encode())
        ways = {"direct": (url, servers), "pooled": (pool.url, clients)}
        for number in range(rounds):
            for name in sorted(ways, reverse=bool(number % 2)):
                address, connections = ways[name]
                before = _used(server), _used(pool.process.popen.pid)
                said = _run(address, connections=connections, processes=processes, seconds=seconds)
                database, proxy = _used(server) - before[0], _used(pool.process.popen.pid) - before[1]
                results[name].append(_result(said, seconds=seconds, database=database, proxy=proxy))
    return results


def _used(pid: int) -> float:
    return sum(cpu_s(process) for process in tree(pid))


def _result(said: list[dict[str, Any]], *, seconds: float, database: float, proxy: float) -> Result:
    took = sorted(ms for one in said for ms in one["took"])
    return Result(
        requests=len(took) / seconds,
        median_ms=statistics.median(took),
        slow_ms=took[len(took) * 95 // 100],
        errors=sum(one["errors"] for one in said),
        cpu_ms=1000 * (database + proxy + sum(one["cpu"] for one in said)) / len(took),
        proxy_ms=1000 * proxy / len(took),
    )


@contextmanager
def _postgres() -> Iterator[tuple[str, int]]:
    state = Path(tempfile.mkdtemp(prefix="pooling-"))
    state.chmod(0o755)
    for name in ("logs", "run"):
        (state / name).mkdir()
    process, url = asyncio.run(start_postgres(state))
    try:
        yield url, process.popen.pid
    finally:
        asyncio.run(process.stop())
        shutil.rmtree(state)


def _run(url: str, *, connections: int, processes: int, seconds: float) -> list[dict[str, Any]]:
    """Run the processes, which begin together once all of them are connected."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.data.pooling",
        "--client",
        str(connections // processes),
        "--seconds",
        str(seconds),
    ]
    started = [
        subprocess.Popen(
            command, env=os.environ | {"POOLING_URL": url}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(processes)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "connected\n", "A process could not connect; its error is above."
    said = []
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in started:
        output, _ = process.communicate()
        said.append(json.loads(output))
    return said


def _client(connections: int, seconds: float) -> None:
    opened = [
        psycopg.connect(os.environ["POOLING_URL"], autocommit=True, prepare_threshold=None) for _ in range(connections)
    ]
    print("connected", flush=True)
    sys.stdin.readline()
    took: list[list[float]] = [[] for _ in opened]
    used = time.process_time()
    errors: list[str] = []
    end = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_ask, args=(connection, end, own, errors))
        for connection, own in zip(opened, took, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in errors[:3]:
        print(error, file=sys.stderr)
    said = {"errors": len(errors), "cpu": time.process_time() - used}
    print(json.dumps(said | {"took": [round(ms, 2) for own in took for ms in own]}))


def _ask(connection: "psycopg.Connection[Any]", end: float, took: list[float], errors: list[str]) -> None:
    while (began := time.monotonic()) < end:
        try:
            rows = connection.execute(_PAGE, [random.randint(1, GALLERIES), random.randint(0, 700)]).fetchall()  # noqa: S311
            assert len(rows) == 100
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted and said
            errors.append(repr(error))
        took.append((time.monotonic() - began) * 1000)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--servers", type=int, default=20)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--client", type=int, help=argparse.SUPPRESS)
    options = vars(parser.parse_args())
    if (connections := options.pop("client")) is not None:
        _client(connections, options["seconds"])
        return 0
    return report(measure(**options), options)


def report(results: dict[str, list[Result]], options: dict[str, Any]) -> int:
    """Print both ways and their ratio. Returns 1 where something failed."""
    counts = {"direct": f"{options['servers']} direct", "pooled": f"{options['clients']} on {options['servers']}"}
    print(f"{'connections':14}{'requests/s':>12}{'median':>10}{'1 in 20':>10}{'errors':>8}{'CPU':>10}{'pgbouncer':>12}")
    best = {name: max(rounds, key=lambda one: one.requests) for name, rounds in results.items()}
    errors = sum(one.errors for rounds in results.values() for one in rounds)
    for name, one in best.items():
        failed = sum(other.errors for other in results[name])
        took = f"{one.requests:12.0f}{one.median_ms:8.1f}ms{one.slow_ms:8.1f}ms"
        print(f"{counts[name]:14}{took}{failed:8}{one.cpu_ms:8.2f}ms{one.proxy_ms:10.2f}ms")
    ratio = best["pooled"].requests / best["direct"].requests
    each = [one.requests / other.requests for one, other in zip(results["pooled"], results["direct"], strict=True)]
    print(f"throughput {ratio:.2f}x direct (wanted >= {WANTED}x); by round: {', '.join(f'{one:.2f}x' for one in each)}")
    pooled = best["pooled"]
    print(f"pgbouncer's own CPU aside: {ratio * pooled.cpu_ms / (pooled.cpu_ms - pooled.proxy_ms):.2f}x direct")
    return int(bool(errors))


if __name__ == "__main__":
    sys.exit(main())

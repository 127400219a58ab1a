"""What a no-op task costs its producer and its consumer: ours beside Celery and three backends of Django's own Tasks.

    python -m benchmarks.tasks [--rounds 5] [--count 500] [--rows 1000,100000]

One interleaved run: each round measures everything once, each in a process of its own that warms up first; what is
printed is the median round. Own CPU is that of the producing or consuming process, and the server's that of all
processes of PostgreSQL or Valkey. SQS is a process beside them, whose CPU is nobody's: so everybody pays for their own
HTTP client, signature and sockets as they would in AWS, and nobody is bent to talk to a fake within his process. The
servers are on this machine and do not wait for disks: wall time is without any network.

Ours is set up as Loupe is. Its peers' database connections are kept, too, but not looked at before use, which would
cost them a round trip more. Celery stores no results; it and django-tasks-sqs are given ten messages a request.

Then ours alone, on a table that holds ``--rows`` tasks already. Ten million need 3 GB and a minute and a half.
"""

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.queues.meter import Reading
from serverless.emulator.services import start_services

PEERS = Path(".cache/peers/bin/python")
WITH_DATABASE = ["ours", "tasks_db", "lambda_tasks"]
PRODUCERS = [
    ("ours, one", "ours", "enqueue"),
    ("ours, 100 in a transaction", "ours", "enqueue in transactions"),
    ("ours, enqueue_many of 100", "ours", "enqueue_many"),
    ("ours without rows, 100 items", "ours", "enqueue without rows"),
    ("django-tasks-db, one", "tasks_db", "enqueue"),
    ("django-tasks-db, 100 in a transaction", "tasks_db", "enqueue in transactions"),
    ("django-tasks-sqs enqueue", "tasks_sqs", "enqueue"),
    ("django-tasks-sqs enqueue_many", "tasks_sqs", "enqueue_many"),
    ("django-lambda-tasks", "lambda_tasks", "enqueue"),
    ("Celery on SQS", "celery_sqs", "enqueue"),
    ("Celery on Redis", "celery_redis", "enqueue"),
    ("boto3 alone, one", "raw", "enqueue"),
    ("boto3 alone, batches of 10", "raw", "enqueue_many"),
]
CONSUMERS = [
    ("ours, batches of 10", "ours", "consume"),
    ("ours, atomic, batches of 10", "ours", "consume atomic"),
    ("ours without rows, batches of 10", "ours", "consume without rows"),
    ("django-tasks-db", "tasks_db", "consume"),
    ("django-lambda-tasks, batches of 10", "lambda_tasks", "consume"),
    ("django-tasks-sqs, batches of 10", "tasks_sqs", "consume"),
    ("Celery on SQS", "celery_sqs", "consume"),
    ("Celery on Redis", "celery_redis", "consume"),
]
TRACED = {
    ("ours", "enqueue"),
    ("ours", "enqueue in transactions"),
    ("ours", "enqueue_many"),
    ("ours", "consume"),
    ("ours", "consume atomic"),
    ("tasks_db", "enqueue"),
    ("tasks_db", "enqueue in transactions"),
    ("tasks_db", "consume"),
    ("lambda_tasks", "consume"),
}
WARM = 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=500, help="tasks a measurement, in hundreds")
    parser.add_argument("--rows", default="1000,100000", help="sizes of the table, smallest first")
    options = parser.parse_args()
    if not PEERS.exists():
        raise SystemExit(f"{PEERS} is missing: `make peers` installs what ours is measured beside.")
    with servers() as pids:
        for participant in WITH_DATABASE:
            child(participant, "setup", pids)
        producers = measure(PRODUCERS, options, pids)
        consumers = measure(CONSUMERS, options, pids)
        sizes = {int(rows): scaled(rows, options, pids) for rows in options.rows.split(",")}
    report("producer", PRODUCERS, producers)
    report("consumer", CONSUMERS, consumers)
    goals(producers, consumers)
    report_scale(sizes)


@contextmanager
def servers() -> Iterator[dict[str, int]]:
    """Run PostgreSQL, Valkey and SQS, lead the environment there, and yield the process ids of the first two."""
    state = Path(tempfile.mkdtemp(prefix="benchmark-tasks-"))
    state.chmod(0o755)
    sqs = subprocess.Popen([sys.executable, "-m", "benchmarks.queues.sqs"], stdout=subprocess.PIPE, text=True)
    assert sqs.stdout is not None
    os.environ["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{sqs.stdout.readline().strip()}"
    try:
        services = asyncio.run(start_services(state, buckets=[], queues={}, origins=[]))
        os.environ.update(services.environ)
        try:
            yield {process.name: process.popen.pid for process in services.processes}
        finally:
            asyncio.run(services.stop())
    finally:
        sqs.kill()
        sqs.wait()
        shutil.rmtree(state)


def measure(what: list[tuple[str, str, str]], options: argparse.Namespace, pids: dict[str, int]) -> dict[str, Reading]:
    rounds = [
        {label: child(participant, name, pids, count=options.count) for label, participant, name in what}
        for _ in range(options.rounds)
    ]
    medians = {}
    for label, participant, name in what:
        own, server, wall = (
            statistics.median(getattr(row[label], field) for row in rounds) for field in ("own", "server", "wall")
        )
        traced = (participant, name) in TRACED
        trips = child(participant, f"{name}: trips", pids, count=WARM).trips if traced else 0.0
        medians[label] = Reading(own=own, server=server, wall=wall, trips=trips)
    return medians


def child(participant: str, name: str, pids: dict[str, int], *, count: int = 0) -> Reading:
    """Run one measurement and return what it read."""
    python = sys.executable if participant == "ours" else str(PEERS)
    server = pids.get("valkey" if participant == "celery_redis" else "postgres", 0)
    if participant in {"celery_sqs", "raw", "tasks_sqs"}:
        server = 0
    answer = subprocess.run(
        [python, "-m", "benchmarks.queues.measure", participant, name, str(WARM), str(count)],
        env=os.environ | {"BENCHMARK_SERVER_PID": str(server) if server else ""},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=300,
    ).stdout
    return Reading(**json.loads(answer.splitlines()[-1])) if answer else Reading(own=0, server=0, wall=0)


def report(kind: str, what: list[tuple[str, str, str]], readings: dict[str, Reading]) -> None:
    print(f"{kind + ', us a task':40}{'own CPU':>10}{'server CPU':>12}{'wall':>8}{'round trips':>13}")
    for label, *_ in what:
        row = readings[label]
        server = f"{row.server * 1e6:.0f}" if row.server else "-"
        trips = f"{row.trips:.2f}" if row.trips else "-"
        print(f"{label:40}{row.own * 1e6:>10.0f}{server:>12}{row.wall * 1e6:>8.0f}{trips:>13}")
    print()


def goals(producers: dict[str, Reading], consumers: dict[str, Reading]) -> None:
    durable = consumers["ours, batches of 10"]
    for peer in ("django-tasks-db", "django-lambda-tasks, batches of 10"):
        ratio = consumers[peer].own / durable.own
        print(f"claim, run, finish: {ratio:.1f}x cheaper than {peer} (wanted >= 3)")
    many, theirs = producers["ours, enqueue_many of 100"].own, producers["django-tasks-db, 100 in a transaction"].own
    print(f"enqueue, 100 in a transaction: {many / theirs:.2f} of django-tasks-db's (wanted <= 0.20)")
    rowless = consumers["ours without rows, batches of 10"].own
    print(f"a task without a row: {rowless * 1e6:.0f} us (wanted <= 40)")
    atomic = consumers["ours, atomic, batches of 10"].trips
    print(f"round trips in a batch of 10: {durable.trips:.2f} a task (wanted <= 2), atomic {atomic:.2f} (<= 3)")


def scaled(rows: str, options: argparse.Namespace, pids: dict[str, int]) -> dict[str, Any]:
    """Fill the table with ``rows``, and return what each step costs there and how its statements are planned."""
    answer = subprocess.run(
        [sys.executable, "-m", "benchmarks.queues.scale", rows, str(options.count)],
        env=os.environ | {"BENCHMARK_SERVER_PID": str(pids.get("postgres", ""))},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    return dict(json.loads(answer))


def report_scale(sizes: dict[int, dict[str, Any]]) -> None:
    smallest, *_, largest = sizes.values()
    print(f"\n{'ours, own + server CPU, us':40}" + "".join(f"{rows:>12,} rows" for rows in sizes) + "   ratio")
    for step in smallest["readings"]:
        cpu = [size["readings"][step] for size in sizes.values()]
        costs = "".join(f"{f'{row["own"] * 1e6:.0f} + {row["server"] * 1e6:.0f}':>17}" for row in cpu)
        first, last = (row["own"] + row["server"] for row in (cpu[0], cpu[-1]))
        print(f"{step:40}{costs}{last / first:>8.2f}")
    print(f"plans at {max(sizes):,} rows, {largest['bytes'] / 1e6:,.0f} MB:")
    for statement, plan in largest["plans"].items():
        print(f"  {statement:40} {plan}")
    whole = [name for name, plan in largest["plans"].items() if "Seq Scan tasks" in plan]
    print(f"statements that read the whole table: {', '.join(whole) or 'none'} (wanted none)")


if __name__ == "__main__":
    main()

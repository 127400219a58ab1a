"""Every address of Loupe on a million photographs: its statements, how PostgreSQL finds their rows, and the time.

    python -m benchmarks.queries [--photos 1000000 --galleries 10000 --events 10000000] [--report]

Seeds a database in .local/queries the first time, which takes minutes and 4 GB and stays there; DATABASE_URL names one
of your own instead. Visits the largest studio and its largest gallery, with nothing in the cache, and takes back what
it changed. Exits with 1 where a large table is read from its beginning to its end.
"""

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.seeding.sizes import Impossible, Sizes
from serverless.emulator.services import start_services
from tests.plugin import CONSTANTS, ORIGIN

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "docs" / "reference" / "queries.md"
TIMES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One address: medians of its statements' time in the database, and of the whole request, in milliseconds."""

    name: str
    statements: int
    database_ms: float
    request_ms: float
    ways: list[str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, usual in (("photos", 1_000_000), ("galleries", 10_000), ("events", 10_000_000)):
        parser.add_argument(f"--{name}", type=int, default=usual, help=f"to seed, if nothing is there yet: {usual:,}")
    parser.add_argument("--report", action="store_true", help=f"write {REPORT.relative_to(ROOT)}")
    given = vars(parser.parse_args())
    report = given.pop("report")
    try:
        Sizes(**given)
    except Impossible as problem:  # before any service is started
        parser.error(str(problem))
    with started():
        from django.core.management import call_command

        from app.accounts.models import Studio
        from app.galleries.models import Photo
        from app.sharing.models import AccessEvent

        call_command("migrate", verbosity=0)
        if not Studio.objects.exists():
            call_command("seed", **given)
        counts = f"{Photo.objects.count():,} photographs and {AccessEvent.objects.count():,} access events"
        rows = list(measured())
    print(f"{counts}; the slowest of {len(rows)} addresses first; medians of {TIMES}, milliseconds")
    for row in sorted(rows, key=lambda row: -row.database_ms):
        print(f"{row.name:48} {row.statements:3} {row.database_ms:8.1f} {row.request_ms:8.1f}  {', '.join(row.ways)}")
    if report:
        REPORT.write_text(written(rows, counts))
    return int(any("Seq Scan" in way for row in rows for way in row.ways))


@contextmanager
def started() -> Iterator[None]:
    """The services, and Django in this process connected to them."""
    os.environ.update(CONSTANTS)
    state = ROOT / ".local" / "queries"
    state.mkdir(parents=True, exist_ok=True)
    queues = {"default": 60}
    services = asyncio.run(start_services(state, buckets=["media", "static"], queues=queues, origins=[ORIGIN]))
    try:
        os.environ.update(services.environ)
        import django

        django.setup()
        yield
    finally:
        asyncio.run(services.stop())


def measured() -> Iterator[Row]:
    from django.db import connection, transaction

    from tests.app.plans import accesses, largest_gallery
    from tests.app.visits import VISITS, pay
    from tests.app.world import make_world

    with transaction.atomic():
        world = make_world(*largest_gallery())
        for name, visit in VISITS.items():
            if name == "admin:statements_statement_reset":
                continue
            database: list[float] = []
            whole: list[float] = []
            sent: list[str] = []
            for _ in range(TIMES):
                connection.queries_log.clear()
                begun = time.perf_counter()
                _, sent = pay(visit, name, world)
                whole.append((time.perf_counter() - begun) * 1000)
                database.append(sum(float(query["time"]) for query in connection.queries) * 1000)
            yield Row(
                name=name,
                statements=len(sent),
                database_ms=statistics.median(database),
                request_ms=statistics.median(whole),
                ways=sorted(accesses(sent)),
            )
        transaction.set_rollback(True)


def written(rows: list[Row], counts: str) -> str:
    load = f"{os.getloadavg()[1]:.0f}"
    lines = [
        "# Queries of each address",
        "",
        f"Written by `make explain ARGS=--report` on {counts}: the largest",
        "studio and its largest gallery, nothing in the cache, one request at a time. *Database* is the sum of the",
        f"statements' times as the client sees them, medians of {TIMES}; {os.cpu_count()} cores had a load of {load}.",
        "How to read it, and what to do about a line: [../how-to/queries.md](../how-to/queries.md).",
        "",
        "| address | statements | database, ms | request, ms | into photos and access events by |",
        "|---|---:|---:|---:|---|",
    ]
    for row in rows:
        ways = ", ".join(f"`{way.rpartition(' by ')[2]}`" for way in row.ways)
        lines.append(f"| `{row.name}` | {row.statements} | {row.database_ms:.0f} | {row.request_ms:.0f} | {ways} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())

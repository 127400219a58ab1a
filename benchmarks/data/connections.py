"""A warm request with one query, and what is said on the wire: ours beside a plain persistent connection of Django's.

python -m benchmarks.data.connections [--rounds 100] [--requests 15]

One process, one interleaved run: each round does the same requests over each backend, with the first and the last
signal of a request as a handler sends them, in batches so short that some have the machine to themselves. `bare` is
psycopg alone, the limit. Printed is the fastest batch, wall beside CPU. On a server of this machine a round trip takes
30-60 us, inside a region 500-1,000 us: what one more costs there is printed as their number, counted by a door that
passes everything on.
"""

import argparse
import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import django
import psycopg
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import connections
from django.db.utils import ConnectionHandler

from serverless.emulator.services.postgres import start_postgres
from tests.serverless.db.postgresql.recorder import Recorder, recorded

STATEMENT = "SELECT %s::int"
ENGINES = {
    "plain": "django.db.backends.postgresql",
    "plain, health checks": "django.db.backends.postgresql",
    "ours": "serverless.db.postgresql",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--requests", type=int, default=15, help="of each backend, four times in a round")
    options = parser.parse_args()
    with _server() as url, recorded(urlsplit(url).port or 0) as door:
        databases = {name: _database(url, name) for name in ENGINES}
        settings.configure(USE_TZ=True, TIME_ZONE="UTC", DATABASES=databases | {"default": {}})
        django.setup()
        _warm(url, options)
        _wire(url, door)


def _warm(url: str, options: argparse.Namespace) -> None:
    bare = psycopg.connect(url, autocommit=True, cursor_factory=psycopg.Cursor, prepare_threshold=None)
    calls: dict[str, Callable[[], object]] = {"bare": lambda: bare.execute(STATEMENT, [1]).fetchone()}
    calls |= {name: _request(name) for name in ENGINES}
    fastest = {name: (float("inf"), float("inf")) for name in calls}
    for _ in range(options.rounds):
        for name, call in calls.items():
            call()
            for _ in range(4):
                took = _timed(call, options.requests)
                fastest[name] = min(fastest[name][0], took[0]), min(fastest[name][1], took[1])
            if name in ENGINES:  # a handler's signals look at every connection that there is
                connections[name].close()
                del connections[name]
    bare.close()
    print(f"{'warm request, one query':28}{'wall us':>9}{'CPU us':>9}{'wall':>9}{'CPU':>9}   wanted")
    wall, cpu = fastest["plain"]
    for name, row in fastest.items():
        wanted = "   <= 1.10x" if name == "ours" else ""
        print(
            f"{name:28}{row[0] * 1e6:9.1f}{row[1] * 1e6:9.1f}{row[0] / wall:8.2f}x{row[1] / cpu:8.2f}x{wanted}",
        )


def _request(name: str) -> Callable[[], object]:
    def call() -> object:
        request_started.send(sender=_request)
        with connections[name].cursor() as cursor:
            cursor.execute(STATEMENT, [1])
            row = cursor.fetchone()
        request_finished.send(sender=_request)
        return row

    return call


def _timed(call: Callable[[], object], requests: int) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    for _ in range(requests):
        call()
    return (time.perf_counter() - wall) / requests, (time.process_time() - cpu) / requests


def _wire(url: str, door: Recorder) -> None:
    """Count round trips to a server that is in another zone, as a parameter group or a role may say."""
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("ALTER ROLE CURRENT_USER SET timezone = 'Europe/Berlin'")
    address = urlsplit(url)._replace(netloc=urlsplit(url).netloc.replace(f":{urlsplit(url).port}", f":{door.port}"))
    psycopg.connect(address.geturl(), sslmode="disable", gssencmode="disable").close()
    handshake = door.round_trips
    print(f"\n{'round trips':28}{'connect':>9}{'extra':>9}{'warm request':>16}   wanted: 0 extra, 1 a request")
    print(f"{'bare':28}{handshake:9}{0:9}{1:16}")
    for name in ENGINES:
        made = ConnectionHandler({"default": _database(address.geturl(), name)})["default"]
        door.forget()
        made.ensure_connection()
        connect = door.round_trips
        _ask(made)
        door.forget()
        _ask(made)
        print(f"{name:28}{connect:9}{connect - handshake:9}{door.round_trips:16}   {'; '.join(door.statements)}")
        made.close()


def _ask(connection: Any) -> None:
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT, [1])
        cursor.fetchone()
    connection.close_if_unusable_or_obsolete()


def _database(url: str, name: str) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "ENGINE": ENGINES[name],
        "NAME": parts.path[1:],
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname,
        "PORT": parts.port,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": name != "plain",
        "OPTIONS": {"server_side_binding": True, "sslmode": "disable", "gssencmode": "disable"},
    }


@contextmanager
def _server() -> Iterator[str]:
    state = Path(tempfile.mkdtemp(prefix="benchmark-data-"))
    state.chmod(0o755)  # PostgreSQL runs as another user when this is root
    for folder in ("logs", "run"):
        (state / folder).mkdir()
    process, url = asyncio.run(start_postgres(state))
    try:
        yield url
    finally:
        asyncio.run(process.stop())
        shutil.rmtree(state)


if __name__ == "__main__":
    main()

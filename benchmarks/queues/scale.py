"""Ours on a table of many rows: does a task cost more where millions have run?

    python -m benchmarks.queues.scale ROWS COUNT

99 rows of 100 are finished, nine of 1,000 deferred, one of 1,000 dead; ids ascend with time, as ours do. Prints what
each step costs and how PostgreSQL plans its statements, as JSON.
"""

import json
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import django

os.environ["BENCHMARK_PARTICIPANT"] = "ours"
os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.queues.project"
django.setup(set_prefix=False)

from django.db import connection  # noqa: E402

from benchmarks.queues import ours  # noqa: E402
from benchmarks.queues.meter import Run, timed  # noqa: E402
from serverless.tasks.models import TABLE, TaskRow  # noqa: E402
from serverless.tasks.upkeep import tick  # noqa: E402

WARM = 100
CHUNK = 500_000

_FILL = f"""
INSERT INTO {TABLE} (id, path, backend, queue, priority, args, kwargs, state, attempts, lease, alone, due_at, wake_at,
    sends, enqueued_at, started_at, last_attempted_at, finished_at, errors, worker_ids)
SELECT uuidv7(at - statement_timestamp()), 'benchmarks.queues.jobs.noop', 'default', 'default', 0,
    jsonb_build_array(number), '{{}}', state, 0, lease, false, due, due, 0, at, ran, ran, ran, '[]',
    CASE WHEN lease = 1 THEN '["8476a536-e9f4-11e8-9739-2dfe598c3fcd"]'::jsonb ELSE '[]'::jsonb END
FROM (
    SELECT number, at, state,
        CASE state WHEN 'ready' THEN 0 ELSE 1 END AS lease,
        CASE state WHEN 'ready' THEN statement_timestamp() + number %% 1000 * interval '1 hour' + interval '1 day' END
            AS due,
        CASE state WHEN 'ready' THEN NULL ELSE at END AS ran
    FROM (
        SELECT number, statement_timestamp() - (%(rows)s - number) * interval '0.1 second' AS at,
            CASE WHEN number %% 1000 = 0 THEN 'dead' WHEN number %% 1000 < 10 THEN 'ready' ELSE 'done' END AS state
        FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS number
    ) AS numbered
) AS rows
"""  # noqa: S608 - constants only


def main(rows: int, count: int) -> None:
    logging.disable(logging.INFO)
    fill(rows)
    with plans() as planned:
        for run, prepare in STEPS.values():
            prepare(ours.TRANSACTION)
            run(ours.TRANSACTION)
    readings = {name: asdict(timed(*step)(WARM, count)) for name, step in STEPS.items()}
    print(json.dumps({"readings": readings, "plans": planned, "bytes": size()}))


def fill(rows: int) -> None:
    ours.clear()
    with connection.cursor() as cursor:
        for first in range(0, rows, CHUNK):
            cursor.execute(_FILL, {"rows": rows, "first": first, "last": min(first + CHUNK, rows) - 1})
        cursor.execute(f"VACUUM ANALYZE {TABLE}")


def size() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size(%s)", [TABLE])
        return int(cursor.fetchone()[0])


def make_due(count: int) -> None:
    """Let ``count`` new rows be the tick's."""
    ours.enqueue_in_transactions(count)
    ids = list(TaskRow.objects.order_by("-id").values_list("id", flat=True)[:count])
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {TABLE} SET wake_at = statement_timestamp() - interval '1 hour' WHERE id = ANY(%s)",  # noqa: S608
            [ids],
        )


def wake(count: int) -> None:
    """Find ``count`` due rows as the tick does, in batches of 100; sending for them is measured with enqueueing."""
    for _ in range(count // tick.BATCH):
        assert len(tick._wake("default", without=())) == tick.BATCH  # noqa: SLF001 - its statements alone


def look(count: int) -> None:
    """What the tick asks in a minute in which all is well."""
    for _ in range(count):
        tick._wake("default", without=())  # noqa: SLF001


def _nothing(_: int) -> None:
    pass


STEPS: dict[str, tuple[Run, Run]] = {
    "enqueue, one": (ours.enqueue, _nothing),
    "enqueue, 100 in a transaction": (ours.enqueue_in_transactions, _nothing),
    "claim, run, finish, batches of 10": (ours.consume, ours.make_events),
    "tick, a row due": (wake, make_due),
    "tick, nothing due": (look, _nothing),
}


@contextmanager
def plans() -> Iterator[dict[str, str]]:
    """Fill a dict with the plan of each statement on the table, by its beginning."""
    planned: dict[str, str] = {}

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        name = _name(sql)
        if TABLE in sql and name not in planned and not sql.startswith("EXPLAIN"):
            planned[name] = ""
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
                planned[name] = " <- ".join(_nodes(cursor.fetchone()[0][0]["Plan"]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield planned


def _name(sql: str) -> str:
    words = re.sub(r"\s+", " ", sql).strip()
    if words.startswith("WITH"):
        return f"WITH {words[5:9].strip()} … UPDATE"
    return re.sub(r'INSERT INTO "?tasks_taskrow"?.*', "INSERT", words.replace('"', ""))[:40]


def _nodes(plan: dict[str, Any]) -> Iterator[str]:
    where = plan.get("Index Name") or plan.get("Alias") or ""
    yield f"{plan['Node Type']} {where}".strip()
    for child in plan.get("Plans", []):
        yield from _nodes(child)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))

"""The rig put together: a web and a worker function, their database behind the proxy, their queue, and a clock."""

import asyncio
import json
import math
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from serverless.emulator.config import FunctionConfig
from serverless.emulator.event_source.response import failed_ids
from serverless.emulator.function import Function
from serverless.emulator.results import Result
from serverless.events import build
from tests.faults.check import MEMORY_MB
from tests.faults.cluster import Cluster
from tests.faults.functions import environ, memory_mb, sqs_message, succeeded
from tests.faults.history import History
from tests.faults.proxy import Proxy
from tests.faults.record import Record
from tests.faults.sqs import MAX_RECEIVES, Held, Queue

ROOT = Path(__file__).parents[2]
MAIN = "serverless.handlers.main.handler"
# Long enough for a row to be begun while serverless.tasks.work.shift.RESERVE is kept back.
TIMEOUT_S = 8.0
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-queueconfig
VISIBILITY_S = 6 * TIMEOUT_S
CONCURRENCY = 2
BATCH = 10
TICK_S = 60.0
_MINUTE_US = 60_000_000
# Longer than the back-off of five attempts.
DRAIN_S = 3600.0

# A row is settled if it is finished, not due, the next tick's, or waits for one of its key or for the end of a pause,
# which will wake it.
_STANDING = """
SELECT id, kwargs->>'mark' AS mark, state, lease,
    wake_at IS NULL OR due_at > clock_timestamp() OR wake_at <= clock_timestamp() OR EXISTS (
        SELECT FROM tasks_taskrow AS other WHERE other.wake_at IS NOT NULL AND other.id <> task.id AND (
            other.order_key = task.order_key AND other.position < task.position OR other.limit_key = task.limit_key
        )
    ) OR EXISTS (SELECT FROM tasks_pause AS pause WHERE pause.name IN (task.queue, task.path)) AS settled
FROM tasks_taskrow AS task WHERE id = ANY(%s::uuid[])
"""

type Wanted = tuple[str, dict[str, Any]]
type End = Literal["commit", "rollback", "savepoint"]


class Rig:
    """Made in the loop that it runs in. ``start``, then scenarios with ``reset`` between them, ``stop``."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.cluster = Cluster()
        self.proxy = Proxy()
        self.skipped = 0  # microseconds, as exact as PostgreSQL's
        self.queue = Queue(clock=lambda: self.now, visibility=VISIBILITY_S)
        self.home = self.cluster.state / "home"
        self.home.mkdir()
        self.history = History(self.home / "history")
        self.queue.accepted = self._accepted
        self.log: list[str] = []
        self.lose_deletes = 0
        self._next_tick = 0.0
        self._under_way: dict[str, float] = {}  # messages in the hands of an invocation, and `offset` then
        self._environ: dict[str, str] = {}
        self.web = self.worker = self._function("web")

    @property
    def offset(self) -> float:
        """The seconds that ``advance`` has skipped."""
        return self.skipped / 1e6

    @property
    def now(self) -> float:
        """The rig's clock in seconds; it only differs from the machine's by what ``advance`` has skipped."""
        return time.monotonic() + self.offset

    async def start(self) -> None:
        await self.proxy.start()
        await self.queue.start()
        await self.cluster.start()
        database = self.cluster.url.replace(f":{self.cluster.port}/", f":{self.proxy.port}/")
        self._environ = environ(database=database, queue=self.queue.url, home=self.home)
        await self.cluster.prepare(self._environ)
        self.proxy.upstream = self.cluster.port
        self.web, self.worker = self._function("web"), self._function("worker")
        self._next_tick = self.now + TICK_S

    async def stop(self) -> None:
        await self.web.stop()
        await self.worker.stop()
        await self.proxy.stop()
        await self.queue.stop()
        self.history.close()
        await self.cluster.remove()

    async def reset(self) -> None:
        """Forget everything but the warm environments."""
        self.proxy.rules.clear()
        self.proxy.away = False
        self.queue.clear()
        self.queue.visibility = VISIBILITY_S
        self.lose_deletes = 0
        self._under_way.clear()
        self.log.clear()
        for path in [*self.home.glob("once-*"), *self.home.glob("meet-*")]:
            path.unlink()
        tables = self.cluster.rows(
            "SELECT string_agg(tablename, ', ') AS names FROM pg_tables WHERE tablename LIKE 'tasks\\_%'"
        )
        await self.cluster.insist(f"TRUNCATE effects, notes, {tables[0]['names']}")
        self.history.clear()

    @asynccontextmanager
    async def employ(
        self,
        *,
        function: Literal["web", "worker"] = "worker",
        handler: str = MAIN,
        more: dict[str, str] | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> AsyncIterator[None]:
        """Use another function for the length of the block."""
        usual: Function = getattr(self, function)
        other = self._function(function, handler=handler, more=more, timeout_s=timeout_s)
        setattr(self, function, other)
        try:
            yield
        finally:
            await other.stop()
            setattr(self, function, usual)

    async def enqueue(self, *wanted: Wanted, end: End = "commit", hold: float = 0.0) -> bool:
        """Let the web function enqueue in one transaction; whether it said that this was done."""
        for name, kwargs in wanted:
            self.history.add("asked", kwargs["mark"], kind=name, end=end)
        status, answer = await self._post("/enqueue", {"tasks": wanted, "end": end, "hold": hold})
        what = {200: "committed", 202: "rolled back"}.get(status, "unknown")
        ids = answer["ids"] if status == 200 else [""] * len(wanted)
        for (name, kwargs), task in zip(wanted, ids, strict=True):
            self.history.add(what, kwargs["mark"], kind=name, task=task.rpartition(":")[2])
        return status == 200

    async def ask(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send the web function a GET, or a POST of JSON, and return what API Gateway would be answered."""
        headers = [("host", "rig"), ("content-type", "application/json")]
        method, sent = ("GET", b"") if body is None else ("POST", json.dumps(body).encode())
        event = build.http_v2(method=method, raw_path=path, headers=headers, body=sent)
        result = await self._invoke(self.web, dict(event))
        answer: dict[str, Any] = {"statusCode": 500, "headers": {}, "body": ""} if result.failure else result.json()
        return answer

    async def pause(self, name: str) -> bool:
        """Let the web function pause a queue or the path of a task; whether it said that this was done."""
        status, _ = await self._post("/pause", {"name": name, "on": True})
        if status == 200:
            # From now on nothing may be claimed; a claim that has just begun does not know yet.
            self.cluster.rows(
                "UPDATE tasks_pause SET since = clock_timestamp() + interval '50 ms' WHERE name = %s", name
            )
            self.history.add("paused", name=name)
        return status == 200

    async def resume(self, name: str) -> bool:
        """End a pause, after a look at what was started during it; whether the web function said that this was done."""
        started = self.cluster.rows(
            "SELECT kwargs->>'mark' AS mark FROM tasks_taskrow AS task JOIN tasks_pause AS pause"
            " ON pause.name IN (task.queue, task.path) WHERE pause.name = %s AND task.last_attempted_at > pause.since",
            name,
        )
        for row in started:
            self.history.add("started while paused", row["mark"], name=name)
        status, _ = await self._post("/pause", {"name": name, "on": False})
        self.history.add("resumed" if status == 200 else "not resumed", name=name)
        return status == 200

    async def pump(self) -> None:
        """Deliver messages until none is visible and nobody works on one that was delivered here."""
        busy: set[asyncio.Task[None]] = set()
        while True:
            while len(busy) < CONCURRENCY and (batch := self.receive(BATCH)):
                busy.add(asyncio.create_task(self.deliver(batch)))
            if not busy:
                return
            done, busy = await asyncio.wait(busy, timeout=0.05, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()

    def receive(self, most: int) -> list[Held]:
        """Take messages off the queue, and note those that an invocation has in its hands."""
        batch = self.queue.receive(most)
        for message in batch:
            # Where the rig has skipped time meanwhile, the visibility timeout has not ended too soon.
            overlaps = self._under_way.get(message.id) == self.offset
            self.history.add("overlapped" if overlaps else "received", task=message.task, count=message.receives)
            self._under_way[message.id] = self.offset
        return batch

    async def deliver(self, batch: list[Held]) -> None:
        """Do what the event source mapping does with one batch: invoke, delete what succeeded."""
        event = build.sqs(
            [sqs_message(message) for message in batch], queue_arn="arn:aws:sqs:us-east-1:123456789012:default"
        )
        offset = self.offset
        try:
            result = await self._invoke(self.worker, dict(event))
        finally:
            for message in batch:
                self._under_way.pop(message.id, None)
        failed = failed_ids(result, [message.id for message in batch], report_batch_item_failures=True)
        done = [message for message in batch if message.id not in failed]
        for message in batch if self.offset != offset else [message for message in batch if message.id in failed]:
            self.history.add("lost", task=message.task)  # perhaps its lease ended without a report
        if self.lose_deletes > 0 and done:
            self.lose_deletes -= 1
            self.history.add("delete lost", count=len(done))
        else:
            for message in done:
                self.queue.delete(message)
        await self._look_after(done)

    async def tick(self) -> Result:
        return await self._invoke(self.worker, dict(build.tick(datetime.now(UTC))))

    async def advance(self, seconds: float, *, patience_s: float = 5.0) -> None:
        """Let time pass for the queue and for every row.

        A row's times mean something only beside the database's clock: to move them back is to move that forward.
        A schedule is moved by whole minutes, so that it keeps its place in the minute.
        Raises LockNotAvailable where a process that is stopped holds a row for ``patience_s``.
        """
        by = math.ceil(seconds * 1e6)
        minutes = (self.skipped + by) // _MINUTE_US - self.skipped // _MINUTE_US
        tables = self.cluster.rows(
            "SELECT table_name AS name, string_agg(format('%%1$I = %%1$I - interval ''1 microsecond'' * %%2$s',"
            " column_name, CASE table_name WHEN 'tasks_schedule' THEN %s::bigint ELSE %s::bigint END), ', ') AS sets"
            " FROM information_schema.columns WHERE table_name LIKE 'tasks\\_%%'"
            " AND data_type = 'timestamp with time zone' GROUP BY 1 ORDER BY table_name <> 'tasks_schedule', 1",
            minutes * _MINUTE_US,
            by,
        )
        # All or none: whoever sees one of them moved must not see another that is not.
        updates = "; ".join(f"UPDATE {table['name']} SET {table['sets']}" for table in tables)  # noqa: S608 - names of columns
        await self.cluster.insist(f"DO $$ BEGIN {updates}; END $$", seconds=patience_s)
        self.skipped += by
        self.history.add("advanced", seconds=round(seconds, 2))

    async def drain(self, *, within: float = DRAIN_S) -> None:
        """Deliver, tick and let time pass until every row is finished and the queue is empty, for so long at most."""
        end = self.now + within
        while True:
            await self.pump()
            at = self._next_event()
            if at is None:
                return
            if at > end:
                self.history.add("not drained", within=within)
                return
            if at > self.now:
                await self.advance(at - self.now + 0.001)
            if self.now >= self._next_tick:
                self._next_tick = self.now + TICK_S
                await self.tick()

    def clear(self, fault: str) -> None:
        """Note that a fault is over: what is invoked next must succeed."""
        self.history.add("cleared", fault=fault)

    async def until(self, condition: Callable[[], bool], *, seconds: float = 10) -> None:
        """Let the functions work until it comes true. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - what it asks is in other processes
                await asyncio.sleep(0.02)

    def thaw(self) -> None:
        for pid in self.worker.pids:
            os.killpg(pid, signal.SIGCONT)

    async def restart_database(self) -> None:
        self.history.add("fault", name="restart")
        await self.cluster.restart()
        self.proxy.upstream = self.cluster.port

    def verdict(self) -> Record:
        """Collect what the checker reads."""
        return Record(
            lines=self.history.lines(),
            rows=self.cluster.rows("SELECT *, kwargs->>'mark' AS mark FROM tasks_taskrow ORDER BY id"),
            effects=self.cluster.rows("SELECT * FROM effects ORDER BY number"),
            groups=self.cluster.rows('SELECT id, size, "then" FROM tasks_taskgroup'),
            schedules=self.cluster.rows("SELECT name, last_at FROM tasks_schedule"),
            skipped=self.skipped,
            dead=[message.body for message in self.queue.dead],
            connections=self.cluster.rows(
                "SELECT application_name AS name, count(*) AS count FROM pg_stat_activity"
                " WHERE application_name LIKE 'faults-%' GROUP BY 1"
            ),
            memory_mb=max(map(memory_mb, self.worker.pids | self.web.pids), default=0),
        )

    def _next_event(self) -> float | None:
        """When something happens next: a message shows, or a tick finds a row. None: everything is finished."""
        (row,) = self.cluster.rows(
            "SELECT extract(epoch FROM min(wake_at) - clock_timestamp())::float8 AS wait FROM tasks_taskrow"
            " WHERE wake_at IS NOT NULL"
        )
        moments = [] if (visible := self.queue.next_visible()) is None else [visible]
        if row["wait"] is not None:
            late = max(0.0, self.now + row["wait"] - self._next_tick)
            moments.append(self._next_tick + math.ceil(late / TICK_S) * TICK_S)
        return min(moments, default=None)

    async def _invoke(self, function: Function, event: dict[str, Any]) -> Result:
        self.history.add("invoked", function=function.config.name)
        result = await function.invoke(event, wait=True)
        self.history.add("answered", function=function.config.name, ok=succeeded(result), failure=result.failure)
        return result

    async def _post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Send JSON to the web function; returns the status and, where it is 200, the answer."""
        answer = await self.ask(path, body)
        return answer["statusCode"], json.loads(answer["body"]) if answer["statusCode"] == 200 else {}

    def _accepted(self, body: str) -> None:
        """Note what a message without a row carries."""
        for item in json.loads(body).get("items", []):
            self.history.add("accepted", item["mark"], bad=item["fails"] > MAX_RECEIVES)

    async def _look_after(self, messages: Iterable[Held]) -> None:
        """Write down how each row stands whose message was answered as a success: settled, or seen to by another."""
        await self.cluster.running.wait()
        ids = [message.task for message in messages if message.task]
        for row in self.cluster.rows(
            _STANDING,
            ids,
        ):
            settled = row["settled"] or self.queue.holds(str(row["id"]))
            self.history.add("acked", row["mark"], state=row["state"], lease=row["lease"], settled=settled)

    def _function(
        self, name: str, *, handler: str = MAIN, more: dict[str, str] | None = None, timeout_s: float = TIMEOUT_S
    ) -> Function:
        config = FunctionConfig(
            name=name, handler=handler, memory_mb=MEMORY_MB, timeout_s=timeout_s, concurrency=CONCURRENCY
        )
        return Function(config, environ=self._environ | (more or {}), root=ROOT, log=self.log.append)

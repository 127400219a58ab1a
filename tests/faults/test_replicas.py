"""Replica lag and loss: nobody hears of an error, a writer sees what was written, and no read is older than the bound.

Two web functions stand for two environments. What a viewer was answered for is written down with its time, and each
list of notes is held against that.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from serverless.emulator.config import FunctionConfig
from serverless.emulator.function import Function
from serverless.events import build
from tests.faults.functions import environ
from tests.faults.rig import MAIN, ROOT
from tests.replication import Pair

pytestmark = pytest.mark.xdist_group("replicas")

# A look holds for so long that nothing but the cookie keeps a writer from the replica.
BOUNDS = {"SECONDS": 10, "MAX_LAG": 0.2, "SAMPLE_SECONDS": 0.8, "REST_SECONDS": 0.4}
OLDEST_S = BOUNDS["MAX_LAG"] + BOUNDS["SAMPLE_SECONDS"]


@dataclass(kw_only=True)
class Web:
    """Two environments, and what they have answered for."""

    pair: Pair
    runner: asyncio.Runner
    functions: list[Function]
    log: list[str]
    written: list[tuple[float, str]] = field(default_factory=list)

    def write(self, mark: str, *, on: int) -> "Writer":
        answer = self.call("POST", on=on, body=mark.encode())
        self.written.append((time.monotonic(), mark))
        (cookie,) = answer["cookies"]
        assert answer["headers"]["cache-control"] == "private, no-store"
        return Writer(web=self, mark=mark, cookie=cookie.partition(";")[0])

    def look(self, *, on: int, cookie: str = "") -> str:
        """Look as anybody does, and return where the notes were read."""
        return self.runner.run(self.alook(on=on, cookie=cookie))

    async def alook(self, *, on: int, cookie: str = "", must: str = "") -> str:
        began = time.monotonic()
        answer = await self._invoke("GET", on=on, cookie=cookie)
        seen = json.loads(answer["body"])
        missing = {mark for at, mark in self.written if at < began - OLDEST_S or mark == must} - set(seen["notes"])
        assert not missing, f"older than {OLDEST_S} s: {missing} of {seen}\n" + "\n".join(self.log[-20:])
        return "".join(seen["from"])

    def call(self, method: str, *, on: int, body: bytes | None = None) -> dict[str, Any]:
        return self.runner.run(self._invoke(method, on=on, body=body))

    async def _invoke(self, method: str, *, on: int, body: bytes | None = None, cookie: str = "") -> dict[str, Any]:
        headers = [("host", "rig"), *([("cookie", cookie)] if cookie else [])]
        event = build.http_v2(method=method, raw_path="/notes", headers=headers, body=body)
        result = await self.functions[on].invoke(dict(event), wait=True)
        assert not result.failure, self.log[-20:]
        answer: dict[str, Any] = result.json()
        assert answer["statusCode"] == 200, "\n".join(self.log[-20:])
        return answer

    def served_by(self, alias: str, *, on: int) -> None:
        """Return once looks are answered by it; every one of them is held to the bound."""
        deadline = time.monotonic() + 20
        while self.look(on=on) != alias:
            assert time.monotonic() < deadline, f"{alias} does not answer"
            time.sleep(0.02)


@dataclass(kw_only=True)
class Writer:
    """Whoever wrote, with the cookie."""

    web: Web
    mark: str
    cookie: str

    def looks(self, *, on: int) -> None:
        assert self.web.runner.run(self.web.alook(on=on, cookie=self.cookie, must=self.mark)) == "default"


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    pair = Pair()
    pair.start()
    pair.ask("primary", "CREATE TABLE notes (id serial PRIMARY KEY, mark text NOT NULL)")
    log: list[str] = []
    variables = environ(database=pair.url("primary"), queue="", home=ROOT) | {
        "DJANGO_SETTINGS_MODULE": "tests.faults.replicated.settings",
        "DATABASE_REPLICA_URL": pair.url("replica"),
        "REPLICAS": json.dumps(BOUNDS),
    }
    with asyncio.Runner() as runner:
        functions = [
            Function(
                FunctionConfig(name=name, handler=MAIN, memory_mb=256, timeout_s=20, concurrency=1),
                environ=variables,
                root=ROOT,
                log=log.append,
            )
            for name in ("one", "two")
        ]
        yield Web(pair=pair, runner=runner, functions=functions, log=log)
        for function in functions:
            runner.run(function.stop())
    pair.remove()


@pytest.fixture(autouse=True)
def warm(web: Web) -> None:
    """Both environments are up, and read from the replica."""
    web.pair.ask("primary", "TRUNCATE notes")
    web.written.clear()
    web.write("first", on=0)
    web.pair.catch_up()
    for number in (0, 1):
        web.served_by("replica", on=number)


def test_replay_stands_still(web: Web) -> None:
    with web.pair.paused():
        writer = web.write("during", on=0)
        writer.looks(on=1)
        end = time.monotonic() + 1.5 * OLDEST_S
        while time.monotonic() < end:
            web.look(on=1)
            writer.looks(on=0)
            time.sleep(0.02)
        assert web.look(on=0) == web.look(on=1) == "default"
    web.look(on=0)  # the first call after it is over
    for number in (0, 1):
        web.served_by("replica", on=number)


def test_the_link_is_cut(web: Web) -> None:
    """Nothing is behind, as the replica itself sees it."""
    with web.pair.unlinked():
        writer = web.write("during", on=1)
        writer.looks(on=0)
        time.sleep(1.2 * OLDEST_S)
        assert web.look(on=0) == web.look(on=1) == "default"
    web.look(on=1)
    web.served_by("replica", on=0)


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_it_is_gone_between_invocations(web: Web, end: str) -> None:
    getattr(web.pair, end)("replica")
    try:
        # A query whose connection breaks is run on the primary in its place; those after it go there.
        for number in (0, 1):
            web.served_by("default", on=number)
        web.write("during", on=0).looks(on=1)
        time.sleep(1.2 * BOUNDS["REST_SECONDS"])
        assert web.look(on=0) == "default", "tried again in vain"
    finally:
        web.pair.serve("replica")
    web.look(on=0)
    for number in (0, 1):
        web.served_by("replica", on=number)


def test_it_is_gone_in_the_middle(web: Web) -> None:
    """Killed and started again under a stream of looks, of which none may fail."""

    async def stream(number: int, over: Callable[[], bool]) -> set[str]:
        seen = set()
        while not over():
            seen.add(await web.alook(on=number))
        return seen

    async def during(harm: Callable[[], None]) -> list[set[str]]:
        ended = asyncio.Event()
        streams = [asyncio.create_task(stream(number, ended.is_set)) for number in (0, 1)]
        await asyncio.sleep(0.2)
        await asyncio.to_thread(harm)
        await asyncio.sleep(0.2)
        ended.set()
        return list(await asyncio.gather(*streams))

    for _ in range(3):
        for seen in web.runner.run(during(lambda: web.pair.kill("replica"))):
            assert {"replica", "default"} >= seen
            assert "default" in seen
        web.pair.serve("replica")
        for number in (0, 1):
            web.served_by("replica", on=number)

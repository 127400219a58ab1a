import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from serverless.emulator import limits
from serverless.emulator.function import Function
from serverless.emulator.results import Failure, PayloadTooLarge, Throttled
from tests.serverless.emulator.support import ROOT, eventually, function_config, in_loop, process_state, running, until


@in_loop
async def test_one_environment_is_used_again() -> None:
    async with running(function_config("handlers.echo")) as function:
        answers = [(await function.invoke({"n": n})).json() for n in range(3)]
    assert [answer["calls"] for answer in answers] == [1, 2, 3]
    assert len({answer["pid"] for answer in answers}) == 1
    assert [answer["event"] for answer in answers] == [{"n": 0}, {"n": 1}, {"n": 2}]


@in_loop
async def test_events_at_once_scale_out_and_never_share_an_environment() -> None:
    async with running(function_config("handlers.obey", concurrency=3)) as function:
        results = await asyncio.gather(*(function.invoke({"sleep": 0.5}) for _ in range(3)))
        assert [result.failure for result in results] == [None] * 3  # `obey` raises when it runs twice at once
        assert len({result.json()["pid"] for result in results}) == 3
        assert len(function.pids) == 3
        again = [(await function.invoke({})).json()["pid"] for _ in range(4)]
        assert len(set(again)) == 1  # the one used last, so that the others could go cold


@in_loop
async def test_a_function_at_its_concurrency_throttles_unless_told_to_wait() -> None:
    async with running(function_config("handlers.obey", concurrency=1)) as function:
        first = asyncio.create_task(function.invoke({"sleep": 0.3}))
        await asyncio.sleep(0)
        with pytest.raises(Throttled):
            await function.invoke({})
        second = await function.invoke({}, wait=True)
        assert second.json() == (await first).json()  # the same process, one after the other


def test_a_waiting_event_takes_the_environment_that_is_free_first(tmp_path: Path) -> None:
    mended = tmp_path / "mended"
    mended.touch()

    @in_loop
    async def scenario() -> None:
        environ = {"INIT": "sleep", "MENDED": str(mended)}
        async with running(function_config("fragile.handler", concurrency=2), environ=environ) as function:
            await function.warm()
            mended.unlink()  # a second environment would need 30 s for its init
            both = asyncio.gather(function.invoke({}), function.invoke({}))
            results = await asyncio.wait_for(both, 5)
            assert [result.json() for result in results] == ["up", "up"]

    scenario()


@in_loop
async def test_environments_are_stopped_between_events() -> None:
    async with running(function_config("handlers.obey")) as function:
        pid = (await function.invoke({})).json()["pid"]
        assert until(lambda: process_state(pid) == "T")
        task = asyncio.create_task(function.invoke({"sleep": 0.3}))
        await asyncio.sleep(0.15)
        assert process_state(pid) == "S"
        await task
        assert until(lambda: process_state(pid) == "T")


@in_loop
async def test_warm_starts_an_environment_before_the_first_event() -> None:
    async with running(function_config("handlers.echo")) as function:
        await function.warm()
        (pid,) = function.pids
        assert (await function.invoke({})).json()["pid"] == pid


@in_loop
async def test_the_timeout_kills_and_the_next_event_starts_afresh() -> None:
    log: list[str] = []
    async with running(function_config("handlers.obey", timeout_s=0.4), log=log) as function:
        await function.warm()
        (pid,) = function.pids
        result = await function.invoke({"sleep": 30})
        assert result.failure is Failure.TIMEOUT
        assert result.json()["errorType"] == "Sandbox.Timedout"
        assert process_state(pid) == ""
        assert (await function.invoke({})).json()["pid"] != pid
    assert any(line.endswith("Task timed out after 0.40 seconds") for line in log)
    assert any("Status: timeout" in line for line in log)


@in_loop
async def test_an_answer_without_a_question_for_more_counts_but_the_environment_does_not_live_on() -> None:
    async with running(function_config("handlers.obey", timeout_s=0.4)) as function:
        first = await function.invoke({"linger": 30})
        assert first.failure is None
        second = await function.invoke({})
        assert second.failure is None
        assert second.json()["pid"] != first.json()["pid"]


@in_loop
async def test_a_flood_of_output_neither_holds_back_the_timeout_nor_fills_the_memory() -> None:
    sizes: list[int] = []
    config = function_config("handlers.obey", timeout_s=0.4)
    function = Function(config, environ=os.environ, root=ROOT, log=lambda line: sizes.append(len(line)))
    started = time.monotonic()
    result = await function.invoke({"flood": 6})
    assert result.failure is Failure.TIMEOUT
    assert time.monotonic() - started < 4
    assert 1_000_000 < max(sizes) < 1_200_000


@in_loop
async def test_a_process_that_cannot_be_launched_is_an_answer_not_a_wait(tmp_path: Path) -> None:
    function = Function(function_config("handlers.obey"), environ=os.environ, root=tmp_path / "gone", log=print)
    files = len(os.listdir("/proc/self/fd"))
    result = await asyncio.wait_for(function.invoke({}), 5)
    assert result.failure is Failure.INIT
    assert result.json()["errorType"] == "Sandbox.LaunchFailed"
    assert len(os.listdir("/proc/self/fd")) == files


@in_loop
async def test_a_crash_is_noticed_and_the_next_event_starts_afresh() -> None:
    async with running(function_config("handlers.obey")) as function:
        result = await function.invoke({"exit": 7})
        assert result.failure is Failure.CRASH
        assert result.json()["errorType"] == "Runtime.ExitError"
        assert result.json()["errorMessage"].endswith("Runtime exited with error: exit status 7")
        assert (await function.invoke({})).failure is None


@in_loop
async def test_an_environment_that_died_while_idle_swallows_no_event() -> None:
    async with running(function_config("handlers.obey")) as function:
        pid = (await function.invoke({})).json()["pid"]
        os.kill(pid, signal.SIGKILL)
        await eventually(lambda: not function.pids)
        assert (await function.invoke({})).json()["pid"] != pid


@in_loop
async def test_an_exception_keeps_the_environment() -> None:
    log: list[str] = []
    async with running(function_config("handlers.obey"), log=log) as function:
        result = await function.invoke({"raise": "no such gallery"})
        assert result.failure is Failure.RAISED
        assert (result.json()["errorType"], result.json()["errorMessage"]) == ("ValueError", "no such gallery")
        (pid,) = function.pids
        assert (await function.invoke({})).json()["pid"] == pid
    assert any("[ERROR] ValueError: no such gallery" in line for line in log)


@pytest.mark.parametrize(
    ("init", "kind", "status"),
    [("raise", "Runtime.ImportModuleError", "error"), ("exit", "Runtime.ExitError", "error")],
)
def test_a_failed_init_is_tried_twice_then_reported_and_recovers(
    tmp_path: Path, init: str, kind: str, status: str
) -> None:
    log: list[str] = []

    @in_loop
    async def scenario() -> None:
        environ = {"INIT": init, "MENDED": str(tmp_path / "mended")}
        async with running(function_config("fragile.handler"), log=log, environ=environ) as function:
            result = await function.invoke({})
            assert result.failure is Failure.INIT
            assert result.json()["errorType"] == kind
            assert sum("INIT_REPORT" in line and f"Status: {status}" in line for line in log) == 2
            (tmp_path / "mended").touch()
            assert (await function.invoke({})).json() == "up"

    scenario()


@in_loop
async def test_payload_limits_hold_to_the_byte() -> None:
    async with running(function_config("handlers.obey")) as function:
        overhead = len('{"pad":""}')
        assert (await function.invoke({"pad": "x" * (limits.LAMBDA_REQUEST_BYTES - overhead)})).failure is None
        with pytest.raises(PayloadTooLarge):
            await function.invoke({"pad": "x" * (limits.LAMBDA_REQUEST_BYTES - overhead + 1)})
        quotes = len('""')
        assert (await function.invoke({"size": limits.LAMBDA_RESPONSE_BYTES - quotes})).failure is None
        large = await function.invoke({"size": limits.LAMBDA_RESPONSE_BYTES - quotes + 1})
        assert large.failure is Failure.TOO_LARGE
        assert large.json()["errorType"] == "Function.ResponseSizeTooLarge"
        assert (await function.invoke({})).failure is None


@in_loop
async def test_stop_kills_busy_and_idle_environments() -> None:
    async with running(function_config("handlers.obey")) as function:
        await asyncio.gather(function.invoke({"sleep": 0.2}), function.invoke({"sleep": 0.2}))
        busy = asyncio.create_task(function.invoke({"sleep": 30}))
        await asyncio.sleep(0.05)
        pids = function.pids
        assert len(pids) == 2
        await function.stop()
        assert all(process_state(pid) == "" for pid in pids)
        assert (await busy).failure is Failure.CRASH

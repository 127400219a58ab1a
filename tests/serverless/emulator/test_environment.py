import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from serverless.emulator.environment import Environment
from serverless.emulator.results import Failure, InitFailed
from tests.serverless.emulator.support import ROOT, function_config, in_loop, process_state, running, until


@in_loop
async def test_the_variables_are_lambdas() -> None:
    async with running(function_config("handlers.echo"), environ={"SITE_URL": "http://localhost"}) as function:
        answer = (await function.invoke({})).json()
    environ = answer["environ"]
    assert environ["AWS_LAMBDA_FUNCTION_NAME"] == "f"
    assert environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "256"
    assert environ["AWS_LAMBDA_FUNCTION_VERSION"] == "$LATEST"
    assert environ["AWS_LAMBDA_INITIALIZATION_TYPE"] == "on-demand"
    assert environ["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/f"
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", environ["AWS_LAMBDA_LOG_STREAM_NAME"])
    assert environ["AWS_EXECUTION_ENV"] == f"AWS_Lambda_python3.{sys.version_info.minor}"
    assert environ["LAMBDA_TASK_ROOT"] == str(ROOT)
    assert environ["_HANDLER"] == "tests.serverless.emulator.handlers.echo"
    assert environ["TZ"] == ":UTC"
    assert environ["_X_AMZN_TRACE_ID"].startswith("Root=1-")
    assert environ["SITE_URL"] == "http://localhost"
    assert answer["arn"] == "arn:aws:lambda:us-east-1:123456789012:function:f"
    assert 9_000 < answer["remaining_ms"] <= 10_000


@in_loop
async def test_the_log_reads_as_cloudwatch_has_it() -> None:
    log: list[str] = []
    async with running(function_config("handlers.obey"), log=log) as function:
        await function.invoke({"print": "developing"})
        await function.invoke({"raise": "no film"})
    first, second = log[:4], log[4:]
    request_id = first[0].split()[3]
    assert first[:3] == [
        f"[f] START RequestId: {request_id} Version: $LATEST",
        "[f] developing",
        f"[f] END RequestId: {request_id}",
    ]
    report = (
        rf"\[f\] REPORT RequestId: {request_id}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB"
        r"\tMax Memory Used: (\d+) MB\tInit Duration: [\d.]+ ms"
    )
    found = re.fullmatch(report, first[3])
    assert found is not None
    assert 5 < int(found[1]) < 200
    assert "[f] Traceback (most recent call last):" in second
    assert "Init Duration" not in second[-1]


def test_an_init_beyond_its_limit_is_killed(tmp_path: Path) -> None:
    log: list[str] = []

    @in_loop
    async def scenario() -> None:
        environ = {**os.environ, "INIT": "sleep", "MENDED": str(tmp_path / "never")}
        environment = Environment(function_config("fragile.handler"), environ=environ, root=ROOT, log=log.append)
        with pytest.raises(InitFailed) as caught:
            await environment.start(limit_s=0.5)
        assert caught.value.result.failure is Failure.TIMEOUT
        assert process_state(environment.pid) == ""

    scenario()
    assert "Status: timeout" in log[-1]


@in_loop
async def test_what_the_handler_left_running_stops_and_dies_with_it() -> None:
    async with running(function_config("handlers.obey", timeout_s=0.5)) as function:
        child = (await function.invoke({"child": True})).json()["child"]
        assert until(lambda: process_state(child) == "T")
        await function.invoke({"sleep": 30})
        assert until(lambda: process_state(child) == "")


_PARENT = """
import asyncio, os
from pathlib import Path
from tests.serverless.emulator.support import function_config, running

async def main():
    async with running(function_config("handlers.obey", concurrency=2)) as function:
        await asyncio.gather(function.invoke({"sleep": 0.2}), function.invoke({"sleep": 0.2}))
        busy = asyncio.create_task(function.invoke({"sleep": 60}))
        await asyncio.sleep(0.1)
        print(*function.pids, flush=True)
        await busy

asyncio.run(main())
"""


def test_a_killed_emulator_takes_its_environments_along_busy_and_stopped() -> None:
    with subprocess.Popen([sys.executable, "-c", _PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(word) for word in parent.stdout.readline().split()]
        try:
            assert len(pids) == 2
            assert sorted(process_state(pid) for pid in pids) == ["S", "T"]
        finally:
            parent.send_signal(signal.SIGKILL)
    assert until(lambda: not any(process_state(pid) for pid in pids))

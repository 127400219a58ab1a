import asyncio
from datetime import datetime

from serverless.emulator import scheduler
from tests.serverless.emulator.support import eventually, function_config, in_loop, running


@in_loop
async def test_it_ticks_at_once_and_then_at_every_interval() -> None:
    log: list[str] = []
    async with running(function_config("handlers.batch"), log=log) as function:
        ticking = asyncio.create_task(scheduler.run(function, interval_s=0.5))
        await eventually(lambda: sum("tick" in line for line in log) > 2)
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)
    times = [datetime.fromisoformat(line.split()[-1]) for line in log if "tick" in line]
    assert (times[2] - times[1]).total_seconds() > 0.4
    assert times[2].microsecond % 500_000 < 400_000

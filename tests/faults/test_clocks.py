"""Functions whose clocks are off by minutes and by a day: leases are the database's."""

import pytest

from tests.faults import proxy
from tests.faults.proxy import Rule
from tests.faults.rig import Rig
from tests.faults.scenario import scenario

pytestmark = pytest.mark.xdist_group("faults")

DAY = 86_400


@pytest.mark.parametrize("seconds", [-DAY, -300, 300, DAY])
@scenario()
async def test_a_workers_clock_is_wrong(rig: Rig, seconds: int) -> None:
    async with rig.employ(more={"FAULTS_CLOCK": str(seconds)}):
        await rig.enqueue(
            ("effect", {"mark": "killed"}), ("fail_first", {"mark": "retried", "times": 1}), ("noop", {"mark": "other"})
        )
        rig.proxy.rules = [Rule(step="effect", when="after", harm=proxy.kill)]
        await rig.drain(within=300)

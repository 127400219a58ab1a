"""A short round of the soak, so that the long one can be relied on to run."""

from pathlib import Path

import pytest

from tests.faults.report import markdown
from tests.faults.rig import Rig
from tests.faults.scenario import scenario
from tests.faults.soak import Totals, play_round

pytestmark = pytest.mark.xdist_group("faults")


@scenario()
async def test_a_round_keeps_every_promise(rig: Rig) -> None:
    totals = Totals(seed=7, tasks=60, kills=2)
    assert await play_round(rig, totals, tasks=60, kills=2) == []
    assert totals.counts["kill"] == 2
    assert len(rig.verdict().of("asked")) == 61  # and the one after the faults


def test_a_run_that_was_cut_short_goes_on(tmp_path: Path) -> None:
    cut = Totals(seed=1, tasks=3000, kills=30, rounds=2, done=2000, broken=["I1 t: is ready"])
    cut.counts["kill"] = 20
    cut.save(tmp_path)
    resumed = Totals(seed=1, tasks=3000, kills=30)
    resumed.load(tmp_path)
    assert resumed == cut
    page = markdown(resumed)
    assert "| promises broken | 1 |" in page
    assert "I1 t: is ready" in page

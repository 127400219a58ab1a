"""The maintenance page, by parameters of the edge."""

import re

import pytest

from serverless.deploy.operate import maintenance
from serverless.deploy.stacks import StackMissing
from serverless.stack.names import EDGE_REGION
from tests.serverless.deploy.stacks.cloud import Cloud
from tests.serverless.deploy.stacks.conftest import Stage


def test_it_goes_up_with_a_way_past_it_and_comes_down(cloud: Cloud, stage: Stage) -> None:
    stage.deploy()

    def edge() -> dict[str, str]:
        return dict(cloud.stack("shop-dev-edge", EDGE_REGION).parameters)

    before = edge()
    address = maintenance.on(stage.config, log=stage.said.append, pause_s=0)
    bypass = edge()["MaintenanceBypass"]
    assert edge()["Maintenance"] == "yes"
    assert re.fullmatch(r"[\w-]{32,128}", bypass)
    assert address.endswith(f"/_maintenance/{bypass}")
    assert not any(bypass in line for line in stage.said)
    maintenance.off(stage.config, log=stage.said.append, pause_s=0)
    assert edge() == before | {"Maintenance": "no", "MaintenanceBypass": ""}


def test_each_time_has_a_way_of_its_own(stage: Stage) -> None:
    stage.deploy()
    assert len({maintenance.on(stage.config, log=stage.said.append, pause_s=0) for _ in range(2)}) == 2


def test_a_stage_without_an_edge_says_what_to_do(stage: Stage) -> None:
    with pytest.raises(StackMissing, match="stack deploy"):
        maintenance.on(stage.config, log=stage.said.append)

"""What profiles cost and carry."""

import pytest

from serverless.stack.config import parse
from serverless.stack.exceptions import StackConfigInvalid
from serverless.stack.profiles import PROFILES, monthly_usd, room


def test_frugal_costs_a_quarter() -> None:
    standard = sum(item.usd for item in monthly_usd(PROFILES["standard"], interfaces=3))
    frugal = sum(item.usd for item in monthly_usd(PROFILES["frugal"], interfaces=0))
    assert round(standard, 2) == 140.38
    assert round(frugal, 2) == 37.34


def test_a_proxy_takes_as_many_environments_as_come() -> None:
    assert room(PROFILES["standard"]) is None
    assert room(PROFILES["frugal"]) == 70


@pytest.mark.parametrize(("web", "worker", "fits"), [(60, 10, True), (60, 11, False), (100, 20, False)])
def test_without_a_proxy_environments_are_bounded_by_connections(web: int, worker: int, fits: bool) -> None:
    stage = {"profile": "frugal", "web_concurrency": web, "worker_concurrency": worker}
    table = {"stack": {"project": "shop", "region": "eu-central-1", "stages": {"dev": stage}}}
    if fits:
        assert parse(table, stage="dev").profile == "frugal"
    else:
        with pytest.raises(StackConfigInvalid, match=f"takes 70 connections.*are {web + worker}"):
            parse(table, stage="dev")

"""Valkey of both profiles."""

from typing import Any

import pytest
from troposphere import Template

from serverless.cache.address import Address
from serverless.stack.home import cache, network
from serverless.stack.profiles import Profile
from settings.env import Env
from tests.serverless.stack.facts import config, of_home

BOTH: list[Profile] = ["standard", "frugal"]


def _cache(profile: Profile) -> Any:
    return of_home(profile).one("ElastiCache::ReplicationGroup")


@pytest.mark.parametrize("profile", BOTH)
def test_it_is_encrypted_on_the_way_and_at_rest_and_only_functions_reach_it(profile: Profile) -> None:
    group = _cache(profile)
    assert (group["Engine"], group["TransitEncryptionEnabled"], group["TransitEncryptionMode"]) == (
        "valkey",
        True,
        "required",
    )
    assert group["AtRestEncryptionEnabled"] is True
    assert group["SecurityGroupIds"] == [{"Fn::GetAtt": ["CacheGroup", "GroupId"]}]


def test_nothing_in_it_is_kept_so_that_it_may_be_replaced() -> None:
    for protected in (True, False):
        facts = of_home("standard", protected=protected)
        group = facts.one("ElastiCache::ReplicationGroup")
        assert "ReplicationGroupId" not in group, "with a name it could not be replaced"
        assert group["SnapshotRetentionLimit"] == 0
        assert facts.resource("Cache")["DeletionPolicy"] == facts.resource("Cache")["UpdateReplacePolicy"] == "Delete"


def test_one_shard_and_one_name_hold_it_all() -> None:
    group = _cache("standard")
    assert (group["ClusterMode"], group["AutoMinorVersionUpgrade"]) == ("disabled", True)
    assert "NumNodeGroups" not in group
    # A client in cluster mode asks a server that is none for its slots, and the other way round: they go together.
    (shape, _) = of_home().output("CacheUrl")["Fn::Sub"]
    assert not Address.parse(shape.replace("${Host}", "host").replace("${Port}", "6379")).cluster


def test_a_replica_takes_over_in_standard() -> None:
    standard, frugal = _cache("standard"), _cache("frugal")
    assert (standard["NumCacheClusters"], standard["AutomaticFailoverEnabled"], standard["MultiAZEnabled"]) == (
        2,
        True,
        True,
    )
    assert (frugal["NumCacheClusters"], frugal["AutomaticFailoverEnabled"], frugal["MultiAZEnabled"]) == (
        1,
        False,
        False,
    )


def test_a_full_cache_forgets_and_takes_on() -> None:
    assert of_home().one("ElastiCache::ParameterGroup")["Properties"] == {"maxmemory-policy": "allkeys-lru"}


@pytest.mark.parametrize("profile", BOTH)
def test_its_url_is_one_that_settings_read(profile: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    shape, names = of_home(profile).output("CacheUrl")["Fn::Sub"]
    assert names == {
        "Host": {"Fn::GetAtt": ["Cache", "PrimaryEndPoint.Address"]},
        "Port": {"Fn::GetAtt": ["Cache", "PrimaryEndPoint.Port"]},
    }
    url = shape.replace("${Host}", "master.shop.abc.euc1.cache.amazonaws.com").replace("${Port}", "6379")
    monkeypatch.setenv("CACHE_URL", url)
    assert Env().url("CACHE_URL", schemes=("redis", "rediss")) == url
    assert url.startswith("rediss://")


@pytest.mark.parametrize(
    ("profile", "nodes"), [("standard", ["${Cache}-001", "${Cache}-002"]), ("frugal", ["${Cache}-001"])]
)
def test_alarms_are_told_its_nodes(profile: Profile, nodes: list[str]) -> None:
    template, stage = Template(), config(profile)
    made: Any = cache.add(template, stage, network.add(template, stage))
    assert [node.to_dict() for node in made.nodes] == [{"Fn::Sub": node} for node in nodes]

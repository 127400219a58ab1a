"""Valkey, in one shard, with TLS and without a password.

Only functions' security group reaches it, so a password would guard it from nobody but functions, which would have it.
It would stand in the environment of each, where no secret stands; IAM in its place costs every new connection a token
and ends it after 12 hours. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html

Nothing in it is kept: sessions are in the database as well, the rest is computed again. So there are no snapshots, and
CloudFormation may replace it. Cluster mode is off: sessions, counters and pages of a stage fit into one node, which
answers more than its functions can ask, and a second shard would be two nodes more to pay. ``serverless.cache`` speaks
it all the same: whoever brings a cluster sets CACHE_URL with ``?cluster=true``; docs/how-to/cache.md.
https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.Redis-RedisCluster.html
"""

from typing import Final

from troposphere import GetAtt, Output, Ref, Sub, Tags, Template, elasticache

from serverless.stack.config import StackConfig
from serverless.stack.home.groups import CACHE_PORT
from serverless.stack.home.parts import Cache, Network
from serverless.stack.outputs import HomeOutput
from serverless.stack.profiles import PROFILES

__all__ = ["add"]

_VERSION: Final = "8.0"


def add(template: Template, config: StackConfig, network: Network) -> Cache:
    """Add the replication group; its certificate is of a public authority, so that ``rediss://`` needs nothing else.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption.html
    """
    nodes = PROFILES[config.profile].cache_nodes
    subnets = template.add_resource(
        elasticache.SubnetGroup(
            "CacheSubnets",
            Description=f"{config.prefix}: private subnets without a way out",
            SubnetIds=list(network.data_subnets),
        )
    )
    parameters = template.add_resource(
        elasticache.ParameterGroup(
            "CacheParameters",
            CacheParameterGroupFamily="valkey8",
            Description=f"{config.prefix}: when full, forget what was used longest ago",
            # The default forgets only keys with an end, and refuses writes when those are gone.
            Properties={"maxmemory-policy": "allkeys-lru"},
        )
    )
    group = template.add_resource(
        elasticache.ReplicationGroup(
            "Cache",
            ReplicationGroupDescription=f"{config.prefix}: cache, sessions, rate limits",
            Engine="valkey",
            EngineVersion=_VERSION,
            CacheNodeType=PROFILES[config.profile].cache_class,
            ClusterMode="disabled",
            NumCacheClusters=nodes,
            AutomaticFailoverEnabled=nodes > 1,
            MultiAZEnabled=nodes > 1,
            Port=CACHE_PORT,
            TransitEncryptionEnabled=True,
            TransitEncryptionMode="required",
            AtRestEncryptionEnabled=True,
            AutoMinorVersionUpgrade=True,
            CacheSubnetGroupName=Ref(subnets),
            CacheParameterGroupName=Ref(parameters),
            SecurityGroupIds=[network.cache],
            SnapshotRetentionLimit=0,
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Delete",
            Tags=Tags(Name=config.prefix),
        )
    )
    address = {"Host": GetAtt(group, "PrimaryEndPoint.Address"), "Port": GetAtt(group, "PrimaryEndPoint.Port")}
    url = Sub("rediss://${Host}:${Port}/0", **address)
    template.add_output(Output(HomeOutput.CACHE_URL, Value=url))
    return Cache(url=url, nodes=tuple(Sub(f"${{Cache}}-{number:03d}") for number in range(1, nodes + 1)))

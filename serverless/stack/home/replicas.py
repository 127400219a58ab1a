"""Read replicas of the database: web reads from them what it may, and nothing else knows of them.

A replica holds nothing of its own, so that it may be replaced, and goes without a snapshot or a standby. Encryption,
users and data are the source's. RDS Proxy stands before the writer alone: functions connect to the replica itself.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PostgreSQL.Replication.ReadReplicas.html
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html#rds-proxy.limitations
"""

from collections.abc import Mapping
from typing import Any

from troposphere import GetAtt, Join, Output, Ref, Tags, Template, rds

from serverless.stack.config import StackConfig
from serverless.stack.home.parts import Replica, Text
from serverless.stack.outputs import HomeOutput
from serverless.stack.profiles import PROFILES

__all__ = ["add"]


def add(template: Template, config: StackConfig, *, source: Text, like: Mapping[str, Any]) -> tuple[Replica, ...]:
    """Add as many as the stage has. ``like``: the properties that they share with their source, by name."""
    made = tuple(_one(template, config, number, source, like) for number in range(1, config.replicas + 1))
    if made:
        hosts = Join(",", [replica.host for replica in made])
        template.add_output(Output(HomeOutput.DATABASE_REPLICA_HOSTS, Value=hosts))
    return made


def _one(template: Template, config: StackConfig, number: int, source: Text, like: Mapping[str, Any]) -> Replica:
    instance = template.add_resource(
        rds.DBInstance(
            f"Replica{number}",
            SourceDBInstanceIdentifier=source,
            DBInstanceClass=PROFILES[config.profile].database_class,
            DeletionPolicy="Delete",
            UpdateReplacePolicy="Delete",
            Tags=Tags(Name=f"{config.prefix}-replica-{number}"),
            **like,
            # troposphere wants the size of a gp3 volume, which has to be the source's: that one grows by itself.
        ).no_validation()
    )
    return Replica(
        host=GetAtt(instance, "Endpoint.Address"),
        resource_id=GetAtt(instance, "DbiResourceId"),
        identifier=Ref(instance),
    )

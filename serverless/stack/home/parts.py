"""What the modules of ``home`` tell one another: references, never resources.

Each field is text or a reference that CloudFormation resolves (``Ref``, ``GetAtt``, ``Sub``).
"""

from dataclasses import dataclass

from troposphere import AWSHelperFn

__all__ = ["Cache", "Database", "Network", "Replica", "Text"]

type Text = str | AWSHelperFn


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Where functions and data are, and who may speak to whom."""

    vpc: Text
    function_subnets: tuple[Text, ...]
    data_subnets: tuple[Text, ...]
    """Without a route to anything but the VPC itself."""
    functions: Text
    """The security group of web, worker and migrator; the other groups are of what they speak to."""
    proxy: Text | None
    """None in a profile without a proxy."""
    database: Text
    cache: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """A copy of the database that may be read."""

    host: Text
    resource_id: Text
    """``db-…``, its own: what ``rds-db:connect`` of web names as well."""
    identifier: Text
    """``DBInstanceIdentifier``, the dimension of its metrics in ``AWS/RDS``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    host: Text
    """Where web and worker connect."""
    resource_id: Text
    """``prx-…`` or ``db-…``: what ``rds-db:connect`` of web and worker names:
    ``arn:PARTITION:rds-db:REGION:ACCOUNT:dbuser:RESOURCE_ID/web``."""
    direct_host: Text
    """Where the migrator connects: never the proxy, which would pin its connection."""
    direct_resource_id: Text
    """``db-…``: what ``rds-db:connect`` of the migrator names."""
    port: Text
    name: str
    admin_secret: Text
    """ARN of the secret that RDS keeps and rotates; the migrator alone may read it."""
    identifier: Text
    """``DBInstanceIdentifier``, the dimension of its metrics in ``AWS/RDS``."""
    proxy_name: Text | None
    """``ProxyName``, the dimension of its metrics in ``AWS/RDS``; None without a proxy."""
    max_connections: int
    """What the instance class takes: alarms are at a share of it."""
    replicas: tuple[Replica, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    url: Text
    """``rediss://HOST:6379/0``"""
    nodes: tuple[Text, ...]
    """``CacheClusterId`` of each node, the dimension of its metrics in ``AWS/ElastiCache``."""

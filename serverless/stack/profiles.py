"""What ``standard`` and ``frugal`` differ in: one table. What functions reach, and how, is in ``reach``.

Dollars are a month of 730 hours in us-east-1; other regions cost up to a fifth more.
https://aws.amazon.com/rds/postgresql/pricing/ https://aws.amazon.com/rds/proxy/pricing/
https://aws.amazon.com/elasticache/pricing/ https://aws.amazon.com/privatelink/pricing/
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["PROFILES", "STORAGE_GB", "ZONES", "Item", "Profile", "Sizes", "direct_room", "monthly_usd", "room"]

type Profile = Literal["standard", "frugal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """What one profile runs on."""

    database_class: str
    database_connections: int
    """``max_connections``, set so that alarms and the check of concurrency know it: less than RDS would derive from the
    memory of the class, because each connection costs 2 to 10 MB beside a quarter of it for shared buffers."""
    multi_az: bool
    """A standby in another zone: 60-120 s without a database when a zone or a host fails, not a restore."""
    proxy: bool
    """RDS Proxy: hundreds of environments share tens of connections, and a failover keeps theirs."""
    backup_days: int
    """How far back a point in time can be restored; https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html"""
    monitoring_s: int
    """Seconds between samples of the operating system (enhanced monitoring); 0: none."""
    cache_class: str
    web_concurrency: int
    worker_concurrency: int
    """Environments of a function that a stage has unless it says otherwise."""
    cache_nodes: int
    """2: a replica in another zone takes over within a minute. 1: pages read from the database until it is replaced."""


PROFILES: Final[Mapping[Profile, Sizes]] = {
    # Somebody's income rests on it: nothing in it fails with one zone, and functions have no way to the internet.
    "standard": Sizes(
        database_class="db.t4g.small",
        database_connections=160,
        multi_az=True,
        proxy=True,
        backup_days=14,
        monitoring_s=60,
        cache_class="cache.t4g.micro",
        cache_nodes=2,
        web_concurrency=100,
        worker_concurrency=20,
    ),
    # Previews and a first studio: the least that answers. A micro has 1 GiB, and logging in by IAM wants 300 to 1,000
    # MiB of it. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
    "frugal": Sizes(
        database_class="db.t4g.small",
        database_connections=80,
        multi_az=False,
        proxy=False,
        backup_days=7,
        monitoring_s=0,
        cache_class="cache.t4g.micro",
        cache_nodes=1,
        web_concurrency=40,
        worker_concurrency=10,
    ),
}

# The migrator's, those that PostgreSQL and RDS reserve for superusers (3 and 2), and RDS's own.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections
_OWN_CONNECTIONS: Final = 10
ZONES: Final = 2
STORAGE_GB: Final = 20


def room(sizes: Sizes) -> int | None:
    """Return how many environments may hold a connection at once; None: as many as there are, behind a proxy."""
    return None if sizes.proxy else direct_room(sizes)


def direct_room(sizes: Sizes) -> int:
    """Return how many environments one instance holds without a proxy before it, as before a replica."""
    return sizes.database_connections - _OWN_CONNECTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    what: str
    usd: float
    """A month."""


_HOURS: Final = 730
_CLASS_USD_H: Final = {"db.t4g.small": 0.032, "cache.t4g.micro": 0.016}
_STORAGE_USD_GB: Final = 0.115
_PROXY_USD_VCPU_H: Final = 0.015
_PROXY_VCPUS: Final = 2  # the least that is charged; both classes have two
_ENDPOINT_USD_ZONE_H: Final = 0.01


def monthly_usd(sizes: Sizes, *, interfaces: int, replicas: int = 0) -> list[Item]:
    """Return what costs money even when nobody comes; ``interfaces`` is the number of interface endpoints."""
    copies = 2 if sizes.multi_az else 1
    items = [
        Item(what=f"{sizes.database_class}, {copies} of it", usd=_CLASS_USD_H[sizes.database_class] * copies * _HOURS),
        Item(what=f"{STORAGE_GB} GB gp3, {copies} of it", usd=STORAGE_GB * _STORAGE_USD_GB * copies),
        Item(
            what=f"{sizes.cache_class}, {sizes.cache_nodes} of it",
            usd=_CLASS_USD_H[sizes.cache_class] * sizes.cache_nodes * _HOURS,
        ),
    ]
    if replicas:
        usd = (_CLASS_USD_H[sizes.database_class] * _HOURS + STORAGE_GB * _STORAGE_USD_GB) * replicas
        items.append(Item(what=f"read replica with {STORAGE_GB} GB, {replicas} of it", usd=usd))
    if sizes.proxy:
        items.append(Item(what="RDS Proxy, 2 vCPU", usd=_PROXY_USD_VCPU_H * _PROXY_VCPUS * _HOURS))
    if interfaces:
        usd = _ENDPOINT_USD_ZONE_H * interfaces * ZONES * _HOURS
        items.append(Item(what=f"{interfaces} interface endpoints in {ZONES} zones", usd=usd))
    return items

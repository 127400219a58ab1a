"""What a stage costs a month: what stands there, counted in its own templates, and what it is used for. Pure.

An estimate at list prices, without taxes, transfer between zones and the cents of what is rare (reads of secrets,
backups beyond the database's own size).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from serverless.stack import edge, home, prices
from serverless.stack.config import StackConfig
from serverless.stack.edge import firewall
from serverless.stack.prices import Price
from serverless.stack.profiles import PROFILES, monthly_usd
from serverless.stack.reach import Way, by

__all__ = ["Charge", "Usage", "standing", "total", "used"]

MINUTES: Final = 43_800
HOURS: Final = 730
# Each queue's mapping asks five times at once, for 20 s each, whether there is something or not.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
_POLLS_A_MINUTE: Final = 15
# A tick's own time, in a warm environment: one statement a job.
_TICK_S: Final = 0.1
_TICK_LOG_B: Final = 2_400
# Due, Later, Running, OldestDue of each queue, each minute; Succeeded, Failed, Retried, Duration of each task.
_METRICS: Final = 4
# Latency, Queries, ConnectionsKept, CacheHits, CacheMisses of web; Queries, ConnectionsKept of the worker's ticks. Each
# of the others has values in a few hours a month: cents.
_WEB_METRICS: Final = 5
_TICK_METRICS: Final = 2
# The function's line with its metrics, Lambda's three and the API's own.
_REQUEST_LOG_B: Final = 2_400
_TASK_LOG_B: Final = 1_500
# Sent, received, deleted.
_MESSAGE_REQUESTS: Final = 3
_GB: Final = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    what: str
    parts: tuple[tuple[Price, float], ...]
    """Prices, and how much of each."""

    @property
    def usd(self) -> float:
        """At list price."""
        return sum(price.of(quantity) for price, quantity in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """A month of it."""

    pages: int = 0
    """Requests that the web function answers."""
    page_s: float = 0.1
    tasks: int = 0
    task_s: float = 0.0
    """Seconds of the worker, all tasks together."""
    task_hours: int = 0
    """Hours in which any task ran: metrics are paid for by the hour."""
    task_kinds: int = 0
    files: int = 0
    """What CloudFront delivers of S3."""
    delivered_gb: float = 0.0
    stored_gb: float = 0.0
    puts: int = 0
    gets: int = 0
    mails: int = 0


def standing(config: StackConfig) -> list[Charge]:
    """Return what costs money even when nobody comes."""
    templates = (home.template(config), edge.template(config))
    resources = [each for template in templates for each in template.to_dict()["Resources"].values()]
    interfaces = len(by(Way.INTERFACE, profile=config.profile))
    nodes = monthly_usd(PROFILES[config.profile], interfaces=interfaces, replicas=config.replicas)
    counted = ((what, price, len(_of(resources, kind))) for kind, what, price in _COUNTED)
    secrets = _secrets(resources)
    return [
        *(_charge(item.what, (Price(usd=item.usd, source=_NODES), 1)) for item in nodes),
        *_firewall(resources),
        *(_charge(what.format(number), (price, number)) for what, price, number in counted if number),
        _charge(f"{secrets} secrets", (prices.SECRET, secrets)),
        _queues(config),
        _tick(config),
    ]


_NODES: Final = "https://aws.amazon.com/rds/postgresql/pricing/"
_COUNTED: Final = (
    ("CloudWatch::Alarm", "{} alarms", prices.ALARM),
    ("CloudWatch::Dashboard", "{} dashboard", prices.DASHBOARD),
    ("KMS::Key", "{} key, of topics", prices.KEY),
)


def _of(resources: list[Mapping[str, Any]], kind: str) -> list[Mapping[str, Any]]:
    return [resource.get("Properties", {}) for resource in resources if resource["Type"] == f"AWS::{kind}"]


def _secrets(resources: list[Mapping[str, Any]]) -> int:
    """RDS keeps a secret of its own for the first user."""
    managed = [each for each in _of(resources, "RDS::DBInstance") if each.get("ManageMasterUserPassword")]
    return len(_of(resources, "SecretsManager::Secret")) + len(managed)


def _firewall(resources: list[Mapping[str, Any]]) -> Iterator[Charge]:
    for acl in _of(resources, "WAFv2::WebACL"):
        rules = len(acl["Rules"])
        yield _charge(f"web ACL with {rules} rules", (prices.FIREWALL, 1), (prices.FIREWALL_RULE, rules))


def _queues(config: StackConfig) -> Charge:
    number = len(config.queues)
    return _charge(
        f"asking {'the queue' if number == 1 else f'{number} queues'} for messages, metrics of depth and age",
        (prices.MESSAGE_REQUEST, _POLLS_A_MINUTE * MINUTES * number),
        (prices.METRIC, _METRICS * number),
    )


def _tick(config: StackConfig) -> Charge:
    return _charge(
        "a tick every minute, with its log and metrics",
        (prices.METRIC, _TICK_METRICS),
        (prices.TICK, MINUTES),
        (prices.INVOCATION, MINUTES),
        (prices.LAMBDA_GB_S, MINUTES * _TICK_S * config.worker.memory_mb / 1024),
        (prices.LOG_GB, MINUTES * _TICK_LOG_B / _GB),
    )


def used(config: StackConfig, usage: Usage) -> list[Charge]:
    """Return what a month's use costs on top."""
    requests = usage.pages + usage.files
    seconds = usage.pages * usage.page_s * config.web_memory_mb + usage.task_s * config.worker.memory_mb
    shown = usage.task_hours / HOURS * _METRICS * (usage.task_kinds + 1)
    shown += min(usage.pages / HOURS, 1) * _WEB_METRICS  # as if each hour had its share of them
    logged = (usage.pages * _REQUEST_LOG_B + usage.tasks * _TASK_LOG_B) / _GB
    watched = requests if config.profile in firewall.PROFILES else 0
    return [
        _charge("CloudFront, delivery", (prices.CDN_GB, usage.delivered_gb)),
        _charge("CloudFront, requests", (prices.CDN_REQUEST, requests), (prices.CDN_FUNCTION, usage.pages)),
        _charge("web ACL, requests", (prices.FIREWALL_REQUEST, watched)),
        _charge("S3, storage", (prices.STORED_GB, usage.stored_gb)),
        _charge("S3, requests", (prices.PUT, usage.puts), (prices.GET, usage.gets)),
        _charge("Lambda", (prices.LAMBDA_GB_S, seconds / 1024), (prices.INVOCATION, usage.pages + usage.tasks)),
        _charge("API Gateway", (prices.API_REQUEST, usage.pages)),
        _charge("SQS", (prices.MESSAGE_REQUEST, usage.tasks * _MESSAGE_REQUESTS)),
        _charge("logs, and metrics of pages and tasks", (prices.LOG_GB, logged), (prices.METRIC, shown)),
        _charge("SES", (prices.MAIL, usage.mails)),
    ]


def total(charges: Iterable[Charge], *, free: bool = False) -> float:
    """Return the sum in USD; ``free``: less what every account has for nothing, once for all charges."""
    quantities: dict[Price, float] = {}
    for charge in charges:
        for price, quantity in charge.parts:
            quantities[price] = quantities.get(price, 0) + quantity
    return sum(price.of(max(quantity - (price.free if free else 0), 0)) for price, quantity in quantities.items())


def _charge(what: str, *parts: tuple[Price, float]) -> Charge:
    return Charge(what=what, parts=parts)

"""``[tool.serverless.stack]`` of ``pyproject.toml``: what a stage runs on. The emulator's tables say the rest.

Example:

    [tool.serverless]
    queues = ["default", "mail"]
    signed = ["media", "originals"]
    pages = ["/", "/blog/*"]
    worker = { memory_mb = 1769, timeout_s = 300, batch_size = 1 }

    [tool.serverless.stack]
    project = "shop"
    region = "eu-central-1"

    [tool.serverless.stack.stages.dev]
    profile = "frugal"

    [tool.serverless.stack.stages.production]
    domain = "shop.example"
    hosted_zone_id = "Z0123456789ABCDEFGHIJ"
    alarm_email = "ops@shop.example"
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final

from serverless import kept
from serverless.stack import names
from serverless.stack.exceptions import StackConfigInvalid
from serverless.stack.profiles import PROFILES, ZONES, Profile, direct_room, room

__all__ = ["Profile", "StackConfig", "WorkerConfig", "load", "parse"]

# Names of S3 buckets and IAM roles are made of it; 20 + 12 leave room for the longest of them (63 characters). RDS
# refuses two hyphens in a row. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html
_PROJECT: Final = re.compile(r"(?=.{2,20}$)[a-z][a-z0-9]*(-[a-z0-9]+)*")
_STAGE: Final = re.compile(r"[a-z][a-z0-9]{0,11}")
_ZONE: Final = re.compile(r"[a-z]")
_REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")
_DOMAIN: Final = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
# An identifier, or the ARN of another account's.
_SNAPSHOT: Final = re.compile(r"[A-Za-z][A-Za-z0-9:_-]{0,254}")
# Automated ones go when their time is over, and a database whose snapshot is gone can never be made again.
_AUTOMATED: Final = re.compile(r"(arn:.*:snapshot:)?rds:.*")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerConfig:
    """The worker function and the event source mapping of each of its queues."""

    memory_mb: int = 1024
    timeout_s: int = 120
    batch_size: int = 10
    batching_window_s: int = 0
    maximum_concurrency: int | None = None
    """At most so many invocations at once by one queue, from 2 on; None: its share of what the worker may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackConfig:
    """What one stage of a project runs on."""

    project: str
    stage: str
    region: str
    zones: tuple[str, ...] = ()
    """Letters of the two zones, such as ``("a", "c")``; empty: the first two that the account has."""
    profile: Profile = "standard"
    domain: str = ""
    """The public name; empty: the distribution's own (``d111111abcdef8.cloudfront.net``)."""
    hosted_zone_id: str = ""
    """Route 53's zone of ``domain``, where records are then made; empty: the owner makes them by hand."""
    mail_domain: str = ""
    """What SES sends from; empty: ``domain``."""
    hsts_subdomains: bool = False
    """Whether browsers refuse http for every host below ``domain``, for a year that nobody can take back."""
    alarm_email: str = ""
    budget_usd: int = 100
    """Dollars a month, of the whole account, from which on an alarm is sent; 0: another stage's budget watches it."""
    protected: bool = True
    """Whether deleting the stack is refused, and a deleted database leaves a snapshot."""
    web_memory_mb: int = 1024
    web_timeout_s: int = 29
    web_concurrency: int = 100
    """Environments that the web function may have at once: reserved for it, and its bound."""
    worker_concurrency: int = 20
    worker: WorkerConfig = WorkerConfig()
    queues: tuple[str, ...] = ("default",)
    signed: tuple[str, ...] = ("media", "originals", "reports")
    """First segments of the paths that CloudFront serves to signed cookies and URLs only, out of the media bucket."""
    pages: tuple[str, ...] = ()
    """Paths whose answers CloudFront may keep, as long as they say: ``serverless.kept``."""
    replicas: int = 0
    """Read replicas of the database, each another instance of its class: docs/how-to/replicas.md."""
    database_snapshot: str = ""
    """The snapshot that the database was made from, after a restore: docs/how-to/recover.md. Once it stands there it
    stays: another one, or none, is another database."""
    log_retention_days: int = 30
    keep_releases: int = 5
    """Releases whose code, versions and static files stay, the serving one among them."""

    @property
    def prefix(self) -> str:
        return names.prefix(project=self.project, stage=self.stage)

    @property
    def sends_from(self) -> str:
        """The domain of the SES identity; empty where there is none."""
        return self.mail_domain or self.domain


# Of the emulator's tables: what means the same on AWS.
_WORKER: Final = tuple(field.name for field in fields(WorkerConfig))
_COMMON: Final = ("project", "region")
_STAGE_KEYS: Final = (
    "profile",
    "domain",
    "hosted_zone_id",
    "mail_domain",
    "hsts_subdomains",
    "alarm_email",
    "budget_usd",
    "protected",
    "web_concurrency",
    "worker_concurrency",
    "log_retention_days",
    "keep_releases",
    "replicas",
    "database_snapshot",
    "region",
    "zones",
)
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
_RETENTIONS: Final = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
)  # fmt: skip
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
_QUEUE: Final = re.compile(r"[A-Za-z0-9_-]+")
_QUEUE_CHARACTERS: Final = 80
_SEGMENT: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
# Style sheets are for everyone, and what nobody has looked at yet is for no one.
_NEVER_SIGNED: Final = frozenset({"static", "incoming"})
# https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
_BATCH_AT_ONCE: Final = 10
_CONCURRENCY: Final = range(2, 1001)
_PATTERNS: Final[Mapping[str, re.Pattern[str]]] = {
    "project": _PROJECT,
    "stage": _STAGE,
    "region": _REGION,
    "domain": _DOMAIN,
    "mail_domain": _DOMAIN,
    "alarm_email": _EMAIL,
    "database_snapshot": _SNAPSHOT,
}


def load(pyproject: Path, *, stage: str) -> StackConfig:
    """Read what ``stage`` runs on. Raises StackConfigInvalid that names the key, or the stages that there are."""
    try:
        document = tomllib.loads(pyproject.read_text("utf-8"))
    except (OSError, ValueError) as problem:
        raise StackConfigInvalid(f"{pyproject} cannot be read ({problem}).") from problem
    return parse(document.get("tool", {}).get("serverless", {}), stage=stage)


def parse(table: Mapping[str, Any], *, stage: str) -> StackConfig:
    """Return what ``[tool.serverless]`` says about ``stage``. Raises StackConfigInvalid."""
    stack = _table(table.get("stack", {}), "[tool.serverless.stack]", (*_COMMON, "stages"))
    stages = _table(stack.get("stages", {}), "[tool.serverless.stack.stages]", None)
    if stage not in stages:
        there = ", ".join(stages) or "none yet"
        raise StackConfigInvalid(f"There is no [tool.serverless.stack.stages.{stage}] in pyproject.toml ({there}).")
    own = _table(stages[stage], f"[tool.serverless.stack.stages.{stage}]", _STAGE_KEYS)
    web, worker = table.get("web", {}), table.get("worker", {})
    values = {key: stack[key] for key in _COMMON if key in stack} | own
    values |= {f"web_{key}": web[key] for key in ("memory_mb", "timeout_s") if key in web}
    values |= {key: tuple(table[key]) for key in ("queues", "signed") if key in table}
    values |= {"pages": table["pages"]} if "pages" in table else {}
    if isinstance(zones := values.get("zones"), list):
        values["zones"] = tuple(zones)
    for key in _COMMON:
        if key not in values:
            raise StackConfigInvalid(f'[tool.serverless.stack] needs {key}, such as {key} = "{_EXAMPLES[key]}".')
    sizes = PROFILES.get(str(values.get("profile", "standard")))  # type: ignore[call-overload]
    for key in _BY_PROFILE if sizes else ():
        values.setdefault(key, getattr(sizes, key))
    mapping = WorkerConfig(**{key: worker[key] for key in _WORKER if key in worker and worker[key] != "off"})
    config = _with_pages(StackConfig(stage=stage, worker=mapping, **values))
    _check(config)
    _check_mail(config, stages, common=stack.get("region"))
    return config


def _with_pages(config: StackConfig) -> StackConfig:
    try:
        return replace(config, pages=kept.check(config.pages, signed=config.signed))
    except ValueError as problem:
        raise StackConfigInvalid(f"[tool.serverless] pages: {problem}") from problem


_LEAST_KEPT: Final = 2
_BY_PROFILE: Final = ("web_concurrency", "worker_concurrency")
_EXAMPLES: Final = {"project": "shop", "region": "eu-central-1"}


def _table(value: object, where: str, known: tuple[str, ...] | None) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise StackConfigInvalid(f"{where} is a table.")
    if known is not None and (unknown := sorted(value.keys() - set(known))):
        raise StackConfigInvalid(f"{where} has no key {', '.join(unknown)}; it knows {', '.join(sorted(known))}.")
    return value


def _check(config: StackConfig) -> None:
    for field in fields(config):
        value, wanted = getattr(config, field.name), field.type
        if wanted in {str, int, bool} and type(value) is not wanted:
            raise StackConfigInvalid(f"[tool.serverless.stack] {field.name} is no {wanted.__name__}: {value!r}.")
    for key, pattern in _PATTERNS.items():
        value = getattr(config, key)
        if (value or key in {*_COMMON, "stage"}) and not pattern.fullmatch(value):
            raise StackConfigInvalid(f"[tool.serverless.stack] {key} cannot be {value!r}.")
    if str(config.profile) not in PROFILES:
        raise StackConfigInvalid(f"[tool.serverless.stack] profile is standard or frugal, not {config.profile!r}.")
    if config.hosted_zone_id and not config.domain:
        raise StackConfigInvalid("[tool.serverless.stack] hosted_zone_id is of no use without a domain.")
    if min(config.web_concurrency, config.worker_concurrency) < 1 or config.budget_usd < 0:
        raise StackConfigInvalid("[tool.serverless.stack] concurrency is at least 1, and budget_usd at least 0.")
    if config.keep_releases < _LEAST_KEPT:
        raise StackConfigInvalid(
            f"[tool.serverless.stack] keep_releases is at least {_LEAST_KEPT}: what serves, and what to go back to."
        )
    if config.log_retention_days not in _RETENTIONS:
        days = ", ".join(map(str, _RETENTIONS))
        raise StackConfigInvalid(f"[tool.serverless.stack] log_retention_days is one of {days}.")
    _check_place(config)
    _check_names(config)
    _check_worker(config.worker)
    _check_connections(config)
    _check_replicas(config)


# Of one source. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ReadRepl.html
_MOST_REPLICAS: Final = 15


def _check_replicas(config: StackConfig) -> None:
    if not 0 <= config.replicas <= _MOST_REPLICAS:
        raise StackConfigInvalid(
            f"[tool.serverless.stack] replicas are 0 to {_MOST_REPLICAS}, RDS's limit for one database; not "
            f"{config.replicas}."
        )
    most = config.replicas * direct_room(PROFILES[config.profile])
    if config.replicas and config.web_concurrency > most:
        raise StackConfigInvalid(
            f"[tool.serverless.stack] no proxy stands before a replica: {config.replicas} of them take {most} "
            f"connections, one an environment, and web_concurrency is {config.web_concurrency}."
        )


def _check_connections(config: StackConfig) -> None:
    most, asked = room(PROFILES[config.profile]), config.web_concurrency + config.worker_concurrency
    if most is not None and asked > most:
        raise StackConfigInvalid(
            f"[tool.serverless.stack] {config.profile} has no proxy, and its database takes {most} connections, one an "
            f"environment: web_concurrency + worker_concurrency are {asked}."
        )


def _check_place(config: StackConfig) -> None:
    """Refuse zones that are no two, and a snapshot that goes by itself."""
    zones = config.zones
    if zones and not (
        isinstance(zones, tuple) and len(zones) == len(set(zones)) == ZONES and all(map(_is_zone, zones))
    ):
        raise StackConfigInvalid(f'[tool.serverless.stack] zones are two letters, such as ["a", "c"], not {zones!r}.')
    if _AUTOMATED.fullmatch(config.database_snapshot):
        raise StackConfigInvalid(
            f"[tool.serverless.stack] database_snapshot: {config.database_snapshot} is an automated one, which RDS "
            "deletes some day. Copy it first: aws rds copy-db-snapshot."
        )


def _is_zone(zone: object) -> bool:
    return isinstance(zone, str) and _ZONE.fullmatch(zone) is not None


def _check_mail(config: StackConfig, stages: Mapping[str, Any], *, common: str | None) -> None:
    """SES has a domain once in a region: a second stage cannot be made, and the first takes it along when it goes."""
    for name, other in stages.items():
        if name == config.stage or not isinstance(other, dict) or not config.sends_from:
            continue
        sends_from = other.get("mail_domain") or other.get("domain")
        if (sends_from, other.get("region", common)) == (config.sends_from, config.region):
            raise StackConfigInvalid(
                f"[tool.serverless.stack] {config.stage} and {name} would both send mail from {config.sends_from} in "
                f"{config.region}: give one of them a mail_domain of its own."
            )


def _check_names(config: StackConfig) -> None:
    """Refuse names that the emulator would refuse, or AWS."""
    for name in config.signed:
        if name in _NEVER_SIGNED or not _SEGMENT.fullmatch(name):
            raise StackConfigInvalid(f"[tool.serverless] signed: {name!r} cannot be the first segment of signed paths.")
    if not config.queues:
        raise StackConfigInvalid("[tool.serverless] queues names one queue at least.")
    taken = {f"{name}-dead" for name in config.queues}
    for name in config.queues:
        if not _QUEUE.fullmatch(name) or len(f"{config.prefix}-{name}-dead") > _QUEUE_CHARACTERS:
            raise StackConfigInvalid(f"[tool.serverless] queues: {name!r} cannot be the name of a standard queue.")
        if name in taken or config.queues.count(name) > 1:
            raise StackConfigInvalid(f"[tool.serverless] queues: there would be two queues {name}.")


def _check_worker(worker: WorkerConfig) -> None:
    if worker.batch_size > _BATCH_AT_ONCE and not worker.batching_window_s:
        raise StackConfigInvalid(
            f"[tool.serverless] worker: a batch_size over {_BATCH_AT_ONCE} needs a batching_window_s of at least 1."
        )
    if worker.maximum_concurrency is not None and worker.maximum_concurrency not in _CONCURRENCY:
        raise StackConfigInvalid("[tool.serverless] worker: maximum_concurrency is from 2 to 1000.")

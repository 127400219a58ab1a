"""From what on somebody has to look: one row an alarm, with the reason for its figure in its description."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from serverless.stack.config import StackConfig
from serverless.stack.home import measures
from serverless.stack.home.measures import Measure, Measured
from serverless.stack.home.parts import Database

__all__ = ["Watch", "watches"]

_SHORT_S: Final = 300
_HOUR_S: Final = 3600
# Periods of five minutes for what may come and go by itself.
_LASTING: Final = 3
_SHARE: Final = 0.8

# A function's error is a crash or a timeout; the application's own error pages are answers.
_ERRORS: Final = 5
_THROTTLES: Final = 10
_API_ERRORS: Final = 10
_SLOW_S: Final = 5
_OLDEST_S: Final = 900
# As many as a tick sends in a minute: more is a backlog that grows by whatever else comes.
_DEEP: Final = 10_000
# Storage grows by itself from a tenth on (2 GB): whoever gets below half of that is no longer growing.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
_FREE_BYTES: Final = 1_000_000_000
# Of 2 GiB. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html (limitations)
_FREE_MEMORY_BYTES: Final = 128 * 1024**2
_SWAP_BYTES: Final = 256 * 1024**2
# On a source that nobody writes to it rises to 300 s and falls again, with nothing missing.
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PostgreSQL.Replication.ReadReplicas.html
_LAG_S: Final = 600
# AWS reviews an account at these, and stops its mail at 10 % and 0.5 %.
# https://docs.aws.amazon.com/ses/latest/dg/reputation-dashboard-dg.html
_BOUNCES: Final = 0.05
_COMPLAINTS: Final = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One alarm: ``measure`` is over (or under) ``limit`` in ``periods`` of ``period_s`` in a row."""

    title: str
    name: str
    """Follows the prefix in the alarm's name."""
    says: str
    measure: Measure
    limit: float
    under: bool = False
    periods: int = 1
    period_s: int = _SHORT_S
    missing: Literal["notBreaching", "breaching"] = "notBreaching"
    """What no data means: nothing happened, or nothing works."""
    with_functions: bool = False
    """Only once there is a worker."""


def watches(config: StackConfig, measured: Measured) -> list[Watch]:
    """Return every alarm of the stack but the budget."""
    return [
        *_web(config, measured),
        *_worker(config),
        *_tasks(config, measured),
        *_data(measured),
        *(_mail() if config.sends_from else ()),
    ]


def _web(config: StackConfig, measured: Measured) -> Iterator[Watch]:
    yield from _function(config, "web", slow_s=_SLOW_S)
    yield Watch(
        title="ApiErrorsAlarm",
        name="api-5xx",
        says=f"{_API_ERRORS} requests and more within 5 minutes were answered with a server error.",
        measure=measures.api(measured.api, "5xx", "Sum"),
        limit=_API_ERRORS - 1,
    )


def _worker(config: StackConfig) -> Iterator[Watch]:
    yield from _function(config, "worker", slow_s=_SHARE * config.worker.timeout_s)


def _function(config: StackConfig, which: Literal["web", "worker"], *, slow_s: float) -> Iterator[Watch]:
    title = which.capitalize()
    yield Watch(
        title=f"{title}ErrorsAlarm",
        name=f"{which}-errors",
        says=f"{_ERRORS} invocations and more of {which} within 5 minutes crashed or ran out of time or memory.",
        measure=measures.function(config.prefix, which, "Errors", "Sum"),
        limit=_ERRORS - 1,
    )
    yield Watch(
        title=f"{title}ThrottlesAlarm",
        name=f"{which}-throttles",
        says=f"{_THROTTLES} invocations and more of {which} within 5 minutes found no environment free.",
        measure=measures.function(config.prefix, which, "Throttles", "Sum"),
        limit=_THROTTLES - 1,
    )
    yield Watch(
        title=f"{title}DurationAlarm",
        name=f"{which}-duration",
        says=f"One invocation of {which} in a hundred took over {slow_s:g} s, for 15 minutes.",
        measure=measures.function(config.prefix, which, "Duration", "p99"),
        limit=slow_s * 1000,
        periods=_LASTING,
    )


def _tasks(config: StackConfig, measured: Measured) -> Iterator[Watch]:
    yield Watch(
        title="DeadTasksAlarm",
        name="tasks-dead",
        says="A task spent its attempts. `manage.py tasks` and the admin site show it and try it again.",
        measure=measures.tasks(config.prefix, "Failed", "Sum"),
        limit=0,
    )
    for queue in measured.queues.queues:
        yield Watch(
            title=f"OldestTaskAlarm{queue.title}",
            name=f"tasks-oldest-{queue.name}",
            says=f"A task of {queue.name} is due for over {_OLDEST_S // 60} minutes; or no tick says so, every minute.",
            measure=measures.tasks(config.prefix, "OldestDue", "Maximum", queue=queue),
            limit=_OLDEST_S,
            missing="breaching",
            with_functions=True,
            periods=_LASTING,
        )
        yield Watch(
            title=f"DueTasksAlarm{queue.title}",
            name=f"tasks-due-{queue.name}",
            says=f"Over {_DEEP} tasks of {queue.name} wait, for 15 minutes.",
            measure=measures.tasks(config.prefix, "Due", "Maximum", queue=queue),
            limit=_DEEP,
            periods=_LASTING,
        )
        yield Watch(
            title=f"DeadLettersAlarm{queue.title}",
            name=f"dead-letters-{queue.name}",
            says=f"Messages of {queue.name} that no task explains, or an outage of hours. The admin site shows them.",
            measure=measures.dead_letters(queue),
            limit=0,
        )


def _data(measured: Measured) -> Iterator[Watch]:
    yield from _database(measured.database)
    yield from _class(measured.database)
    yield from _replicas(measured.database)
    for number, node in enumerate(measured.cache.nodes, start=1):
        yield Watch(
            title=f"CacheCpuAlarm{number}",
            name=f"cache-cpu-{number}",
            # Its memory is full as a rule: it forgets what was used longest ago.
            says="The cache computes at over 80 % of its one thread for 15 minutes.",
            measure=measures.cache(node, "EngineCPUUtilization", "Average"),
            limit=100 * _SHARE,
            periods=_LASTING,
        )


def _database(database: Database) -> Iterator[Watch]:
    yield Watch(
        title="DatabaseCpuAlarm",
        name="database-cpu",
        says="The database computes at over 80 % for 15 minutes.",
        measure=measures.database(database, "CPUUtilization", "Average"),
        limit=100 * _SHARE,
        periods=_LASTING,
    )
    yield Watch(
        title="DatabaseConnectionsAlarm",
        name="database-connections",
        says=f"Over 80 % of the {database.max_connections} connections that the database takes are open.",
        measure=measures.database(database, "DatabaseConnections", "Maximum"),
        limit=_SHARE * database.max_connections,
    )
    yield Watch(
        title="DatabaseStorageAlarm",
        name="database-storage",
        says="Under 1 GB of the database's storage is free: it has grown as far as it may.",
        measure=measures.database(database, "FreeStorageSpace", "Minimum"),
        limit=_FREE_BYTES,
        under=True,
    )
    if database.proxy_name is not None:
        yield Watch(
            title="ProxyLoginsAlarm",
            name="proxy-logins",
            says="RDS Proxy turned functions away: their token, user or TLS is not what it takes.",
            measure=measures.proxy(database.proxy_name, "ClientConnectionsSetupFailedAuth", "Sum"),
            limit=0,
        )


def _replicas(database: Database) -> Iterator[Watch]:
    for number, replica in enumerate(database.replicas, start=1):
        yield Watch(
            title=f"ReplicaLagAlarm{number}",
            name=f"replica-lag-{number}",
            says=f"Replica {number} is {_LAG_S // 60} minutes behind, or does not say: the primary is read instead.",
            measure=measures.instance(replica.identifier, "ReplicaLag", "Maximum"),
            limit=_LAG_S,
            periods=_LASTING,
            missing="breaching",
        )
        yield Watch(
            title=f"ReplicaConnectionsAlarm{number}",
            name=f"replica-connections-{number}",
            says=f"Over 80 % of the {database.max_connections} connections that replica {number} takes are open: what "
            "finds none reads from the primary.",
            measure=measures.instance(replica.identifier, "DatabaseConnections", "Maximum"),
            limit=_SHARE * database.max_connections,
        )


def _class(database: Database) -> Iterator[Watch]:
    """What an instance's class is too small for."""
    yield Watch(
        title="DatabaseMemoryAlarm",
        name="database-memory",
        says="Under 128 MiB of the database's memory is free for 15 minutes: logging in by IAM slows down first.",
        measure=measures.database(database, "FreeableMemory", "Average"),
        limit=_FREE_MEMORY_BYTES,
        under=True,
        periods=_LASTING,
    )
    yield Watch(
        title="DatabaseSwapAlarm",
        name="database-swap",
        says="The database keeps over 256 MiB of its memory on disk for 15 minutes: it needs a larger class.",
        measure=measures.database(database, "SwapUsage", "Average"),
        limit=_SWAP_BYTES,
        periods=_LASTING,
    )
    yield Watch(
        title="DatabaseCreditsAlarm",
        name="database-credits",
        says="The database computes beyond what its class holds, and each hour of a vCPU more is charged.",
        measure=measures.database(database, "CPUSurplusCreditsCharged", "Sum"),
        limit=0,
    )


def _mail() -> Iterator[Watch]:
    yield Watch(
        title="BouncesAlarm",
        name="mail-bounces",
        says="Over 5 % of the account's mails bounce: AWS reviews it at this, and stops its mail at 10 %.",
        measure=measures.mail("Reputation.BounceRate"),
        limit=_BOUNCES,
        period_s=_HOUR_S,
    )
    yield Watch(
        title="ComplaintsAlarm",
        name="mail-complaints",
        says="Over 0.1 % of the account's mails are called spam: AWS reviews it at this, and stops its mail at 0.5 %.",
        measure=measures.mail("Reputation.ComplaintRate"),
        limit=_COMPLAINTS,
        period_s=_HOUR_S,
    )

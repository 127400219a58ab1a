"""One entry of OPTIONS["SCHEDULES"]: read when it is needed, so that a mistake in one holds up no other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any

from django.conf import settings
from django.tasks import Task, task_backends
from django.tasks.backends.base import BaseTaskBackend
from django.tasks.exceptions import InvalidTask
from django.utils.module_loading import import_string

from serverless.tasks.exceptions import BadSchedule
from serverless.tasks.schedules.occurrences import EPOCH, Cron, Every, Rule, zone_named

KEYS = frozenset({"task", "cron", "every", "timezone", "args", "kwargs", "jitter", "overlap", "catch_up"})
# EventBridge's tick comes once a minute, the shortest rate that it has.
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
RESOLUTION = timedelta(minutes=1)
LONGEST = timedelta(days=365)
CRON_FIELDS = 5
# How many occurrences are looked at for the shortest pause between two.
SAMPLE = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A declared schedule. What cannot be understood raises BadSchedule when it is asked for."""

    backend: str
    name: str
    options: Mapping[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        return self.backend, self.name

    @property
    def overlap(self) -> bool:
        return bool(self.options.get("overlap", False))

    @property
    def catch_up(self) -> bool:
        return bool(self.options.get("catch_up", False))

    @property
    def args(self) -> list[Any]:
        return list(self.options.get("args", []))

    @property
    def kwargs(self) -> dict[str, Any]:
        return dict(self.options.get("kwargs", {}))

    def rule(self) -> Rule:
        """Return when it occurs."""
        if ("cron" in self.options) == ("every" in self.options):
            raise self.bad("E012", "names both or neither of cron and every.", hint="Keep one of the two.")
        return self._every() if "every" in self.options else self._cron()

    def task(self) -> "Task[..., Any]":
        """Import the task, bound to the backend that declares the schedule."""
        path = str(self.options.get("task"))
        hint = 'Set "task" to the dotted path of a function with @task, on a queue of this backend.'
        try:
            found = import_string(path)
        except Exception as error:  # a module may raise anything while it is imported
            raise self.bad("E011", f"names {path!r}, which cannot be imported: {error}", hint=hint) from error
        if not isinstance(found, Task):
            raise self.bad("E011", f"names {path!r}, which is not a task.", hint=hint)
        try:
            return found.using(backend=self.backend)
        except InvalidTask as error:
            raise self.bad("E011", f"names {path!r}: {error}", hint=hint) from error

    def jitter(self) -> timedelta:
        """Return by how much an occurrence may start later."""
        jitter = self.options.get("jitter", timedelta())
        if not isinstance(jitter, timedelta) or jitter < timedelta():
            raise self.bad("E016", f"has the jitter {jitter!r}.", hint="Set a timedelta of zero or more.")
        return jitter

    def shortest_pause(self) -> timedelta | None:
        """Return the shortest time between two of the next occurrences; None where fewer than two will come."""
        coming = islice(self.rule().after(datetime.now(UTC)), SAMPLE)
        return min((later - sooner for sooner, later in pairwise(coming)), default=None)

    def bad(self, code: str, message: str, *, hint: str) -> BadSchedule:
        where = f"TASKS[{self.backend!r}]['OPTIONS']['SCHEDULES'][{self.name!r}]"
        return BadSchedule(f"{where} {message}", id=f"tasks.{code}", hint=hint)

    def _every(self) -> Every:
        period = self.options["every"]
        if "timezone" in self.options:
            raise self.bad("E014", "has a timezone beside every.", hint="A rate counts in UTC: remove it, or use cron.")
        if not isinstance(period, timedelta) or not RESOLUTION <= period <= LONGEST or period % RESOLUTION:
            raise self.bad(
                "E015",
                f"has the rate {period!r}.",
                hint="Set a timedelta of whole minutes, from one minute to 365 days.",
            )
        return Every(period=period)

    def _cron(self) -> Cron:
        from cronsim import CronSim, CronSimError

        expression, zone = self.options["cron"], self.options.get("timezone", settings.TIME_ZONE)
        try:
            there = EPOCH.astimezone(zone_named(zone))
        except (KeyError, ValueError, OSError, TypeError) as error:
            raise self.bad(
                "E014",
                f"has the timezone {zone!r}, which is not known here.",
                hint='Set a name such as "Europe/Berlin". The package tzdata brings them where the system has none.',
            ) from error
        hint = "Set minute, hour, day of the month, month, day of the week; see man 5 crontab."
        if not isinstance(expression, str) or len(expression.split()) != CRON_FIELDS:
            raise self.bad("E013", f"has the cron expression {expression!r}, not one of five fields.", hint=hint)
        try:
            CronSim(expression, there)
        except CronSimError as error:
            raise self.bad("E013", f"has the cron expression {expression!r}: {error}.", hint=hint) from error
        return Cron(expression=" ".join(expression.split()), zone=zone)


def schedules() -> list[Schedule]:
    """Return what all backends in TASKS declare."""
    return [schedule for alias in task_backends for schedule in declared_by(task_backends[alias])]


def declared_by(backend: BaseTaskBackend) -> Iterator[Schedule]:
    """Yield the schedules of one backend; those of backends that keep no rows are not ours."""
    from serverless.tasks.backend import SQSBackend

    if isinstance(backend, SQSBackend):
        for name, options in backend.options.get("SCHEDULES", {}).items():
            yield Schedule(backend=backend.alias, name=name, options=options)

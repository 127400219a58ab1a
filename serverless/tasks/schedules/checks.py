"""What can be known to be wrong with a declared schedule before it should run."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from django.core.checks import CheckMessage, Error
from django.tasks.backends.base import BaseTaskBackend

from serverless.tasks.exceptions import BadSchedule, UnstorableValue
from serverless.tasks.schedules.declaration import KEYS, Schedule, declared_by
from serverless.tasks.values import storable


def check_schedules(backend: BaseTaskBackend) -> Iterator[CheckMessage]:
    """Check what one backend declares; imports the tasks, and touches no database."""
    if not isinstance(backend.options.get("SCHEDULES", {}), dict):
        yield Error(
            f"TASKS[{backend.alias!r}]['OPTIONS']['SCHEDULES'] is not a dict.",
            hint="Map the name of each schedule to a dict.",
            id="tasks.E010",
        )
        return
    for schedule in declared_by(backend):
        for check in [_form, _task, _rule, _jitter] if isinstance(schedule.options, dict) else [_form]:
            yield from _reported(check, schedule)


def _reported(check: Callable[[Schedule], Any], schedule: Schedule) -> Iterator[CheckMessage]:
    try:
        check(schedule)
    except BadSchedule as bad:
        yield Error(str(bad), hint=bad.hint, id=bad.id)


def _form(schedule: Schedule) -> None:
    if not isinstance(schedule.name, str) or not isinstance(schedule.options, dict):
        raise schedule.bad("E010", "is not a dict under a name.", hint="Map the name of each schedule to a dict.")
    if unknown := sorted(map(str, set(schedule.options) - KEYS)):
        known = ", ".join(sorted(KEYS))
        raise schedule.bad("E010", f"has unknown keys: {', '.join(unknown)}.", hint=f"Known: {known}.")
    for flag in ("overlap", "catch_up"):
        if not isinstance(schedule.options.get(flag, False), bool):
            raise schedule.bad("E010", f"has {schedule.options[flag]!r} for {flag}.", hint="Set True or False.")


def _task(schedule: Schedule) -> None:
    task = schedule.task()
    hint = "Set args to a list and kwargs to a dict of ids, text, numbers, lists and dicts that the function takes."
    try:
        args, kwargs = storable(schedule.args), storable(schedule.kwargs)
        inspect.signature(task.func).bind(*[None] * task.takes_context, *args, **kwargs)
    except (UnstorableValue, TypeError, ValueError) as error:
        raise schedule.bad("E017", f"has arguments that its task does not take: {error}", hint=hint) from error


def _rule(schedule: Schedule) -> None:
    if schedule.shortest_pause() is None:
        raise schedule.bad(
            "E013",
            f"has the cron expression {schedule.options['cron']!r}, whose time never comes.",
            hint="Day of the month and day of the week must both match where one of them begins with *.",
        )


def _jitter(schedule: Schedule) -> None:
    jitter = schedule.jitter()
    try:
        pause = schedule.shortest_pause()
    except BadSchedule:  # reported by _rule
        return
    if pause is not None and jitter >= pause:
        raise schedule.bad(
            "E016",
            f"has the jitter {jitter}, and occurs again after {pause}.",
            hint="Make the jitter shorter than the shortest time between two occurrences.",
        )

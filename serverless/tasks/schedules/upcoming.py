"""What the schedules will do next, for people: the admin, a command."""

from datetime import datetime

from serverless.tasks.exceptions import BadSchedule
from serverless.tasks.schedules.declaration import Schedule, schedules
from serverless.tasks.schedules.row import ScheduleRow


def upcoming(*, database: str) -> list[tuple[ScheduleRow, datetime | None]]:
    """Return each schedule that ticks have seen, with its next occurrence; one in the past waits for the next tick.

    None stands for a schedule that is no longer declared, or not in a way that can be understood.
    """
    declared = {schedule.key: schedule for schedule in schedules()}
    rows = ScheduleRow.objects.using(database)
    return [(row, next_at(row, declared.get((row.backend, row.name)))) for row in rows]


def next_at(row: ScheduleRow, schedule: Schedule | None) -> datetime | None:
    """Return the next occurrence of ``schedule``, as far as ``row`` says that it has come."""
    try:
        return None if schedule is None else next(schedule.rule().after(row.last_at), None)
    except BadSchedule:
        return None

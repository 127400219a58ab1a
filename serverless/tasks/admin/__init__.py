"""The operations pages, as a section of Django's admin.

In: staff with ``tasks.view_taskrow``; who may retry, cancel and handle dead letters has ``change_taskrow``, who may
purge ``delete_taskrow``, who may pause ``add_pause``, resume ``delete_pause``.
Out: pages; GETs change nothing. May touch: the tasks' tables, SQS for the dead-letter queues.
"""

from serverless.tasks.admin.pauses import PauseAdmin
from serverless.tasks.admin.rows import TaskAdmin
from serverless.tasks.schedules.admin import ScheduleAdmin

__all__ = ["PauseAdmin", "ScheduleAdmin", "TaskAdmin"]

"""A row is marked as done when it is claimed, so that nobody runs it twice; nor once, where the worker dies."""

from serverless.handlers.main import handler
from serverless.tasks.work import lease

lease._CLAIM = (
    lease._CLAIM.replace("SET state = 'running', lease", "SET state = 'done', lease")
    .replace("due_at = statement_timestamp() + %(seconds)s::float8 * interval '1 second'", "due_at = NULL")
    .replace("wake_at = statement_timestamp() + %(seconds)s::float8 * interval '1 second'", "wake_at = NULL")
)
lease._REPORT = lease._REPORT.replace("AND task.state = 'running'", "AND task.state IN ('running', 'done')")

__all__ = ["handler"]

"""One JSON object a line on standard error, which is what CloudWatch Logs Insights reads without parsing rules."""

import json
import logging
from datetime import UTC, datetime

from serverless import context

__all__ = ["JsonFormatter"]

# What every LogRecord has; whatever else it carries came in through `extra=`.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Django hands the whole request to its loggers: it would print cookies and form data.
_WITHHELD = frozenset({"request", "server_time"})


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON: time, level, logger, message, request id, ``extra`` fields, traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (request := getattr(record, "request", None)) is not None:
            # Django writes the path behind a colon; paths hold share tokens, patterns do not.
            line["message"] = str(record.msg).partition(":")[0]
            line["route"] = getattr(getattr(request, "resolver_match", None), "route", None)
        if (invocation := context.current()) is not None:
            line["request_id"] = invocation.request_id
        line.update((k, v) for k, v in vars(record).items() if k not in _STANDARD and k not in _WITHHELD)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        return json.dumps(line, default=str, ensure_ascii=False)

"""ReportBatchItemFailures is forgotten: every batch is a success, whatever became of it."""

from typing import Any

from serverless.handlers import main


def handler(event: dict[str, Any], context: Any) -> Any:
    answer = main.handler(event, context)
    return {} if "Records" in event else answer

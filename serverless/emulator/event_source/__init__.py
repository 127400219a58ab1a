"""Lambda's event source mapping of an SQS queue: poll, batch, invoke, delete what succeeded.

Enters: a queue of the real SQS API, a function, an EventSourceConfig. Leaves: invocations, log lines, deleted messages.
Touches: the queue, by receiving and deleting only. What failed is left alone until its visibility timeout ends.

source drives the pollers. scaling says how many, batch gathers and splits, response reads what the function returned,
queue holds what Lambda checks before it makes a mapping. docs/reference/event-source-mapping.md compares it with AWS.
"""

from serverless.emulator.event_source.queue import Queue, advice, check, describe, recommended_visibility
from serverless.emulator.event_source.source import EventSource

__all__ = ["EventSource", "Queue", "advice", "check", "describe", "recommended_visibility"]

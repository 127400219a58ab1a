"""A SendMessageBatch that is answered with 200 has sent everything: its `Failed` entries are not read."""

from collections.abc import Sequence

from serverless.handlers.main import handler
from serverless.tasks.produce import outbox
from serverless.tasks.produce.queue import Entry, send_batch


def _send_batch(queue_url: str, entries: Sequence[Entry]) -> dict[int, str]:
    send_batch(queue_url, entries)
    return {}


vars(outbox)["send_batch"] = _send_batch

__all__ = ["handler"]

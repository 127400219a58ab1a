"""SendMessageBatch with the standard library: the web function enqueues, and botocore would cost it 215-300 ms.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
"""

import http
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from serverless.signed import Answer, Unreachable, call
from serverless.tasks.exceptions import SendFailed

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
# A batch may also be 1 MiB; ten of our messages are 1 kB.
MAX_BATCH = 10
MAX_DELAY = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message to send: its body, and the seconds (0-900) for which SQS keeps it back."""

    body: str
    delay: int


def send_batch(queue_url: str, entries: Sequence[Entry]) -> dict[int, str]:
    """Send at most ``MAX_BATCH`` entries in one request; return the error code of each that SQS refused, by index.

    Raises SendFailed where the whole request failed. It may have been accepted even so: its reply can get lost.
    """
    body = json.dumps(
        {
            "QueueUrl": queue_url,
            "Entries": [
                {"Id": str(index), "MessageBody": entry.body, "DelaySeconds": entry.delay}
                for index, entry in enumerate(entries)
            ],
        }
    ).encode()
    answer = _post(queue_url, body)
    try:
        reply: dict[str, Any] = json.loads(answer.body)
        if answer.status == http.HTTPStatus.OK:
            refused = {int(failed["Id"]): str(failed["Code"]) for failed in reply.get("Failed", [])}
            accepted = {int(sent["Id"]) for sent in reply.get("Successful", [])}
            return {index: refused.get(index, "NoAnswer") for index in range(len(entries)) if index not in accepted}
        code = str(reply.get("__type", "")).rpartition("#")[2]
    except (ValueError, LookupError, AttributeError, TypeError):
        code = "unreadable answer"
    raise SendFailed(f"SQS answered {answer.status} {code}.")


def _post(queue_url: str, body: bytes) -> Answer:
    parts = urlsplit(queue_url)
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessageBatch"}
    try:
        return call("POST", f"{parts.scheme}://{parts.netloc}/", service="sqs", headers=headers, body=body)
    except Unreachable as error:
        raise SendFailed(str(error)) from error

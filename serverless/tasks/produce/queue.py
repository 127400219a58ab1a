"""SQS with the standard library: the web function enqueues, and botocore would cost it 215-300 ms.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
"""

import http
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from serverless.signed import Unreachable, call
from serverless.tasks.exceptions import SendFailed, SQSFailed

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
# A batch may also be 1 MiB; ten of our messages are 1 kB.
MAX_BATCH = 10
MAX_DELAY = 900
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html#API_SendMessageBatch_Errors
_EMPTY = "EmptyBatchRequest."


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message to send: its body, and the seconds (0-900) for which SQS keeps it back."""

    body: str
    delay: int


def send_batch(queue_url: str, entries: Sequence[Entry]) -> dict[int, str]:
    """Send at most ``MAX_BATCH`` entries in one request; return the error code of each that SQS refused, by index.

    Raises SendFailed where the whole request failed. It may have been accepted even so: its reply can get lost.
    """
    fields = {
        "Entries": [
            {"Id": str(index), "MessageBody": entry.body, "DelaySeconds": entry.delay}
            for index, entry in enumerate(entries)
        ],
    }
    try:
        reply = ask(queue_url, "SendMessageBatch", fields)
        refused = {int(failed["Id"]): str(failed["Code"]) for failed in reply.get("Failed", [])}
        accepted = {int(sent["Id"]) for sent in reply.get("Successful", [])}
    except SQSFailed as error:
        raise SendFailed(str(error)) from error
    except (ValueError, LookupError, AttributeError, TypeError):
        raise SendFailed("SQS answered 200 unreadable answer.") from None
    return {index: refused.get(index, "NoAnswer") for index in range(len(entries)) if index not in accepted}


def probe(queue_url: str) -> None:
    """Find out whether the queue is there and would take messages from this role: it is sent none, and says so.

    GetQueueAttributes would need a permission that who only sends has no other use for. Raises SQSFailed, and
    MissingCredentials.
    """
    try:
        ask(queue_url, "SendMessageBatch", {"Entries": []})
    except SQSFailed as error:
        if not str(error).endswith(_EMPTY):
            raise


def ask(queue_url: str, operation: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Call one operation on one queue and return its reply. Raises SQSFailed, and MissingCredentials.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Operations.html
    """
    parts = urlsplit(queue_url)
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": f"AmazonSQS.{operation}"}
    body = json.dumps({"QueueUrl": queue_url, **fields}).encode()
    try:
        answer = call("POST", f"{parts.scheme}://{parts.netloc}/", service="sqs", headers=headers, body=body)
    except Unreachable as error:
        raise SQSFailed(str(error)) from error
    try:
        # Some operations answer with no body at all: DeleteMessage.
        reply: dict[str, Any] = json.loads(answer.body or b"{}")
        if answer.status == http.HTTPStatus.OK:
            return reply
        code = str(reply.get("__type", "")).rpartition("#")[2]
    except (ValueError, AttributeError):
        code = "unreadable answer"
    raise SQSFailed(f"SQS answered {answer.status} {code}.")

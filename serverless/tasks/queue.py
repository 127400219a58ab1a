"""SendMessageBatch with the standard library: the web function enqueues, and botocore would cost it 215-300 ms.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
"""

import http.client
import json
import os
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from serverless.sigv4 import Credentials, sign
from serverless.tasks.exceptions import SendFailed

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
# A batch may also be 1 MiB; ten of our messages are 1 kB.
MAX_BATCH = 10
MAX_DELAY = 900

# A request waits for these in the worst case, so they are short; the tick sends what they cut off.
CONNECT_TIMEOUT = 2.0
READ_TIMEOUT = 5.0
# A frozen environment's socket may have been dropped on the way without a sign, which costs a read timeout to find
# out. NAT gateways drop after 350 s; a new TLS connection is 10 ms.
MAX_IDLE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message to send: its body, and the seconds (0-900) for which SQS keeps it back."""

    body: str
    delay: int


# One open connection for each origin, with the time of its last use. Who sends takes it out and puts it back, so no two
# threads ever share one.
_kept: dict[str, tuple[http.client.HTTPConnection, float]] = {}


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
    status, answer = _post(queue_url, body)
    try:
        reply: dict[str, Any] = json.loads(answer)
        if status == http.HTTPStatus.OK:
            refused = {int(failed["Id"]): str(failed["Code"]) for failed in reply.get("Failed", [])}
            accepted = {int(sent["Id"]) for sent in reply.get("Successful", [])}
            return {index: refused.get(index, "NoAnswer") for index in range(len(entries)) if index not in accepted}
        code = str(reply.get("__type", "")).rpartition("#")[2]
    except (ValueError, LookupError, AttributeError, TypeError):
        code = "unreadable answer"
    raise SendFailed(f"SQS answered {status} {code}.")


def _post(queue_url: str, body: bytes) -> tuple[int, bytes]:
    parts = urlsplit(queue_url)
    origin = f"{parts.scheme}://{parts.netloc}"
    if not (region := os.environ.get("AWS_REGION")):
        raise SendFailed("AWS_REGION is not set: Lambda sets it.")
    headers = sign(
        "POST",
        f"{origin}/",
        service="sqs",
        region=region,
        credentials=Credentials.from_environ(),
        headers={"content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessageBatch"},
        body=body,
    )
    try:
        if (kept := _take(origin)) is not None:
            # The far side may have closed it meanwhile: once more on a new one.
            with suppress(ConnectionError, http.client.BadStatusLine, http.client.ImproperConnectionState):
                return _exchange(origin, kept, headers, body)
        return _exchange(origin, _connect(origin), headers, body)
    except (OSError, http.client.HTTPException) as error:
        raise SendFailed(f"SQS could not be reached: {type(error).__name__}.") from error


def _take(origin: str) -> http.client.HTTPConnection | None:
    connection, last_use = _kept.pop(origin, (None, 0.0))
    if connection is not None and time.monotonic() - last_use >= MAX_IDLE:
        connection.close()
        return None
    return connection


def _connect(origin: str) -> http.client.HTTPConnection:
    parts = urlsplit(origin)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(parts.netloc, timeout=CONNECT_TIMEOUT, context=_tls())
    else:
        connection = http.client.HTTPConnection(parts.netloc, timeout=CONNECT_TIMEOUT)
    connection.connect()
    connection.sock.settimeout(READ_TIMEOUT)
    return connection


def _exchange(
    origin: str, connection: http.client.HTTPConnection, headers: dict[str, str], body: bytes
) -> tuple[int, bytes]:
    """Send one request; keep the connection unless it failed or the server asked to close it."""
    try:
        connection.request("POST", "/", body=body, headers=headers)
        response = connection.getresponse()
        answer = response.read()
    except BaseException:
        connection.close()
        raise
    mine = connection, time.monotonic()
    if response.will_close or _kept.setdefault(origin, mine) is not mine:
        connection.close()
    return response.status, answer


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()

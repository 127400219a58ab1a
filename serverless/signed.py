"""Signed calls to AWS over connections that are kept, with the standard library alone.

The web function sends messages to SQS and manages multipart uploads on S3; botocore would cost its cold start
215-300 ms of CPU.
"""

import http.client
import os
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from serverless.exceptions import ServerlessError
from serverless.sigv4 import Credentials, sign

__all__ = ["Answer", "Unreachable", "call", "close_connections"]

# A request waits for these in the worst case, so they are short.
CONNECT_TIMEOUT = 2.0
READ_TIMEOUT = 5.0
# A frozen environment's socket may have been dropped on the way without a sign, which costs a read timeout to find
# out. NAT gateways drop after 350 s; a new TLS connection is 10 ms.
MAX_IDLE = 60.0


class Unreachable(ServerlessError):
    """No answer came, or only a part of it. The call may have taken effect even so: its reply can get lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back; the names of ``headers`` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


# One open connection for each origin, with the time of its last use. Who calls takes it out and puts it back, so no two
# threads ever share one.
_kept: dict[str, tuple[http.client.HTTPConnection, float]] = {}


def call(
    method: str,
    url: str,
    *,
    service: str,
    headers: Mapping[str, str],
    body: bytes = b"",
    region: str = "",
    once: bool = False,
) -> Answer:
    """Send one request, signed with the function's own role. ``url`` is sent as it stands: already percent-encoded.

    ``region`` is the service's; empty, the function's own. ``once``, for what must not take effect twice: over a
    connection of its own, since a kept one that breaks does not tell whether the request had arrived. Raises
    Unreachable, and MissingCredentials outside of a function.
    """
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    if not (region := region or os.environ.get("AWS_REGION", "")):
        raise Unreachable("AWS_REGION is not set: Lambda sets it.")
    credentials = Credentials.from_environ()
    signed = sign(method, url, service=service, region=region, credentials=credentials, headers=headers, body=body)
    target = url.removeprefix(origin) or "/"
    try:
        if not once and (kept := _take(origin)) is not None:
            # The far side may have closed it meanwhile: once more on a new one.
            with suppress(ConnectionError, http.client.BadStatusLine, http.client.ImproperConnectionState):
                return _exchange(origin, kept, (method, target, body, signed))
        return _exchange(origin, _connect(origin), (method, target, body, signed), keep=not once)
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"{service.upper()} could not be reached: {type(error).__name__}.") from error


def close_connections() -> None:
    """Close every connection that is kept. All environments that come out of a snapshot would share its sockets."""
    while _kept:
        _, (connection, _) = _kept.popitem()
        connection.close()


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
    origin: str,
    connection: http.client.HTTPConnection,
    request: tuple[str, str, bytes, dict[str, str]],
    *,
    keep: bool = True,
) -> Answer:
    """Send one request; keep the connection, if asked to, unless it failed or the server asked to close it."""
    try:
        connection.request(*request)
        response = connection.getresponse()
        answer = response.read()
    except BaseException:
        connection.close()
        raise
    mine = connection, time.monotonic()
    if not keep or response.will_close or _kept.setdefault(origin, mine) is not mine:
        connection.close()
    named = {name.lower(): value for name, value in response.getheaders()}
    return Answer(status=response.status, headers=named, body=answer)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()

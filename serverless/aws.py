"""The only importer of boto3: how the worker and the releases use it. The web function never comes here."""

import socket
from typing import Any

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

__all__ = ["FAILURES", "client", "config", "failure_code", "inline_transfer"]

# What a call raises: no answer (BotoCoreError), one that refuses (ClientError), or one that is not of AWS at all, such
# as the page of a proxy.
FAILURES = (BotoCoreError, ClientError, ResponseParserError)

# botocore waits 60 s for both by default, longer than most functions live; S3 sends the first byte within 200 ms.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html
_CONNECT_TIMEOUT_S = 2
_READ_TIMEOUT_S = 5


def config() -> Config:
    """Return the timeouts and retries of every AWS call that is made here."""
    return Config(
        connect_timeout=_CONNECT_TIMEOUT_S,
        read_timeout=_READ_TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": 3},
    )


def inline_transfer() -> TransferConfig:
    """Return the transfer settings for small objects: no thread pool per upload or download."""
    return TransferConfig(use_threads=False)


def client(
    service: str,
    *,
    region: str | None = None,
    read_timeout_s: int = _READ_TIMEOUT_S,
    attempts: int | None = None,
    probe_after_s: int | None = None,
) -> Any:
    """Return a client of its own session, which threads may share; ``region`` None: where the environment says.

    ``read_timeout_s`` is for calls that answer late, such as invoking a function. ``attempts`` is 1 for calls that
    must not be made twice: a client asks again where no answer came. ``probe_after_s``: seconds of silence after which
    TCP probes the connection, so that nothing between forgets it.
    """
    chosen = config().merge(Config(read_timeout=read_timeout_s, tcp_keepalive=probe_after_s is not None))
    if attempts is not None:
        chosen = chosen.merge(Config(retries={"mode": "standard", "total_max_attempts": attempts}))
    made = boto3.Session(region_name=region).client(service, config=chosen)
    if probe_after_s is not None:
        # botocore turns probes on and leaves their time to the system: two hours on Linux, and it has no setting.
        idle = getattr(socket, "TCP_KEEPIDLE", None) or getattr(socket, "TCP_KEEPALIVE", None)  # the latter on macOS
        options = made._endpoint.http_session._socket_options  # noqa: SLF001 - the only way to it
        options += [(socket.IPPROTO_TCP, idle, probe_after_s)] if idle else []
    return made


def failure_code(problem: BaseException) -> str:
    """Return the code that AWS refused with (``ExpiredToken``), or the kind of what kept it from answering."""
    if isinstance(problem, ClientError):
        return str(problem.response.get("Error", {}).get("Code", ""))
    return type(problem).__name__

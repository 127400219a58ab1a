"""Valid events, built from what a test or the emulator knows: AWS's side of each event source.

In: a request, a batch of messages or a time. Out: the event as AWS delivers it, with that source's losses.
"""

from serverless.events.build.http import (
    API_DOMAIN,
    FUNCTION_DOMAIN,
    TEXT_TYPES,
    alb,
    function_url,
    http_api_path,
    http_v1,
    http_v2,
)
from serverless.events.build.queue import sqs, tick

__all__ = [
    "API_DOMAIN",
    "FUNCTION_DOMAIN",
    "TEXT_TYPES",
    "alb",
    "function_url",
    "http_api_path",
    "http_v1",
    "http_v2",
    "sqs",
    "tick",
]

"""Lambda function URLs: payload format 2.0 with the path as it was sent.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
"""

from urllib.parse import unquote_to_bytes

from serverless.events.types import HttpV2Event
from serverless.http.converters.v2 import answer, payload_2
from serverless.http.limits import Limits
from serverless.http.messages import Request

__all__ = ["LIMITS", "answer", "request"]

LIMITS = Limits()


def request(event: HttpV2Event) -> Request:
    return payload_2(event, path=unquote_to_bytes(event["rawPath"]), mount="")

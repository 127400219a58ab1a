"""What event sources carry, and whether an answer is more than that."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from serverless.http.exceptions import ResponseTooLarge
from serverless.http.messages import Response

__all__ = ["API_GATEWAY_HEADER_BYTES", "PAYLOAD_BYTES", "Limits", "bounded", "exceeded"]

# What Lambda takes back from a synchronous invocation; the figure of its own Function.ResponseSizeTooLarge message,
# 100 bytes above the documented 6 MB. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
PAYLOAD_BYTES: Final = 6 * 1024 * 1024 + 100
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html, and the same for REST APIs.
API_GATEWAY_HEADER_BYTES: Final = 10_240
# More than an answer without its body: headers of at most 32 kB, twice for what JSON escapes.
_ENVELOPE: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """``answer_bytes``: the answer as JSON. ``header_bytes``: the values of its headers together. ``seconds``: how long
    the event source waits. None where its documents name no limit.
    """

    answer_bytes: int = PAYLOAD_BYTES
    header_bytes: int | None = None
    seconds: float | None = None


def bounded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the parts of a body. Raises ResponseTooLarge in the middle of one that may have no end."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > PAYLOAD_BYTES:
            raise ResponseTooLarge(size)
        yield chunk


def exceeded(response: Response, answer: object, limits: Limits) -> int | None:
    """Return the status that stands for a response which does not fit, or None."""
    if limits.header_bytes is not None:
        size = sum([len(value) for _, value in response.headers])
        if size > limits.header_bytes:
            return 431
    # Six bytes of JSON for one of the body are the most: a control character is written as \u0001.
    if len(response.body) * 6 + _ENVELOPE > limits.answer_bytes and _json_bytes(response, answer) > limits.answer_bytes:
        return 413
    return None


def _json_bytes(response: Response, given: object) -> int:
    """Return the length of the answer as Lambda's runtime client writes it."""
    answer = cast("Mapping[str, Any]", given)
    body = answer["body"]
    size = len(json.dumps({**answer, "body": ""}, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    if answer["isBase64Encoded"]:
        return size + len(body)
    # What JSON adds is ASCII: to count characters spares a copy of up to 6 MB.
    return size + len(response.body) + len(json.dumps(body, ensure_ascii=False)) - len(body) - len('""')

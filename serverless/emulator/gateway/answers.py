"""What functions return, as far as the front doors read it alike. Everything here raises Malformed."""

import base64
import json
from typing import Any

from serverless.emulator.messages import Headers, Response, end_to_end, value_bytes


class Malformed(Exception):
    """What the function returned is no response for its front door; the message says what is wrong with it."""


def document(payload: bytes) -> Any:
    """The JSON value."""
    try:
        return json.loads(payload)
    except ValueError as broken:
        raise Malformed(f"no JSON: {broken}") from broken


def described(payload: bytes) -> dict[str, Any]:
    """The JSON object."""
    return _object(document(payload), "the answer")


def status(answer: dict[str, Any]) -> int:
    """The status, a number or its digits."""
    try:
        code = int(answer["statusCode"])
    except (KeyError, TypeError, ValueError):
        raise Malformed("statusCode is missing or no number") from None
    if not 100 <= code <= 599:
        raise Malformed(f"statusCode is {code}")
    return code


def body(answer: dict[str, Any]) -> bytes:
    """The body's bytes."""
    text = answer.get("body") or ""
    if not isinstance(text, str):
        raise Malformed(f"the body is a JSON {type(text).__name__}")
    try:
        return base64.b64decode(text, validate=True) if answer.get("isBase64Encoded") else text.encode()
    except ValueError:
        raise Malformed("the body is not base64, though isBase64Encoded says so") from None


def single(answer: dict[str, Any]) -> Headers:
    """`headers`: one value a name."""
    given = _object(answer.get("headers") or {}, "headers")
    return tuple((name, _text(value, name)) for name, value in given.items())


def many(answer: dict[str, Any]) -> Headers:
    """`multiValueHeaders`: a list of values a name."""
    given = _object(answer.get("multiValueHeaders") or {}, "multiValueHeaders")
    return tuple((name, _text(value, name)) for name, values in given.items() for value in _list(values, name))


def typed(headers: Headers, default: str) -> Headers:
    """The headers with a Content-Type, which API Gateway and function URLs add where there is none."""
    given = any(name.lower() == "content-type" for name, _ in headers)
    return headers if given else (*headers, ("content-type", default))


def bounded(headers: Headers, most: int) -> Headers:
    """The headers, whose values may be `most` bytes together."""
    if (size := value_bytes(headers)) > most:
        raise Malformed(f"header values of {size} bytes, {most} at most")
    return headers


def payload_2(payload: bytes, *, default_type: str) -> Response:
    """An answer in payload format 2.0: JSON without a statusCode is itself the body of a 200."""
    answer = document(payload)
    if not isinstance(answer, dict) or "statusCode" not in answer:
        return Response(status=200, headers=(("content-type", "application/json"),), body=payload)
    cookies = _list(answer.get("cookies") or [], "cookies")
    headers = (
        *end_to_end(typed(single(answer), default_type)),
        *(("set-cookie", _text(cookie, "cookies")) for cookie in cookies),
    )
    return Response(status=status(answer), headers=headers, body=body(answer))


def _object(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Malformed(f"{what}: a JSON {type(value).__name__} instead of an object")
    return value


def _list(value: object, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise Malformed(f"{what}: a JSON {type(value).__name__} instead of a list")
    return value


def _text(value: object, name: str) -> str:
    text = json.dumps(value) if isinstance(value, bool) else str(value)
    if "\n" in text or "\r" in text:
        raise Malformed(f"{name}: a line break in a header")
    return text

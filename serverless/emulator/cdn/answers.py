"""A kept object, answered as the viewer asked for it: whole, in parts, or not at all because it is known already."""

import secrets
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

from aiohttp import web

from serverless.emulator.cdn import ranges
from serverless.emulator.cdn.cache import Entry

# RFC 9110, section 15.4.5: what a 304 repeats.
_OF_A_304: Final = ("cache-control", "etag", "expires", "last-modified", "vary")


def answer(asked: Mapping[str, str], entry: Entry, *, seen: str) -> web.Response:
    """`asked`: the viewer's headers, in any case. `seen` goes out as X-Cache."""
    extra = {"x-cache": f"{seen} from cloudfront", "age": str(entry.age), "x-content-type-options": "nosniff"}
    if entry.status != 200:  # a redirect has no other form, and no parts
        return web.Response(status=entry.status, headers={**entry.headers, **extra}, body=entry.body)
    status = _precondition(asked, entry.headers)
    if status == 304:
        kept = {name: entry.headers[name] for name in _OF_A_304 if name in entry.headers}
        return web.Response(status=304, headers=kept | extra)
    if status:
        return web.Response(status=status, headers=extra)
    partial = "Range" in asked and _may_be_partial(asked, entry.headers)
    spans = ranges.parse(asked["Range"], len(entry.body)) if partial else None
    headers = {name: value for name, value in entry.headers.items() if name != "content-length"} | extra
    return _whole(entry, headers) if spans is None else _partial(entry, headers, spans)


def _whole(entry: Entry, headers: dict[str, str]) -> web.Response:
    return web.Response(status=200, headers=headers | {"accept-ranges": "bytes"}, body=entry.body)


def _partial(entry: Entry, headers: dict[str, str], spans: list[ranges.Span]) -> web.Response:
    size = len(entry.body)
    if not spans:
        left = {name: headers[name] for name in ("x-cache", "age", "x-content-type-options")}
        return web.Response(status=416, headers=left | {"content-range": f"bytes */{size}"})
    if len(spans) == 1:
        ((first, end),) = spans
        headers = headers | {"content-range": f"bytes {first}-{end - 1}/{size}"}
        return web.Response(status=206, headers=headers, body=entry.body[first:end])
    boundary = secrets.token_hex(16)
    body = bytearray()
    for first, end in spans:
        part = f"--{boundary}\r\nContent-Type: {headers.get('content-type', 'application/octet-stream')}\r\n"
        body += f"{part}Content-Range: bytes {first}-{end - 1}/{size}\r\n\r\n".encode()
        body += entry.body[first:end] + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    headers = headers | {"content-type": f"multipart/byteranges; boundary={boundary}"}
    return web.Response(status=206, headers=headers, body=bytes(body))


def _precondition(asked: Mapping[str, str], headers: Mapping[str, str]) -> int:
    """304, 412, or 0 to go on: RFC 9110, section 13.2.2."""
    etag, modified = headers.get("etag", ""), headers.get("last-modified", "")
    if "If-Match" in asked:
        if not _listed(asked["If-Match"], etag, weak=False):
            return 412
    elif "If-Unmodified-Since" in asked and _later(modified, asked["If-Unmodified-Since"]):
        return 412
    if "If-None-Match" in asked:
        return 304 if _listed(asked["If-None-Match"], etag, weak=True) else 0
    if "If-Modified-Since" in asked and _later(modified, asked["If-Modified-Since"]) is False:
        return 304
    return 0


def _may_be_partial(asked: Mapping[str, str], headers: Mapping[str, str]) -> bool:
    validator = asked.get("If-Range")
    if validator is None:
        return True
    if validator.startswith('"'):
        return validator == headers.get("etag")
    return validator == headers.get("last-modified")


def _listed(header: str, etag: str, *, weak: bool) -> bool:
    if header.strip() == "*":
        return True
    tags = [tag.strip() for tag in header.split(",")]
    if weak:
        return etag.removeprefix("W/") in [tag.removeprefix("W/") for tag in tags]
    return etag in tags and not etag.startswith("W/")


def _later(modified: str, than: str) -> bool | None:
    """None if either is no date: then the condition does not count."""
    try:
        return parsedate_to_datetime(modified) > parsedate_to_datetime(than)
    except (ValueError, TypeError):
        return None

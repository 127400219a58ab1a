"""The CloudFront function at whatever is no file, which sees each request before memory and the front door do.

It writes down who asks, and answers by itself what the front door would refuse: CloudFront has no error page for 413
and 431, but a function may make one. It sees no body, only what Content-Length says of it.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
"""

from dataclasses import replace
from typing import Final

from serverless.emulator import limits
from serverless.emulator.gateway import Takes
from serverless.emulator.messages import Request, end_to_end, line_bytes, value_bytes

# What CloudFront adds to the request after this function has seen it: the origin's secret, Via, X-Amz-Cf-Id, the
# viewer's host, address and scheme, and one more address in X-Forwarded-For; 340 bytes with a secret of 64.
EDGE_BYTES: Final = 512
# What an event holds beside the body. Headers are in it up to twice (10 kB each time) and the query up to three times
# (8 kB each time), and JSON escapes some of it.
ENVELOPE_BYTES: Final = 64 * 1024

_STATED: Final = frozenset({"x-viewer-host", "x-viewer-address", "cloudfront-forwarded-proto"})


def handle(request: Request, takes: Takes) -> Request | int:
    """The request as it goes on to a front door that `takes` so much, or the status of the page that answers it."""
    if takes.header_bytes is not None:
        size = line_bytes(request) + value_bytes(end_to_end(request.headers))
        if size > takes.header_bytes - EDGE_BYTES:
            return 431
    said = {name.lower(): value for name, value in request.headers}
    if int(said.get("content-length", 0)) > most_body_bytes(takes, said):
        return 413
    # Whatever the viewer claims under these names is dropped.
    kept = ((name, value) for name, value in request.headers if name.lower() not in _STATED)
    stated = (("x-viewer-host", said.get("host", "")), ("x-viewer-address", request.address))
    return replace(request, headers=(*kept, *stated))


def most_body_bytes(takes: Takes, said: dict[str, str]) -> int:
    """The longest body, by its headers, whose event Lambda takes. JSON may still escape text beyond it."""
    room = limits.LAMBDA_REQUEST_BYTES - ENVELOPE_BYTES
    as_text = "content-encoding" not in said and said.get("content-type", "").lower().startswith(takes.text_types)
    return min(takes.body_bytes, room if as_text else room // 4 * 3)

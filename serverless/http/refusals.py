"""Answers that the adapter gives by itself, where the application could not or may not: a page, or JSON."""

import json
from typing import Final

from serverless.http.messages import Response
from serverless.pages import CSP, html

__all__ = ["refusal"]

_TITLES: Final = {
    400: ("Bad Request", "This request cannot be read"),
    413: ("Content Too Large", "Too much for one answer"),
    431: ("Request Header Fields Too Large", "Too much for one answer"),
    500: ("Internal Server Error", "Something went wrong"),
    503: ("Service Unavailable", "This took too long"),
}
_TEXTS: Final = {
    400: "The request arrived damaged. Please try again from the page before.",
    413: "What was asked for is larger than this site can send at once. Please tell whoever runs it.",
    431: "The site wanted to send more headers than fit. Please delete its cookies and try again.",
    500: "The site could not answer. Please try again in a minute.",
    503: "The site did not finish in time. Please try again in a minute.",
}
# Django's middleware does not see these answers.
_HEADERS: Final = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Content-Security-Policy", CSP),
)


def refusal(status: int, *, accept: str, title: str = "", text: str = "", retry_after_s: int = 30) -> Response:
    """Return the answer of ``status`` in the form that ``accept`` asks for: HTML, or problem details (RFC 9457).

    ``title`` and ``text`` say it in other words than the status's own; ``retry_after_s`` goes with a 503.
    """
    reason, usual = _TITLES[status]
    text = text or _TEXTS[status]
    if "text/html" in accept:
        kind = "text/html; charset=utf-8"
        body = html(status, title=title or usual, text=text, again=status in {500, 503})
    else:
        kind = "application/problem+json"
        body = json.dumps({"type": "about:blank", "title": reason, "status": status, "detail": text})
    headers = [("Content-Type", kind), *_HEADERS]
    if status == 503:
        headers.append(("Retry-After", str(retry_after_s)))
    return Response(status=status, reason=reason, headers=headers, body=body.encode())

"""Answers that the adapter gives by itself, where the application could not or may not: a page, or JSON."""

import json
from typing import Final

from serverless.http.messages import Response

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
_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; display: grid; place-content: center; min-height: 90vh; margin: 1rem }}
main {{ max-width: 30rem }}
h1 {{ font-size: 1.5rem; font-weight: 600; margin: 0 0 .5rem }}
small {{ opacity: .6 }}
</style>
<main><h1>{title}</h1><p>{text}</p><small>{status}</small></main>
"""
# Django's middleware does not see these answers.
_HEADERS: Final = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
)


def refusal(status: int, *, accept: str) -> Response:
    """Return the answer of ``status`` in the form that ``accept`` asks for: HTML, or problem details (RFC 9457)."""
    reason, title = _TITLES[status]
    if "text/html" in accept:
        kind, body = "text/html; charset=utf-8", _PAGE.format(title=title, text=_TEXTS[status], status=status)
    else:
        kind = "application/problem+json"
        body = json.dumps({"type": "about:blank", "title": reason, "status": status, "detail": _TEXTS[status]})
    headers = [("Content-Type", kind), *_HEADERS]
    if status == 503:
        headers.append(("Retry-After", "30"))
    return Response(status=status, reason=reason, headers=headers, body=body.encode())

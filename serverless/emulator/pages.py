"""The CDN's own pages: what a visitor sees where no function and no object could answer."""

from typing import Final

from aiohttp import web

_HEADERS: Final = {"cache-control": "no-store", "x-cache": "Error from cloudfront"}
# Statuses of the gateway that stand for no answer at all.
DRESSED: Final = frozenset({502, 503, 504})
_TEXTS: Final = {
    403: ("Not here", "This address can only be read."),
    404: ("Nothing here", "There is no file at this address. It may have been moved or removed."),
    502: ("One moment", "The site did not answer properly. Please try again in a minute."),
    503: ("One moment", "The site is busy or took too long to answer. Please try again in a minute."),
    504: ("One moment", "The site took too long to answer. Please try again in a minute."),
}
_REFUSED: Final = (
    "No access",
    "This file opens from its own page, and for a limited time. Please go back to that page and try again.",
)
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


def page(status: int) -> web.Response:
    """A small page that keeps its status and is stored nowhere."""
    return _dressed(status, *_TEXTS[status])


def refusal() -> web.Response:
    """The 403 of a private file, for people."""
    return _dressed(403, *_REFUSED)


def error(status: int, code: str, message: str) -> web.Response:
    """The same for programs, as CloudFront writes it."""
    text = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return web.Response(status=status, text=text, content_type="text/xml", headers=_HEADERS)


def _dressed(status: int, title: str, text: str) -> web.Response:
    page = _PAGE.format(title=title, text=text, status=status)
    return web.Response(status=status, text=page, content_type="text/html", headers=_HEADERS)

"""The edge's own pages: what a visitor sees where no function and no object could answer.

CloudFront looks at the status alone, not at Accept: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/creating-custom-error-pages.html
"""

from typing import Final

from aiohttp import web

from serverless.emulator.messages import Response
from serverless.pages import CSP, html

# Statuses of the gateway that stand for no answer at all; each has a page of its own.
_REPLACED: Final = frozenset({502, 503, 504})
_TEXTS: Final = {
    403: ("Not here", "This address can only be read."),
    404: ("Nothing here", "There is no file at this address. It may have been moved or removed."),
    413: ("That is too much", "What was sent is larger than this site takes at once. Nothing of it was kept."),
    431: (
        "Too many cookies",
        "Your browser sent more along than this site takes. Clear the cookies of this site, then open it again.",
    ),
    502: ("One moment", "The site did not answer properly. Please try again in a minute."),
    503: ("One moment", "The site is busy or took too long to answer. Please try again in a minute."),
    504: ("One moment", "The site took too long to answer. Please try again in a minute."),
}
_REFUSED: Final = (
    "No access",
    "This file opens from its own page, and for a limited time. Please go back to that page and try again.",
)
_HEADERS: Final = {"cache-control": "no-store", "x-cache": "Error from cloudfront", "x-content-type-options": "nosniff"}


def page(status: int) -> web.Response:
    """A small page that keeps its status and is stored nowhere."""
    return _dressed(status, *_TEXTS[status])


def refusal() -> web.Response:
    """The 403 of a private file, for people."""
    return _dressed(403, *_REFUSED)


def instead_of(response: Response) -> web.Response | None:
    """The page that replaces the gateway's response, if one does.

    On AWS a 500 of the function's own is replaced as well, since CloudFront cannot tell it from the gateway's. Here it
    is shown: who develops wants to read it.
    """
    if response.status == 500 and response.by_gateway:
        return page(503)
    return page(response.status) if response.status in _REPLACED else None


def error(status: int, code: str, message: str) -> web.Response:
    """The same for programs, as CloudFront writes it."""
    text = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return web.Response(status=status, text=text, content_type="text/xml", headers=_HEADERS)


def _dressed(status: int, title: str, text: str) -> web.Response:
    text = html(status, title=title, text=text, again=status in _REPLACED)
    headers = {**_HEADERS, "content-security-policy": CSP}
    return web.Response(status=status, text=text, content_type="text/html", headers=headers)

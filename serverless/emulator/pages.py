"""What the edge answers with: the gateway's own, or a page where no function and no object could answer.

CloudFront looks at the status alone, not at Accept: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/creating-custom-error-pages.html
"""

from typing import Final

from aiohttp import web

from serverless.emulator.messages import Response
from serverless.pages import BUSY_S, CSP, EDGE, MAINTENANCE, RETRY_AFTER_S, Page

# Statuses of the gateway that stand for no answer at all; each has a page of its own.
_REPLACED: Final = frozenset({502, 503, 504})
# What S3's own answers are on AWS, in XML; here a person sees a page.
_OWN: Final = {
    page.status: page
    for page in (
        Page(status=403, title="Not here", text="This address can only be read."),
        Page(
            status=404,
            title="Nothing here",
            text="There is no file at this address. It may have been moved or removed.",
        ),
    )
}
_PAGES: Final = {**EDGE, **_OWN}
_REFUSED: Final = Page(
    status=403,
    title="No access",
    text="This file opens from its own page, and for a limited time. Please go back to that page and try again.",
)
_HEADERS: Final = {"cache-control": "no-store", "x-cache": "Error from cloudfront", "x-content-type-options": "nosniff"}


def page(status: int) -> web.Response:
    """A small page that keeps its status and is stored nowhere."""
    return _dressed(_PAGES[status])


def refusal() -> web.Response:
    """The 403 of a private file, for people."""
    return _dressed(_REFUSED)


def maintenance() -> web.Response:
    """What everyone but the holders of the bypass cookie gets while the site is being worked on."""
    response = _dressed(MAINTENANCE)
    response.headers["retry-after"] = str(RETRY_AFTER_S)
    return response


def instead_of(response: Response) -> web.Response | None:
    """The page that replaces the gateway's response, if one does.

    On AWS a 500 of the function's own is replaced as well, since CloudFront cannot tell it from the gateway's. Here it
    is shown: who develops wants to read it.
    """
    if response.status == 500 and response.by_gateway:
        return page(503)
    return page(response.status) if response.status in _REPLACED else None


def of_gateway(response: Response, *, method: str) -> web.Response:
    """The gateway's response as it came."""
    answer = web.Response(status=response.status, reason=response.reason, body=response.body)
    answer.headers.clear()
    # A function's own length is the gateway's to state; only the answer to a HEAD has no body to count.
    kept = method == "HEAD" and not response.body
    for name, value in response.headers:
        if kept or name.lower() != "content-length":
            answer.headers.add(name, value)
    return answer


def error(status: int, code: str, message: str) -> web.Response:
    """The same for programs, as CloudFront writes it."""
    text = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return web.Response(status=status, text=text, content_type="text/xml", headers=_HEADERS)


def _dressed(page: Page) -> web.Response:
    headers = {**_HEADERS, "content-security-policy": CSP}
    if page.status in _REPLACED:
        headers["retry-after"] = str(BUSY_S)
    return web.Response(status=page.status, text=page.html, content_type="text/html", headers=headers)

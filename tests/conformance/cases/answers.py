"""What views answer: every kind of body and status, and failures."""

from collections.abc import Iterator

from tests.conformance.case import Case
from tests.conformance.project.views import ANSWERS, ERRORS

_BODYLESS = ("no-content", "not-modified")
_TEXT = (
    "text",
    "plain",
    "html",
    "json",
    "css",
    "csv",
    "javascript",
    "problem",
    "vendor",
    "xml",
    "svg",
    "base64",
    "form",
)


def _category(name: str) -> str:
    if name.startswith(_BODYLESS):
        return "answers: without body"
    if name.startswith(("gzip", "br-", "identity")):
        return "answers: compressed"
    if name.startswith(("stream", "file")):
        return "answers: streams and files"
    if name.startswith(_TEXT) or name == "large-text":
        return "answers: text and charsets"
    if name in {"png", "bytes", "pdf", "woff2", "wasm", "empty-bytes", "large-bytes"}:
        return "answers: bytes"
    return "answers: status and headers"


def cases() -> Iterator[Case]:
    for name in ANSWERS:
        yield Case(category=_category(name), name=name, path=f"/answers/{name}")
        yield Case(category="answers to HEAD", name=name, path=f"/answers/{name}", method="HEAD")
    for name in ("text-utf-8", "png", "redirect", "no-content"):
        for method in ("POST", "OPTIONS", "DELETE"):
            yield Case(category=_category(name), name=f"{name}, {method}", path=f"/answers/{name}", method=method)
    for name in ERRORS:
        for method in ("GET", "POST", "HEAD"):
            yield Case(category="failing views", name=f"{name}, {method}", path=f"/errors/{name}", method=method)
    yield Case(category="failing views", name="a middleware", path="/fault")
    yield Case(category="failing views", name="a middleware, POST", path="/fault", method="POST")

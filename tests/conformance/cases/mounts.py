"""Stages and base paths, which stand before the path in the URL."""

from collections.abc import Iterator

from tests.conformance.case import Case

_PATHS = {
    "a page": "/echo/a",
    "a trailing slash": "/echo/a/",
    "an escape": "/echo/a%20b",
    "a redirect": "/slash",
    "the root": "/",
    "the mount's name again": "/echo/live/shop",
    "no such page": "/live",
}


def cases() -> Iterator[Case]:
    for name, path in _PATHS.items():
        yield Case(category="stage", name=name, path=path, query="a=1", mount="/live", stage=True)
        yield Case(category="base path", name=name, path=path, query="a=1", mount="/shop")
        yield Case(category="base path", name=f"{name}, two segments", path=path, mount="/shop/eu")

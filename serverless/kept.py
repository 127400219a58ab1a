"""Paths of the application whose answers the edge may keep: ``pages`` of ``[tool.serverless]``.

    pages = ["/", "/favicon.ico", "/blog/*"]

One list, for three who must not differ: the stack makes CloudFront's behaviours of it, a release has CloudFront forget
what it names, and the emulator does both. What is kept, and for how long, each answer still says by itself.
"""

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["MOST", "check", "covers"]

# CloudFront takes 75 behaviours, files' among them, and the template that holds them 51,200 bytes: it has room for so
# many of 60 characters. https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
MOST: Final = 30
# Of a path pattern, without what has a meaning there or may stand for another character.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
_LONGEST: Final = 60
_PATH: Final = re.compile(r"/|(/[A-Za-z0-9._~@:+$-]+)+(/\*?)?")
_EVERYTHING: Final = frozenset({"*", "/*", "/**"})
# The buckets' paths, and those of the edge's own.
_TAKEN: Final = frozenset({"static", "media", "incoming", "_edge", "_maintenance", "_local"})


def check(pages: object, *, signed: Iterable[str]) -> tuple[str, ...]:
    """Return the paths of a list. Raises ValueError that names the one that cannot be, and why."""
    if not isinstance(pages, list | tuple) or not all(isinstance(page, str) for page in pages):
        raise ValueError(f'is a list of paths, such as ["/", "/blog/*"], not {pages!r}.')
    if len(pages) > MOST:
        raise ValueError(f"holds {len(pages)} paths; the distribution has room for {MOST}: name folders, /blog/*.")
    taken = _TAKEN | set(signed)
    for page in pages:
        _check(page, taken)
        if pages.count(page) > 1:
            raise ValueError(f"{page} stands there twice.")
    return tuple(pages)


def _check(page: str, taken: Iterable[str]) -> None:
    if page in _EVERYTHING:
        raise ValueError(
            f"{page!r} would keep whatever a view forgets to call private: name pages, or folders such as /blog/*."
        )
    segments = page.split("/")
    if len(page) > _LONGEST or not _PATH.fullmatch(page) or {".", ".."} & set(segments):
        raise ValueError(
            f"{page!r} is no path such as / or /about/, or a folder's with * at its end, of {_LONGEST} characters: "
            "letters, digits and . _ ~ @ : + $ - between slashes."
        )
    if segments[1] in taken:
        raise ValueError(f"{page} is not the application's: /{segments[1]}/ leads elsewhere at the edge.")


def covers(pages: Iterable[str], path: str) -> bool:
    """Whether one of ``pages`` is ``path``, or a folder that it lies in, as CloudFront matches patterns."""
    return any(path.startswith(page[:-1]) if page.endswith("*") else path == page for page in pages)

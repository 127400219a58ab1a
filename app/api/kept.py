"""Pages of lists as they were sent last, kept in the cache by studio, version and what the caller asked for.

A key is made of all that decides about the page: who may see it, what it stands for, the form of answers (its ETag),
the address and the parameters. A change is another key, so that nothing has to be deleted, and no write that was lost
leaves anything old behind. Without the cache each page is made.
"""

import zlib
from collections.abc import Callable
from typing import Final

from app.api.encoding import encode
from app.api.paging import Call
from app.api.resources import Page
from serverless.cache import get_or_compute, versioned_key

__all__ = ["page_body"]

_KEPT_SECONDS: Final = 300


def page_body(make: Callable[[], Page[object]], *, call: Call, name: str, version: int, etag: str) -> tuple[bytes, str]:
    """The page as JSON, and the address of the next one; made only if it is not kept. Raises what `make` does."""

    def compute() -> bytes:
        page = make()
        # 200 photos are 300 kB of JSON, and 20 kB like this.
        return zlib.compress(f"{page.next or ''}\n".encode() + encode(page), 1)

    shown = (etag, call.path, call.limit, call.query.get("after", ""))
    kept = get_or_compute(
        versioned_key(f"api:{name}", of=call.studio.pk, version=version, shown=shown), compute, ttl=_KEPT_SECONDS
    )
    following, _, body = zlib.decompress(kept).partition(b"\n")
    return body, following.decode()

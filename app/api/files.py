"""Files for programs, which have no cookies: one signature in the query opens a whole gallery.

It ends on the hour, one to two hours from now, so that an answer stays the same for an hour and so does its ETag.
"""

import time
from dataclasses import dataclass, field
from typing import Final

from serverless.storage import signed_cookies

__all__ = ["Files"]

HOUR_S: Final = 3600


def _end() -> int:
    return (int(time.time()) // HOUR_S + 2) * HOUR_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The files under a prefix of the media bucket, readable until `ends_at`, in seconds since 1970."""

    prefix: str
    ends_at: int = field(default_factory=_end)

    def query(self) -> str:
        """Sign once for all of them."""
        return signed_cookies(self.prefix, expires_in=self.ends_at - int(time.time())).query

"""Keys of what is computed from something that has a version, such as a gallery."""

import hashlib
import re
from typing import Final

__all__ = ["versioned_key"]

_NAME: Final = re.compile(r"[a-z][a-z0-9:_.-]{0,63}")


def versioned_key(name: str, *, of: object, version: int, shown: tuple[object, ...] = ()) -> str:
    """Return the key of ``name`` computed from ``of`` at ``version``; ``shown`` is whatever else the value depends on.

    A change is a new version and so a new key: nothing has to be deleted, and nothing old is found by whoever knows the
    version. What nobody asks for any more ends by itself. Raises ValueError for a name that is none.
    """
    if not _NAME.fullmatch(name):
        raise ValueError("A key's name is made of small letters, digits and :_.- and is at most 64 long.")
    if isinstance(version, bool) or not isinstance(version, int):
        raise TypeError("A version is a number: pass gallery.version, and the rest as what is shown.")
    digest = hashlib.sha256(repr((str(of), version, shown)).encode()).hexdigest()[:40]
    return f"{name}:{version}:{digest}"

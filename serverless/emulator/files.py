"""Files in the state directory that only their owner may read."""

import os
from pathlib import Path
from typing import Final

from serverless.emulator.exceptions import StateUnusable

_OWNER_ONLY: Final = 0o600


def write_private(path: Path, text: str) -> None:
    """Write `text` anew, with its mode from the first byte on. Raises StateUnusable."""
    try:
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "w") as file:
            file.write(text)
    except OSError as problem:
        raise StateUnusable(path.parent, str(problem)) from problem

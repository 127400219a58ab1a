"""Templates as somebody has read them: three in full, and what the others differ in.

``make stack-snapshots`` writes them anew. The diff of that is what a reviewer reads.
"""

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tests.serverless.stack.stacks import Stack, of_variants

__all__ = ["FOLDER", "pictured", "write"]

FOLDER: Final = Path(__file__).with_name("snapshots")
_WITHOUT: Final = "-without-domain"


def pictured(stacks: Sequence[Stack]) -> Iterator[tuple[str, str]]:
    """Yield the file name and text of each snapshot, where there is something to tell.

    ``standard`` is there in full; ``frugal`` and what has replicas as their difference to that, and each without a
    domain as its difference to the one with.
    """
    named = {stack.name: stack for stack in stacks}
    for stack in stacks:
        full = f"{stack.kind}-standard"
        base = named[stack.name.removesuffix(_WITHOUT) if stack.name.endswith(_WITHOUT) else full]
        if stack is base:
            yield f"{stack.name}.json", stack.text
        elif stack.text != base.text:
            lines = (base.text.splitlines(), stack.text.splitlines(), base.name, stack.name)
            differences = difflib.unified_diff(*lines, n=2, lineterm="")
            yield f"{stack.name}.diff", "".join(f"{line}\n" for line in differences)


def write() -> list[str]:
    """Write the snapshots anew; return the names of those that changed."""
    FOLDER.mkdir(exist_ok=True)
    fresh = dict(pictured(of_variants()))
    old = {file.name: file.read_text("utf-8") for file in FOLDER.iterdir()}
    for name in old.keys() - fresh.keys():
        (FOLDER / name).unlink()
    for name, text in fresh.items():
        (FOLDER / name).write_text(text, "utf-8")
    return sorted(name for name in old.keys() | fresh.keys() if old.get(name) != fresh.get(name))

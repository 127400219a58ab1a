"""The tree of imports, as ``python -X importtime`` writes it down.

https://docs.python.org/3/using/cmdline.html#cmdoption-X
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

__all__ = ["Import", "parse"]

_LINE = re.compile(r"import time:\s*(\d+) \|\s*(\d+) \| ( *)(\S+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One module's import. ``own_us`` is without, ``total_us`` with what it imported first, in microseconds."""

    name: str
    own_us: int
    total_us: int
    children: tuple["Import", ...] = field(default=(), repr=False)

    def walk(self) -> Iterator["Import"]:
        """Yield this and everything below."""
        yield self
        for child in self.children:
            yield from child.walk()


def parse(lines: str) -> tuple[list[Import], str]:
    """Return the imports that nothing else imported, in their order, and the lines that are none of importtime's."""
    waiting: dict[int, list[Import]] = {}
    others = []
    for line in lines.splitlines():
        if (found := _LINE.fullmatch(line)) is None:
            if not line.startswith("import time:"):
                others.append(line)
            continue
        own, total, indent, name = found.groups()
        depth = len(indent) // 2
        # A module is written down when it is done, below what it imported.
        children = tuple(waiting.pop(depth + 1, ()))
        done = Import(name=name, own_us=int(own), total_us=int(total), children=children)
        waiting.setdefault(depth, []).append(done)
    return waiting.get(0, []), "\n".join(others)

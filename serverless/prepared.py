"""What modules compile while they are imported, compiled ahead: methods of dataclasses, and regular expressions.

Bytecode holds neither: ``@dataclass`` and ``namedtuple`` write source and compile it, ``re.compile`` translates a
pattern, all of it anew in each process. ``serverless.deploy`` writes the file. Each answer is kept under the exact text
that was asked for; a text that the file does not hold is compiled as ever.
"""

import _sre  # type: ignore[import-not-found]
import marshal
import os
import re
import sys
from importlib.util import MAGIC_NUMBER
from types import CodeType
from typing import Any

__all__ = ["FILE_NAME", "Compiled", "header", "install"]

FILE_NAME = "prepared.bundle"

# Flags, code, number of groups, names of groups, names by number: what _sre.compile() takes beside the pattern.
type Translated = tuple[int, bytes, int, dict[str, int], tuple[str | None, ...]]
# Source to code, and (pattern, flags) to what it translates to.
type Compiled = tuple[dict[str, CodeType], dict[tuple[str | bytes, int], Translated]]


def header() -> bytes:
    """Return how a file for this Python begins: it is good for one minor version, and one machine language of `re`."""
    return b"serverless-prepared-1 %b %d-%d" % (MAGIC_NUMBER, _sre.MAGIC, _sre.CODESIZE)


def install(root: str | None = None) -> bool:
    """Take from the file in ``root`` (the folder that holds this package) from now on; return whether there is one."""
    root = root or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        with open(f"{root}/{FILE_NAME}", "rb") as file:
            data = file.read()
    except OSError:
        return False
    begin = header()
    if not data.startswith(begin):
        sys.stderr.write(f"{root}/{FILE_NAME} is not for this Python; nothing is taken from it.\n")
        return False
    codes, patterns = marshal.loads(memoryview(data)[len(begin) :])  # noqa: S302 - ours, as is the code beside it
    _take_patterns(patterns)
    _take_codes(codes)
    return True


def _take_patterns(patterns: dict[tuple[str | bytes, int], Translated]) -> None:
    compiler: Any = re._compiler  # type: ignore[attr-defined]  # noqa: SLF001 - see header()
    translate = compiler.compile

    def compile_(pattern: Any, flags: int = 0) -> Any:
        known = patterns.get((pattern, flags))
        if known is None:
            return translate(pattern, flags)
        all_flags, code, groups, numbers, names = known
        # Instructions are 32 bits wide: CODESIZE in header().
        return _sre.compile(pattern, all_flags, memoryview(code).cast("I").tolist(), groups, numbers, names)

    compiler.compile = compile_


def _take_codes(codes: dict[str, CodeType]) -> None:
    import collections
    import dataclasses

    def exec_(source: str, *namespaces: Any) -> None:
        exec(codes.get(source) or source, *namespaces)  # noqa: S102 - as dataclasses does

    def eval_(source: str, *namespaces: Any) -> Any:
        return eval(codes.get(source) or source, *namespaces)  # noqa: S307 - as namedtuple does

    # Their own globals before the built-in functions.
    dataclasses.exec = exec_  # type: ignore[attr-defined]
    collections.eval = eval_  # type: ignore[attr-defined]

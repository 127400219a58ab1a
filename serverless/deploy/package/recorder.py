"""A program: starts the project of a tree, and writes what its modules compile meanwhile for ``serverless.prepared``.

``python -P recorder.py FILE``, with the tree on PYTHONPATH: ``rehearsal`` runs it. It imports nothing of this package
but from the tree, which is what will run.
"""

import _sre  # type: ignore[import-not-found]
import array
import marshal
import re
import sys
from types import CodeType
from typing import Any, Final

# What the first makes depends on the locale, and the second prints: https://docs.python.org/3/library/re.html#flags
_LEFT_OUT: Final = re.LOCALE | re.DEBUG


class _Engine:
    """Stands in for ``_sre`` where patterns are compiled, and keeps what it was given last."""

    def __init__(self) -> None:
        self.given: tuple[Any, ...] = ()

    def __getattr__(self, name: str) -> Any:
        return getattr(_sre, name)

    def compile(self, *given: Any) -> re.Pattern[Any]:
        self.given = given
        made: re.Pattern[Any] = _sre.compile(*given)
        return made


def record_patterns() -> dict[tuple[str | bytes, int], tuple[Any, ...]]:
    """Return what fills with (pattern, flags) and what the engine is given for them."""
    found: dict[tuple[str | bytes, int], tuple[Any, ...]] = {}
    compiler: Any = re._compiler  # type: ignore[attr-defined]  # noqa: SLF001 - as serverless.prepared does
    translate, engine = compiler.compile, _Engine()
    compiler._sre = engine  # noqa: SLF001

    def compile_(pattern: Any, flags: int = 0) -> re.Pattern[Any]:
        made: re.Pattern[Any] = translate(pattern, flags)
        _, all_flags, code, groups, numbers, names = engine.given
        if type(pattern) in {str, bytes} and not all_flags & _LEFT_OUT:
            packed = array.array("I", code).tobytes()
            found[pattern, int(flags)] = int(all_flags), packed, groups, dict(numbers), names
        return made

    compiler.compile = compile_
    return found


def record_codes() -> dict[str, CodeType]:
    """Return what fills with the source that dataclasses and named tuples write for themselves, and its code."""
    found: dict[str, CodeType] = {}
    import collections
    import dataclasses

    def exec_(source: str, *namespaces: Any) -> None:
        found[source] = compile(source, "<string>", "exec", dont_inherit=True)
        exec(found[source], *namespaces)  # noqa: S102 - as dataclasses does

    def eval_(source: str, *namespaces: Any) -> Any:
        found[source] = compile(source, "<string>", "eval", dont_inherit=True)
        return eval(found[source], *namespaces)  # noqa: S307 - as namedtuple does

    dataclasses.exec = exec_  # type: ignore[attr-defined]
    collections.eval = eval_  # type: ignore[attr-defined]
    return found


def _sorted[V](patterns: dict[tuple[str | bytes, int], V]) -> dict[tuple[str | bytes, int], V]:
    return dict(sorted(patterns.items(), key=lambda item: (type(item[0][0]).__name__, *item[0])))


def _dumps(values: Any) -> bytes:
    """Return the same bytes for the same values, whoever else refers to them: marshal marks what has been shared."""
    return marshal.dumps(marshal.loads(marshal.dumps(values)))  # noqa: S302 - its own


def main() -> None:
    patterns = record_patterns()  # first, because importing dataclasses compiles some
    codes = record_codes()
    import serverless.handlers.main  # noqa: F401 - this is the start
    from serverless import prepared

    # Without pathlib, whose own patterns a start may be the first to meet.
    with open(sys.argv[1], "wb") as file:
        file.write(prepared.header() + _dumps((dict(sorted(codes.items())), _sorted(patterns))))


if __name__ == "__main__":
    main()

"""SQL as PostgreSQL's lexer cuts it, as far as telling statements, words and function calls apart needs.

https://www.postgresql.org/docs/current/sql-syntax-lexical.html
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

__all__ = ["arguments", "functions", "statements"]

_TOKEN = re.compile(
    r"""
      (?P<blank>\s+|--[^\n]*)
    | (?P<comment>/\*)
    | (?P<string>[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | (?P<tag>\$(?:[^\W\d]\w*)?\$).*?(?P=tag))
    | (?P<quoted>"(?:[^"]|"")*")
    | (?P<word>[^\W\d][\w$]*)
    | (?P<other>\$\d+|\d+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT = re.compile(r"/\*|\*/")
_STRING = "''"


def statements(text: str) -> Iterator[list[str]]:
    """Yield each statement of ``text`` as its tokens: words in lower case, strings all as ``''``, no comments."""
    statement: list[str] = []
    for piece in _pieces(text):
        if piece != ";":
            statement.append(piece)
        elif statement:
            yield statement
            statement = []
    if statement:
        yield statement


def functions(statement: Sequence[str]) -> set[str]:
    """Return the names that stand before an opening parenthesis."""
    return {name for name, after in pairwise(statement) if after == "(" and name.isidentifier()}


def arguments(statement: Sequence[str], function: str) -> Iterator[list[list[str]]]:
    """Yield the arguments, each as its tokens, of every call of ``function``."""
    for index, pair in enumerate(pairwise(statement)):
        if pair == (function, "("):
            yield _arguments(statement[index + 2 :])


def _arguments(tokens: Sequence[str]) -> list[list[str]]:
    depth, found = 0, [list[str]()]
    for piece in tokens:
        depth += (piece in "([") - (piece in ")]")
        if depth < 0:
            break
        if piece == "," and not depth:
            found.append([])
        else:
            found[-1].append(piece)
    return found


def _pieces(text: str) -> Iterator[str]:
    at = 0
    while match := _TOKEN.match(text, at):
        at = match.end()
        if match.lastgroup == "comment":
            at = _behind_comment(text, at)
        elif match["string"]:
            yield _STRING
        elif not match["blank"]:
            yield match[0].lower() if match["word"] else match[0]


def _behind_comment(text: str, at: int) -> int:
    """Return where the comment ends that was opened before ``at``; they nest."""
    depth = 1
    while depth and (match := _COMMENT.search(text, at)):
        depth += 1 if match[0] == "/*" else -1
        at = match.end()
    return len(text) if depth else at

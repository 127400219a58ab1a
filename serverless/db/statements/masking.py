"""Statements without values.

PostgreSQL puts $1 in the place of constants in queries; not in every other command (ALTER ROLE … PASSWORD '…'), and not
where an entry was pushed out and came back while its statement ran. So whatever still looks like a value goes here.
https://www.postgresql.org/docs/current/pgstatstatements.html
"""

import re
from typing import Final

__all__ = ["QUERIES", "masked"]

_TOKEN: Final = re.compile(
    r"""
    (?P<comment> /\*.*?(?:\*/|\Z) | --[^\n]* )
  | (?P<value>
        \$(?P<tag>(?:[A-Za-z_]\w*)?)\$ .*? (?:\$(?P=tag)\$|\Z)
      | [eE]'(?:[^'\\]|\\.|'')*(?:'|\\?\Z)
      | (?:\b[bBxXnN]|\b[uU]&)?'(?:[^']|'')*(?:'|\Z)
    )
  | (?P<kept> \$\d+ | "(?:[^"]|"")*(?:"|\Z) | [^\W\d][\w$]* )
  | (?P<number> (?:\d[\w.]*|\.\d\w*) (?:(?<=[eE])[+-]\d+)? )
    """,
    re.VERBOSE | re.DOTALL,
)
# What reads and writes rows; of everything else the name of the command is enough.
QUERIES: Final = frozenset({"select", "insert", "update", "delete", "merge", "with", "values", "table"})
_SPACE: Final = re.compile(r"\s+")


def masked(text: str) -> str:
    """Return ``text`` on one line, with "?" in the place of each value, and without comments."""
    plain = _SPACE.sub(" ", _TOKEN.sub(_without_value, text)).strip()
    words = plain.lstrip("( ").split(maxsplit=2)
    if not words or words[0].lower() in QUERIES:
        return plain
    return " ".join(word for word in words[:2] if word.isalpha()) + " …"


def _without_value(found: re.Match[str]) -> str:
    if found["comment"] is not None:
        return " "
    return found[0] if found["kept"] is not None else "?"

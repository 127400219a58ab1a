"""What pins: each of AWS's conditions for PostgreSQL, with what else it breaks behind pgbouncer and what to do instead.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-pinning.html
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from serverless.db.pinning.sql import arguments, functions, statements

__all__ = ["MAX_TEXT", "RULES", "Rule", "broken"]

# Bytes of a statement's text; the page above.
MAX_TEXT: Final = 16 * 1024
# At most, of a character in UTF-8.
_BYTES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One way to pin: ``id`` names it in markers and metrics, ``because`` and ``remedy`` are for people."""

    id: str
    because: str
    remedy: str


RULES: Final = MappingProxyType(
    {
        rule.id: rule
        for rule in (
            Rule(
                id="set",
                because="a parameter of the session is set or reset; behind pgbouncer the next client inherits it",
                remedy=(
                    "SET LOCAL or set_config(…, true) inside transaction.atomic(); for every session, ALTER ROLE … SET;"
                    ' an isolation level in OPTIONS["isolation_level"] travels with BEGIN'
                ),
            ),
            Rule(
                id="prepared",
                because="a named prepared statement exists in one session of the server only",
                remedy='leave OPTIONS["prepare_threshold"] at None, as Django does; unnamed statements do not pin',
            ),
            Rule(
                id="cursor",
                because="a declared cursor lives in one session of the server",
                remedy=(
                    '"DISABLE_SERVER_SIDE_CURSORS": True for this alias, and pages by key where the rows are too many'
                    " for memory"
                ),
            ),
            Rule(
                id="temporary",
                because="temporary tables, views and sequences belong to one session of the server",
                remedy="a WITH query, unnest() over arrays, or an ordinary (unlogged) table with a column for the run",
            ),
            Rule(
                id="advisory_lock",
                because="the lock is the server session's: whoever is given that session next holds it, too",
                remedy="pg_advisory_xact_lock() or SELECT … FOR UPDATE inside transaction.atomic()",
            ),
            Rule(
                id="listen",
                because="notifications go to one session of the server, which is another client's by then",
                remedy="a task or a queue; whoever must listen connects to the database itself, not to the proxy",
            ),
            Rule(
                id="sequence",
                because="what a sequence last gave is remembered by one session of the server",
                remedy="INSERT … RETURNING, as Django does, or an identity column; setval() in a migration",
            ),
            Rule(
                id="discard",
                because="DISCARD throws away the state of a session that is shared",
                remedy="leave it to the proxy, which resets its own sessions",
            ),
            Rule(
                id="load",
                because="a library is loaded into one session of the server",
                remedy="session_preload_libraries in the parameter group",
            ),
            Rule(
                id="size",
                because=f"the statement's text is longer than {MAX_TEXT // 1024} KB",
                remedy='OPTIONS["server_side_binding"] = True sends values beside the text; else smaller batches',
            ),
            Rule(
                id="options",
                because="the connection asks for options when it starts, which RDS Proxy and pgbouncer refuse",
                remedy='ALTER ROLE … SET instead of OPTIONS["options"] or PGOPTIONS',
            ),
        )
    }
)

_LOCK = re.compile(r"pg_(try_)?advisory_(un)?lock(_shared|_all)?")
_SEQUENCE = frozenset({"nextval", "setval", "currval", "lastval"})
_TEMPORARY = frozenset({"temp", "temporary"})
# Their names are in a definition, which is not run.
_DEFINITIONS = frozenset({"alter", "comment", "create", "grant", "revoke"})
# Most statements have none of these words: 2 us instead of the 40 that cutting a middling one takes.
_SUSPECT = re.compile(
    r"\b(?:set|reset|set_config|prepare|execute|deallocate|discard|declare|listen|load|temp|temporary|pg_temp"
    r"|nextval|setval|currval|lastval|pg_(?:try_)?advisory_\w+)\b",
    re.IGNORECASE,
)


def broken(text: str) -> tuple[Rule, ...]:
    """Return the rules that ``text``, one or several statements as sent, breaks."""
    if len(text) * _BYTES > MAX_TEXT and len(text.encode()) > MAX_TEXT:
        return (*_in_words(text), RULES["size"])
    return _remembered(text)


@lru_cache(maxsize=1024)  # a project's statements repeat: their values travel beside them
def _remembered(text: str) -> tuple[Rule, ...]:
    return _in_words(text)


def _in_words(text: str) -> tuple[Rule, ...]:
    if not _SUSPECT.search(text):
        return ()
    found = dict.fromkeys(name for tokens in statements(text) for name, applies in _CASES.items() if applies(tokens))
    return tuple(RULES[name] for name in found)


def _sets(tokens: Sequence[str]) -> bool:
    if tokens[0] == "reset":
        return True
    # AWS: SET LOCAL does not pin. SET CONSTRAINTS sets no parameter, and ends with its transaction, too.
    if tokens[0] == "set":
        return tokens[1:2] not in (["local"], ["constraints"])
    return any(given[2:3] != [["true"]] for given in arguments(tokens, "set_config"))


def _prepares(tokens: Sequence[str]) -> bool:
    # PREPARE TRANSACTION is two-phase commit.
    return tokens[0] in {"execute", "deallocate"} or (tokens[0] == "prepare" and tokens[1:2] != ["transaction"])


def _is_temporary(tokens: Sequence[str]) -> bool:
    if tokens[0] == "create" and not _TEMPORARY.isdisjoint(tokens[1:5]):  # OR REPLACE TEMP, LOCAL TEMP
        return True
    pairs = list(pairwise(tokens))
    return ("pg_temp", ".") in pairs or any(pair[0] == "into" and pair[1] in _TEMPORARY for pair in pairs)


def _runs(tokens: Sequence[str]) -> set[str]:
    return set() if tokens[0] in _DEFINITIONS else functions(tokens)


_CASES: Final[dict[str, Callable[[Sequence[str]], bool]]] = {
    "set": _sets,
    "prepared": _prepares,
    "cursor": lambda tokens: tokens[0] == "declare",
    "temporary": _is_temporary,
    "advisory_lock": lambda tokens: any(_LOCK.fullmatch(name) for name in _runs(tokens)),
    "listen": lambda tokens: tokens[0] == "listen",
    "sequence": lambda tokens: not _SEQUENCE.isdisjoint(_runs(tokens)),
    "discard": lambda tokens: tokens[0] == "discard",
    "load": lambda tokens: tokens[0] == "load",
}

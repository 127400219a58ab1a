"""The SQL of migrations, made without a database, and what squawk says of it.

https://squawkhq.com/docs/rules
"""

import json
import logging
import re
import subprocess
import sysconfig
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations import Migration
from django.db.migrations.operations import CreateModel
from django.db.utils import ConnectionHandler
from psycopg.sql import quote

from serverless.deploy.migrations import advice
from serverless.deploy.migrations.findings import Finding, Problem
from serverless.deploy.migrations.history import History, name_of
from serverless.deploy.migrations.plan import is_excused
from serverless.exceptions import ServerlessError

__all__ = ["SquawkMissing", "findings", "sql"]

logger = logging.getLogger(__name__)

PG_VERSION: Final = "17.0"
# What locks, by name. The rest of squawk's rules is about style, or about releases, of which ours know more.
_CONCURRENTLY: Final = advice.INDEX.instead + " For a ForeignKey, db_index=False and then the same."
_INSTEAD: Final = {
    "adding-field-with-default": "Fill the column in parts with a task: this default differs from row to row.",
    "adding-foreign-key-constraint": "ADD CONSTRAINT … NOT VALID, and VALIDATE CONSTRAINT in the next migration.",
    "adding-not-nullable-field": advice.NULL_ENDS.instead,
    "adding-serial-primary-key-field": advice.TYPE.instead,
    "ban-concurrent-index-creation-in-transaction": "Set atomic = False on the Migration.",
    "ban-truncate-cascade": "Name the tables.",
    "constraint-missing-not-valid": "AddConstraintNotValid, and ValidateConstraint in the next migration.",
    "disallowed-unique-constraint": advice.UNIQUE.instead,
    "require-concurrent-index-creation": _CONCURRENTLY,
    "syntax-error": "Correct the SQL.",
    "transaction-nesting": "Leave BEGIN and COMMIT to Django; atomic = False turns its transaction off.",
}


# What CREATE INDEX and ALTER TABLE are about, as Django writes it.
_TABLE: Final = re.compile(r'\b(?:ALTER TABLE|ON) "([^"]+)"')
# What is wrong however few rows there are.
_MISTAKES: Final = {"ban-concurrent-index-creation-in-transaction", "syntax-error", "transaction-nesting"}


class SquawkMissing(ServerlessError):
    """The linter of SQL is not installed, or does not run here."""


def findings(history: History) -> Iterator[Finding]:
    """Yield what squawk finds in the project's new migrations. Raises SquawkMissing."""
    fresh: set[str] = set()
    for migration in history.new():
        fresh |= {
            operation.options.get("db_table") or f"{migration.app_label}_{operation.name_lower}"
            for operation in migration.operations
            if isinstance(operation, CreateModel)
        }
        if history.is_ours(migration) and (text := sql(history, migration)):
            yield from _read(migration, text, fresh)


def sql(history: History, migration: Migration) -> str | None:
    """Return the statements of ``migration``; None where only a database could tell them, which is logged."""
    wrapper = _unconnected()
    state = history.loader.project_state((migration.app_label, migration.name), at_end=False)
    try:
        # Not atomic: that would begin a transaction.
        with wrapper.schema_editor(collect_sql=True, atomic=False) as editor:
            migration.apply(state, editor, collect_sql=True)
    except (_NoDatabaseError, DatabaseError):
        logger.warning("squawk has not seen %s: its SQL depends on the database", name_of(migration))
        return None
    return "\n".join(editor.collected_sql)


class _NoDatabaseError(Exception):
    """Something wanted to ask PostgreSQL."""


def _unconnected() -> Any:
    """Return Django's wrapper of PostgreSQL with a version and without a connection."""
    handler = ConnectionHandler({DEFAULT_DB_ALIAS: connections[DEFAULT_DB_ALIAS].settings_dict})
    wrapper: Any = handler.create_connection(DEFAULT_DB_ALIAS)

    def refuse(*_: object, **__: object) -> None:
        raise _NoDatabaseError

    wrapper.connect = wrapper.ensure_connection = refuse

    def compose(text: str, parameters: Sequence[object] | None) -> str:
        return text % tuple(quote(value) for value in parameters) if parameters else text

    wrapper.ops.compose_sql = compose
    wrapper.pg_version = int(PG_VERSION.partition(".")[0]) * 10_000
    return wrapper


def _read(migration: Migration, text: str, fresh: Collection[str]) -> Iterator[Finding]:
    """Yield what concerns tables with rows: those in ``fresh`` are of this release."""
    lines = ["BEGIN;", *text.splitlines(), "COMMIT;"] if migration.atomic else text.splitlines()
    seen: set[tuple[str, str]] = set()
    for said in _squawk("\n".join(lines)):
        rule, statement = said["rule_name"], lines[min(said["line"], len(lines) - 1)]
        table = _TABLE.search(statement)
        is_old = table is None or table[1] not in fresh
        # Of a new column, all of whose rows are NULL, PostgreSQL believes what it refers to.
        is_believed = rule == "adding-foreign-key-constraint" and " ADD COLUMN " in statement
        is_excusable = is_excused(migration) and rule not in _MISTAKES
        if rule in _INSTEAD and is_old and not (is_believed or is_excusable or (rule, statement) in seen):
            seen.add((rule, statement))
            problem = Problem(rule=f"squawk:{rule}", says=said["message"], instead=_INSTEAD[rule])
            yield Finding(migration=name_of(migration), operation=statement[:120], problem=problem)


def _squawk(text: str) -> list[dict[str, Any]]:
    program = Path(sysconfig.get_path("scripts")) / "squawk"
    command = [str(program), "--reporter", "json", "--pg-version", PG_VERSION, "--stdin-filepath", "migration.sql"]
    try:
        done = subprocess.run(  # noqa: S603 - a program of our own requirements
            command, input=text, capture_output=True, text=True, timeout=60, check=False
        )
        found: list[dict[str, Any]] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise SquawkMissing(
            f"squawk did not run ({type(error).__name__}): install squawk-cli, which brings the program along."
        ) from None
    return found

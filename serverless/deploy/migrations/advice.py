"""The words of each rule: what would happen, and the way around it."""

from typing import Final

from serverless.deploy.migrations.findings import Problem

CODE: Final = Problem(
    rule="code",
    says="It runs Python or SQL that no rule can read, while the code before it serves.",
    instead='Say why that code can live with it, while_serving = "…" on the Migration, or after_switch = True.',
)
NOT_NULL: Final = Problem(
    rule="add-not-null",
    says="The code before it inserts rows without this column, and would fail.",
    instead="Give the field a db_default, or null=True. A default alone is Python's: the database has none.",
)
GENERATED: Final = Problem(
    rule="add-generated",
    says="PostgreSQL computes a generated column for each row, and lets nobody read or write the table meanwhile.",
    instead="Add an ordinary column that may be null, and fill it in parts with a task.",
)
UNIQUE: Final = Problem(
    rule="unique",
    says="A unique index is built while nobody can write to the table, and the code before it may break it.",
    instead="RunSQL with CREATE UNIQUE INDEX CONCURRENTLY (atomic = False), and in the next release a UniqueConstraint "
    "on the model by SeparateDatabaseAndState.",
)
REMOVED: Final = Problem(
    rule="remove-field",
    says="The code before it selects this column by name, and would fail.",
    instead="Put it into a migration of its own with after_switch = True.",
)
REMOVED_NOT_NULL: Final = Problem(
    rule="remove-not-null",
    says="Between the switch and this migration the new code inserts rows without the column, which has no default.",
    instead="Before it, in a migration that runs before the switch, AlterField with null=True or a db_default.",
)
DELETED: Final = Problem(
    rule="delete-model",
    says="The code before it still works with this table, and would fail.",
    instead="Put it into a migration of its own with after_switch = True.",
)
RENAMED_FIELD: Final = Problem(
    rule="rename-field",
    says="One of the two releases knows the column by another name, whenever this runs.",
    instead="Keep the column's name with db_column; or add a new field, write both, copy, and remove the old one after "
    "a later switch.",
)
RENAMED_MODEL: Final = Problem(
    rule="rename-table",
    says="One of the two releases knows the table by another name, whenever this runs.",
    instead="Keep the table's name with Meta.db_table (AlterModelTable is then without effect, and may stay).",
)
TYPE: Final = Problem(
    rule="change-type",
    says="PostgreSQL writes the whole table anew, and lets nobody read or write it meanwhile.",
    instead="Add a field of the new type, write both, copy with a task, and remove the old one after a later switch.",
)
SHORTER: Final = Problem(
    rule="shorten",
    says="The code before it may write what is too long, and PostgreSQL writes the whole table anew under a lock.",
    instead="Leave the column, and hold the new code to less: a validator, or a CheckConstraint added NOT VALID.",
)
NULL_ENDS: Final = Problem(
    rule="not-null",
    says="The code before it may write NULL.",
    instead="Put it into a migration with after_switch = True; of many rows, after a CheckConstraint that was added "
    "NOT VALID and validated, which spares the lock.",
)
DEFAULT_ENDS: Final = Problem(
    rule="drop-default",
    says="The code before it leaves this column to the database's default.",
    instead="Put it into a migration with after_switch = True.",
)
INDEX: Final = Problem(
    rule="add-index",
    says="An index is built while nobody can write to the table.",
    instead="django.contrib.postgres.operations.AddIndexConcurrently, alone in a migration with atomic = False.",
)
CONSTRAINT: Final = Problem(
    rule="add-constraint",
    says="The code before it may write what the constraint forbids, and every row is looked at under a lock.",
    instead="AddConstraintNotValid in a migration with after_switch = True, and ValidateConstraint in the next one; or "
    'say why that code cannot break it, while_serving = "…".',
)


def unknown(name: str) -> Problem:
    """Return what to say of an operation that no rule is about."""
    return Problem(
        rule="unknown",
        says=f"No rule knows the operation {name}.",
        instead=CODE.instead,
    )

"""One rule a kind of operation. They speak of tables with rows, and of code that goes on serving beside the change."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres import operations as postgres
from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import F, Field, Q
from django.db.models.constraints import CheckConstraint, UniqueConstraint

from serverless.deploy.migrations import advice
from serverless.deploy.migrations.columns import column, narrowings
from serverless.deploy.migrations.findings import Problem
from serverless.deploy.migrations.plan import is_after, is_excused
from serverless.deploy.migrations.release import Release

__all__ = ["problems"]

type _Field = Field[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One operation, with the models as they are before it, and what its migration says of itself."""

    operation: Any
    label: str
    state: ProjectState
    release: Release
    after: bool
    is_excused: bool

    def model(self, name: str) -> ModelState:
        found: ModelState = self.state.models[self.label, name.lower()]
        return found

    def field(self) -> "_Field":
        fields = self.model(self.operation.model_name).fields
        return next(field for name, field in fields.items() if name.lower() == self.operation.name.lower())


type _Rule = Callable[[_Case], Iterator[Problem]]


def problems(operation: Operation, *, migration: Migration, state: ProjectState, release: Release) -> list[Problem]:
    """Return what is wrong with ``operation``, whose models are in ``state``."""
    named = getattr(operation, "model_name", None) or getattr(operation, "old_name", None) or ""
    if named and release.made_model(migration.app_label, named):
        return []
    if release.made_model(migration.app_label, getattr(operation, "name", "")) and not hasattr(operation, "model_name"):
        return []
    case = _Case(
        operation=operation,
        label=migration.app_label,
        state=state,
        release=release,
        after=is_after(migration),
        is_excused=is_excused(migration),
    )
    rule = next((_RULES[kind] for kind in type(operation).__mro__ if kind in _RULES), _unknown)
    return list(rule(case))


def _fine(_: _Case) -> Iterator[Problem]:
    yield from ()


def _unknown(case: _Case) -> Iterator[Problem]:
    if not (case.after or case.is_excused):
        yield advice.unknown(type(case.operation).__name__)


def _code(case: _Case) -> Iterator[Problem]:
    noops = (operations.RunPython.noop, operations.RunSQL.noop)
    runs = getattr(case.operation, "code", None) or getattr(case.operation, "sql", None)
    if runs not in noops and not (case.after or case.is_excused):
        yield advice.CODE


def _add_field(case: _Case) -> Iterator[Problem]:
    field = case.operation.field
    if field.many_to_many:
        return
    if field.generated:
        yield advice.GENERATED
    elif not field.null and not field.has_db_default():
        yield advice.NOT_NULL
    if field.unique:
        yield advice.UNIQUE


def _remove_field(case: _Case) -> Iterator[Problem]:
    field = case.field()
    if field.many_to_many:
        if not case.after:
            yield advice.REMOVED
        return
    if not case.after:
        yield advice.REMOVED
    if not (field.null or field.has_db_default() or field.generated):
        yield advice.REMOVED_NOT_NULL


def _delete_model(case: _Case) -> Iterator[Problem]:
    if not case.after:
        yield advice.DELETED


def _rename_field(case: _Case) -> Iterator[Problem]:
    fields = case.model(case.operation.model_name).fields
    if not fields[case.operation.old_name].db_column:
        yield advice.RENAMED_FIELD


def _rename_model(case: _Case) -> Iterator[Problem]:
    if not case.model(case.operation.old_name).options.get("db_table"):
        yield advice.RENAMED_MODEL


def _alter_table(case: _Case) -> Iterator[Problem]:
    model = case.model(case.operation.name)
    table = model.options.get("db_table") or f"{case.label}_{model.name_lower}"
    if table != (case.operation.table or f"{case.label}_{model.name_lower}"):
        yield advice.RENAMED_MODEL


def _alter_field(case: _Case) -> Iterator[Problem]:
    before, field = case.field(), case.operation.field
    if column(before, case.operation.name) != column(field, case.operation.name):
        yield advice.RENAMED_FIELD
    for narrowing in narrowings(before, field):
        if narrowing.never or not case.after:
            yield narrowing.problem


def _add_index(_: _Case) -> Iterator[Problem]:
    yield advice.INDEX


def _add_constraint(case: _Case) -> Iterator[Problem]:
    model, constraint = case.operation.model_name, case.operation.constraint
    names = _names(constraint)
    ours = bool(names) and all(case.release.made_field(case.label, model, name) for name in names)
    if not (ours or case.after or case.is_excused):
        yield advice.CONSTRAINT


def _names(constraint: object) -> set[str]:
    """Return the fields that a constraint speaks of; empty where that cannot be told."""
    if isinstance(constraint, UniqueConstraint) and constraint.fields:
        return set(constraint.fields) | (_inside(constraint.condition) if constraint.condition else set())
    if isinstance(constraint, CheckConstraint) and isinstance(constraint.condition, Q):
        return _inside(constraint.condition)
    return set()


def _inside(condition: Q) -> set[str]:
    names: set[str] = set()
    for child in condition.children:
        if isinstance(child, Q):
            names |= _inside(child)
        elif isinstance(child, tuple):
            names |= {child[0].partition("__")[0]} | ({vars(child[1])["name"]} if isinstance(child[1], F) else set())
        else:
            return set()
    return names


def _together(case: _Case) -> Iterator[Problem]:
    name = case.operation.option_name
    model = case.model(case.operation.name)
    if case.operation.option_value - set(map(tuple, model.options.get(name, ()))):
        yield advice.CONSTRAINT


def _order(_: _Case) -> Iterator[Problem]:
    yield advice.NOT_NULL


_RULES: Final[dict[type, _Rule]] = {
    operations.CreateModel: _fine,
    operations.AlterModelOptions: _fine,
    operations.AlterModelManagers: _fine,
    operations.AlterModelTableComment: _fine,
    operations.RenameIndex: _fine,
    operations.RemoveIndex: _fine,
    operations.RemoveConstraint: _fine,
    operations.AlterConstraint: _fine,
    operations.AddField: _add_field,
    operations.RemoveField: _remove_field,
    operations.DeleteModel: _delete_model,
    operations.RenameField: _rename_field,
    operations.RenameModel: _rename_model,
    operations.AlterModelTable: _alter_table,
    operations.AlterField: _alter_field,
    operations.AddIndex: _add_index,
    operations.AddConstraint: _add_constraint,
    operations.AlterUniqueTogether: _together,
    operations.AlterIndexTogether: _fine,
    operations.AlterOrderWithRespectTo: _order,
    operations.RunPython: _code,
    operations.RunSQL: _code,
    postgres.AddIndexConcurrently: _fine,
    postgres.RemoveIndexConcurrently: _fine,
    postgres.AddConstraintNotValid: _add_constraint,
    postgres.ValidateConstraint: _fine,
    postgres.CreateExtension: _fine,
    postgres.CreateCollation: _fine,
}

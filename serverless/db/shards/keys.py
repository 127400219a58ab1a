"""How a sharded model's rows name their key, and the order in which their tables depend on each other."""

from collections.abc import Iterator, Sequence

from django.apps import apps
from django.db import models

from serverless.db.shards.kinds import Kind, is_key, kind_of

__all__ = ["key_field", "sharded_models"]


def key_field(model: type[models.Model]) -> "models.ForeignKey[models.Model] | None":
    """Return the foreign key by which the rows of ``model`` belong to a key."""
    for field in model._meta.concrete_fields:  # noqa: SLF001 - documented
        target = field.related_model
        if isinstance(field, models.ForeignKey) and isinstance(target, type) and is_key(target):
            return field
    return None


def sharded_models() -> Sequence[type[models.Model]]:
    """Return the models whose rows a move carries, each after those that it refers to, and always in the same order.

    In a circle a nullable reference waits: the database looks at it when the transaction ends.
    """
    left = sorted(
        (m for m in apps.get_models(include_auto_created=True) if kind_of(m) is Kind.SHARDED and not m._meta.proxy),  # noqa: SLF001 - documented
        key=lambda model: model._meta.label_lower,  # noqa: SLF001 - documented
    )
    placed: list[type[models.Model]] = []
    while left:
        free = (m for m in left if not set(_references(m, nullable=True)) & set(left))
        bound = (m for m in left if not set(_references(m, nullable=False)) & set(left))
        chosen = next(free, None) or next(bound, None) or left[0]
        left.remove(chosen)
        placed.append(chosen)
    return placed


def _references(model: type[models.Model], *, nullable: bool) -> Iterator[type[models.Model]]:
    for field in model._meta.concrete_fields:  # noqa: SLF001 - documented
        target = field.related_model
        if not isinstance(field, models.ForeignKey) or not isinstance(target, type) or target is model:
            continue
        if nullable or not field.null:
            yield target

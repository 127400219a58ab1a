"""Whose rows lie where, by settings."""

from enum import StrEnum

from django.db.models import Model

from serverless.conf import conf

__all__ = ["Kind", "is_key", "kind_of"]


class Kind(StrEnum):
    """In the default database, on the shard of their key, or wherever the transaction is that writes them."""

    DIRECTORY = "directory"
    SHARDED = "sharded"
    LOCAL = "local"


def kind_of(model: type[Model]) -> Kind:
    """Return where a model's rows lie. What settings do not name is the directory's."""
    meta, known = (model._meta.concrete_model or model)._meta, conf().shards  # noqa: SLF001 - documented
    names = {meta.app_label.lower(), meta.label_lower}
    if names & known.models:
        return Kind.SHARDED
    return Kind.LOCAL if names & known.local else Kind.DIRECTORY


def is_key(model: type[Model]) -> bool:
    """Whether rows are spread by this model's."""
    concrete = model._meta.concrete_model or model  # noqa: SLF001 - documented
    return concrete._meta.label_lower == conf().shards.key.lower()  # noqa: SLF001 - documented

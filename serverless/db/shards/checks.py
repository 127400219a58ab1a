"""Whether what lies on shards can be found there, stays whole there, and can be moved."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import FieldDoesNotExist
from django.db import connections, models, router

from serverless.conf import conf
from serverless.db.shards.directory import find_directory
from serverless.db.shards.keys import key_field
from serverless.db.shards.kinds import Kind, is_key, kind_of
from serverless.db.shards.router import Router

__all__ = ["check_shards"]

_MIDDLEWARE = "serverless.db.shards.middleware.ShardMiddleware"


@register
def check_shards(**_: Any) -> list[CheckMessage]:
    """serverless.E050 to E059; nothing where there are no shards."""
    if not conf().shards.aliases:
        return []
    return [*_aliases(), *_names(), *(problem for model in _models() for problem in _check(model)), *_wiring()]


def _models() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]  # noqa: SLF001 - documented


def _aliases() -> Iterator[CheckMessage]:
    named = conf().shards.aliases
    for alias in sorted({alias for alias in named if alias not in connections or named.count(alias) > 1}):
        yield Error(
            f'SERVERLESS["SHARDS"]["ALIASES"] names {alias!r}, which is no alias of DATABASES or stands there twice.',
            hint="Name each alias of DATABASES that holds keys once.",
            id="serverless.E050",
        )


def _names() -> Iterator[CheckMessage]:
    known = {name for model in _models() for name in (model._meta.app_label, model._meta.label_lower)}  # noqa: SLF001 - documented
    for name in sorted((conf().shards.models | conf().shards.local) - known - {"tasks"}):
        yield Error(
            f'SERVERLESS["SHARDS"] names {name!r}, which is neither an app nor a model.',
            hint='Write "app_label" or "app_label.Model".',
            id="serverless.E051",
        )
    try:
        meta = apps.get_model(conf().shards.key)._meta  # noqa: SLF001 - documented
        kind = find_directory()
        for name in (kind.shard_field, kind.closed_field, *kind.owned):
            meta.get_field(name)
    except (LookupError, FieldDoesNotExist, ImportError) as error:
        yield Error(
            f'SERVERLESS["SHARDS"]["KEY"] is no model with the fields of its directory: {error}.',
            hint="The model needs a text field `shard` and a nullable DateTimeField `moving_since`, or a directory of "
            "its own that says how they are called.",
            id="serverless.E052",
        )


def _check(model: type[models.Model]) -> Iterator[CheckMessage]:
    yield from _relations(model)
    if kind_of(model) is not Kind.SHARDED:
        return
    if is_key(model):
        yield _error(model, "is the key itself", "The directory is in the default database. Take it out of MODELS.", 53)
    elif key_field(model) is None:
        hint = "Give it a foreign key to the key's model: a move finds its rows by that."
        yield _error(model, "has no foreign key to the key", hint, 54)
    if isinstance(model._meta.pk, models.AutoField):  # noqa: SLF001 - documented
        hint = "Give it a UUID that is made before the row: two shards count the same numbers."
        yield _error(model, "numbers its rows", hint, 55)


def _relations(model: type[models.Model]) -> Iterator[CheckMessage]:
    kind = kind_of(model)
    for many in model._meta.local_many_to_many:  # noqa: SLF001 - documented
        through: Any = many.remote_field.through
        crosses = kind is Kind.SHARDED or kind_of(many.related_model) is not kind
        if crosses and through._meta.auto_created:  # noqa: SLF001 - documented
            what = f"is many-to-many with {many.related_model._meta.label} ({many.name})"  # noqa: SLF001 - documented
            hint = "Name a `through` model that has a foreign key to the key: the rows between carry none."
            yield _error(model, what, hint, 56)
    if model._meta.auto_created:  # noqa: SLF001 - documented
        return
    for field in model._meta.local_fields:  # noqa: SLF001 - documented
        if not isinstance(field, models.ForeignKey) or not isinstance(field.related_model, type):
            continue
        target = field.related_model
        if kind_of(target) is kind and not is_key(model):
            continue
        # Each shard has the rows of its keys. Elsewhere no constraint is the say-so that rows are looked up by hand.
        if is_key(target) or not field.db_constraint:  # type: ignore[attr-defined] # not in the stubs
            continue
        what = f"refers to {target._meta.label} ({field.name}), which lies in another database"  # noqa: SLF001 - documented
        hint = "Keep the id alone, or set db_constraint=False and look it up where it is: no join will find it."
        yield _error(model, what, hint, 57)


def _wiring() -> Iterator[CheckMessage]:
    routed = any(isinstance(one, Router) for one in router.routers)
    if not routed or _MIDDLEWARE not in settings.MIDDLEWARE:
        yield Error(
            "There are shards, but no serverless.db.shards.router.Router in DATABASE_ROUTERS, or no "
            f"{_MIDDLEWARE} in MIDDLEWARE.",
            hint="Name both: the router finds a request's shard, the middleware ends what it settled on.",
            id="serverless.E058",
        )
    if not apps.is_installed("serverless.db.shards") or "shards" not in conf().manage.commands:
        yield Error(
            "There are shards, but releases cannot migrate them: serverless.db.shards is not in INSTALLED_APPS, or "
            '"shards" not in SERVERLESS["MANAGE"]["COMMANDS"].',
            hint="Add both: a release has the migrator run `shards migrate`.",
            id="serverless.E059",
        )


def _error(model: type[models.Model], what: str, hint: str, number: int) -> CheckMessage:
    return Error(f"{model._meta.label} {what}.", hint=hint, obj=model, id=f"serverless.E{number:03d}")  # noqa: SLF001 - documented

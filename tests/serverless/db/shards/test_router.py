"""The router alone: models stand for their kinds, and nothing is asked of a database."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.db import connections, models, router, transaction
from pytest_django.fixtures import Settings

from app.accounts.models import Membership, Studio, User
from app.api.models import ApiToken
from app.galleries.models import Gallery, Photo
from app.notifications.models import CaughtEmail, OutboxEmail
from app.sharing.models import AccessEvent, LinkAddress, ShareLink
from serverless.db import shards
from serverless.tasks.models import Pause, TaskRow
from tests.sharded import ROUTER

SHARDED = (Gallery, Photo, ShareLink, AccessEvent)
DIRECTORY = (User, Studio, Membership, ApiToken, LinkAddress, Session, Permission, CaughtEmail)
LOCAL = (TaskRow, Pause, OutboxEmail)


def both(model: type[models.Model], **hints: Any) -> set[str]:
    return {router.db_for_read(model, **hints), router.db_for_write(model, **hints)}


def read_from(alias: str, model: type[models.Model] = Gallery) -> models.Model:
    row = model()
    row._state.db = alias
    return row


@pytest.mark.parametrize("model", SHARDED)
def test_sharded_rows_are_on_the_current_shard_or_nowhere(model: type[models.Model]) -> None:
    with pytest.raises(shards.NoShard, match=rf"{model._meta.label} lies on the shards, and none is current"):
        router.db_for_read(model)
    with pytest.raises(shards.NoShard):
        router.db_for_write(model)
    for alias in ("default", "other"):
        with shards.using(alias):
            assert both(model) == {alias}


@pytest.mark.parametrize("model", DIRECTORY)
def test_directory_is_one(model: type[models.Model]) -> None:
    assert both(model) == {"default"}
    with shards.using("other"):
        assert both(model, instance=read_from("other", Studio)) == {"default"}


def test_related_rows_are_where_their_row_is() -> None:
    assert both(Photo, instance=read_from("other")) == {"other"}
    with shards.using("other"):
        assert both(Photo, instance=read_from("other")) == {"other"}
        with pytest.raises(shards.WrongShard, match=r"A row of 'default' leads to galleries\.Photo, but 'other'"):
            router.db_for_read(Photo, instance=read_from("default"))
        # Where the directory's row of a studio was read says nothing.
        assert both(Gallery, instance=read_from("default", Studio)) == {"other"}
        # A database that has nothing to do with it.
        assert both(Photo, instance=read_from("elsewhere")) == {"other"}


def with_replicas(settings: Settings) -> None:
    replicas = {"OF": {"default": ["copy"], "other": ["copy-of-other"]}, "MODELS": ["galleries.Gallery"]}
    settings.SERVERLESS = settings.SERVERLESS | {"REPLICAS": replicas}
    settings.DATABASE_ROUTERS = ["serverless.db.replicas.Router", ROUTER]


def test_rows_of_a_replica_are_their_shards(settings: Settings) -> None:
    with_replicas(settings)
    assert both(Photo, instance=read_from("copy-of-other")) == {"other"}
    with shards.using("other"):
        assert both(Photo, instance=read_from("copy-of-other")) == {"other"}
        with pytest.raises(shards.WrongShard, match="A row of 'default' leads to"):
            router.db_for_read(Photo, instance=read_from("copy"))
    with pytest.raises(shards.NoShard):
        router.db_for_write(Gallery)
    assert both(TaskRow, instance=read_from("copy", TaskRow)) == {"default"}
    # Whoever was read where may be tied to whom.
    assert router.allow_relation(read_from("copy-of-other"), read_from("other", Photo))
    assert router.allow_relation(read_from("copy-of-other"), read_from("default", Studio))
    assert router.allow_relation(read_from("copy", Studio), read_from("copy-of-other"))
    assert not router.allow_relation(read_from("copy"), read_from("copy-of-other", Photo))
    assert not router.allow_relation(read_from("copy"), read_from("other", Photo))
    # Nothing is migrated on a replica, everything on each shard.
    assert [alias for alias in ("default", "copy", "other", "copy-of-other") if router.allow_migrate(alias, "x")] == [
        "default",
        "other",
    ]


@pytest.mark.django_db(databases=["default", "other"], transaction=True)
@pytest.mark.parametrize("model", LOCAL)
def test_local_rows_are_beside_the_work(model: type[models.Model]) -> None:
    assert both(model) == {"default"}
    with shards.using("other"):
        assert both(model) == {"other"}
        with transaction.atomic():
            assert both(model) == {"default"}
            with transaction.atomic(using="other"):
                assert both(model) == {"other"}
        assert both(model, instance=read_from("default", model)) == {"default"}


@pytest.mark.django_db(databases=["default", "other"], transaction=True)
def test_transaction_is_of_the_models_database() -> None:
    @shards.atomic(Gallery)
    def work() -> tuple[bool, bool]:
        return connections["default"].in_atomic_block, connections["other"].in_atomic_block

    for alias, expected in (("other", (False, True)), ("default", (True, False))):
        with shards.using(alias):
            assert work() == expected  # asked at each call
    with pytest.raises(shards.NoShard):
        work()
    with shards.using("other"), pytest.raises(ZeroDivisionError), shards.atomic(Gallery):
        raise ZeroDivisionError
    assert not connections["other"].in_atomic_block


def test_without_shards_a_transaction_is_the_default_ones(settings: Settings) -> None:
    settings.SERVERLESS, settings.DATABASE_ROUTERS = {}, []
    assert (shards.alias_of_work(), shards.is_on()) == ("default", False)
    assert router.db_for_write(Gallery) == "default"


def test_rows_of_two_databases_are_not_tied_together() -> None:
    assert router.allow_relation(read_from("default", Studio), read_from("other"))
    assert not router.allow_relation(read_from("default"), read_from("other", Photo))
    assert router.allow_relation(read_from("other"), read_from("other", Photo))


def test_every_database_has_every_table() -> None:
    for model in (*SHARDED, *DIRECTORY, *LOCAL):
        assert router.allow_migrate_model("other", model)


class Copies:
    """What a router of replicas does: asks the others, and maps the alias."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str:
        others = [one for one in router.routers if one is not self]
        return {"other": "replica-of-other"}.get(others[0].db_for_read(model, **hints), "default")


def test_router_of_replicas_goes_before(settings: Settings) -> None:
    settings.DATABASE_ROUTERS = [f"{__name__}.Copies", *settings.DATABASE_ROUTERS]
    with shards.using("other"):
        assert router.db_for_read(Gallery) == "replica-of-other"
        assert router.db_for_write(Gallery) == "other"
    with pytest.raises(shards.NoShard):
        router.db_for_read(Gallery)

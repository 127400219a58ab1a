"""``make rollback STAGE= RELEASE=``: an earlier release serves again, as it was.

A version holds code and configuration together and never changes, so that pointing the aliases back restores both; its
static files were kept. What does not go back is the database.
"""

from collections.abc import Mapping
from functools import partial

from serverless.deploy.exceptions import DeployError
from serverless.deploy.release import edge, migrate, smoke, statics, switch, verify
from serverless.deploy.release.context import Stage, now
from serverless.deploy.release.exceptions import NotPossible
from serverless.deploy.release.interrupts import terminated, undisturbed
from serverless.deploy.release.outcome import what_serves
from serverless.deploy.release.patience import Patience
from serverless.deploy.release.record import Record
from serverless.stack import names
from serverless.stack.names import Function

__all__ = ["roll_back"]


def roll_back(stage: Stage, identifier: str, *, anyway: bool = False) -> None:
    """Have release ``identifier`` serve, and prove it. Raises DeployError; then what served before serves.

    ``anyway``: although the database has had migrations that it does not know.
    """
    lock = stage.lock()
    with terminated(), lock.held(f"rollback to {identifier}") as told:
        if told:
            stage.log(told)
        record = stage.records.read(identifier)
        before = stage.live()
        previous = stage.records.serving(before) if before else None
        _require(stage, record, anyway=anyway, first=not before)
        verify.can_serve(stage, release=record.id, versions=record.versions)
        smoke.warm(stage, record.versions["web"])
        reserved = {which: stage.functions.reserved(stage.name(which)) for which in before}
        lock.renew()
        try:
            _go(stage, record)
        except BaseException as problem:
            with undisturbed(stage.log):
                stage.log(f"{identifier} does not serve ({type(problem).__name__}); going back …")
                _back(stage, before, reserved)
                stage.log(what_serves(stage, before=before, previous=previous))
            raise
        stage.records.served(record, when=now())
        stage.log(
            f"{identifier} serves {stage.config.stage}: code, configuration and static files are as on {record.when}."
        )
        edge.forget(stage)
        _timeouts(stage, record)


def _go(stage: Stage, record: Record) -> None:
    switch.point(stage, record.versions, description=f"release {record.id}")
    for which in names.FUNCTIONS:
        stage.functions.reserve(stage.name(which), record.configurations[which]["Concurrency"])
    verify.serves(stage, release=record.id, versions=record.versions)


def _back(stage: Stage, before: Mapping[Function, str], reserved: Mapping[Function, int | None]) -> None:
    """Each by itself: what cannot be taken back keeps nothing else from it, and hides no cause."""
    patience = Patience(stage.log)
    steps = [partial(switch.restore, stage, before, description="after a rollback that failed")]
    steps += [partial(stage.functions.reserve, stage.name(which), number) for which, number in reserved.items()]
    for step in steps:
        try:
            patience(step)
        except DeployError as problem:
            stage.log(f"going back failed, too: {problem}")
    edge.forget(stage)


def _timeouts(stage: Stage, record: Record) -> None:
    """The database's users have the timeouts of the release that serves; it serves all the same."""
    try:
        migrate.bootstrap(stage, record.versions["migrator"])
    except DeployError as problem:
        stage.log(f"The timeouts of the database's users are those of the release before: {problem}")


def _require(stage: Stage, record: Record, *, anyway: bool, first: bool) -> None:
    """Raise NotPossible unless all is there that the release needs, before anything is touched."""
    for which in names.FUNCTIONS:
        name, version = stage.name(which), record.versions[which]
        try:
            found = stage.functions.describe(name, version)
        except DeployError as problem:
            raise NotPossible(
                f"Version {version} of {name} is gone, so {record.id} cannot serve again as it was. Check out its "
                f"commit ({record.commit}) and `zappa update {stage.config.stage}`. ({problem})"
            ) from problem
        if found["CodeSha256"] != record.sha256:
            raise NotPossible(f"Version {version} of {name} is not the code of {record.id}: its record is not true.")
    if gone := statics.missing(stage.s3, record.static, bucket=stage.static_bucket):
        raise NotPossible(
            f"{len(gone)} static files of {record.id} are gone from {stage.static_bucket} ({gone[0]}, …). Check out "
            f"its commit ({record.commit}) and `zappa update {stage.config.stage}`."
        )
    if anyway or first:
        return
    applied = [migration.label for migration in migrate.known(stage, names.ALIAS) if migration.applied]
    # The code that serves may know fewer than have been run, after a rollback.
    earlier = [label for other in stage.records.list() if other.served for label in other.migrations]
    known = set(record.migrations)
    if unknown := [label for label in dict.fromkeys(applied + earlier) if label not in known]:
        raise NotPossible(
            f"The database has had migrations that {record.id} does not know: {', '.join(unknown)}. Those for before a "
            f"switch were written so that the release before them runs on; look at them, and if {record.id} does, "
            f"`make rollback STAGE={stage.config.stage} RELEASE={record.id} ANYWAY=1`. Nothing was changed."
        )

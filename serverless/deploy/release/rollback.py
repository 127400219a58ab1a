"""``make rollback STAGE= RELEASE=``: an earlier release serves again, as it was.

A version holds code and configuration together and never changes, so that pointing the aliases back restores both; its
static files were kept. What does not go back is the database.
"""

from serverless.deploy.exceptions import DeployError
from serverless.deploy.release import migrate, statics, switch, verify
from serverless.deploy.release.context import Stage, now
from serverless.deploy.release.exceptions import NotPossible
from serverless.deploy.release.interrupts import terminated, undisturbed
from serverless.deploy.release.record import Record
from serverless.stack import names

__all__ = ["roll_back"]


def roll_back(stage: Stage, identifier: str, *, anyway: bool = False) -> None:
    """Have release ``identifier`` serve, and prove it. Raises DeployError; then what served before serves.

    ``anyway``: although the database has had migrations that it does not know.
    """
    with terminated(), stage.lock().held(f"rollback to {identifier}") as told:
        if told:
            stage.log(told)
        record = stage.records.read(identifier)
        before = stage.live()
        _require(stage, record, anyway=anyway, first=not before)
        reserved = {which: stage.functions.reserved(stage.name(which)) for which in before}
        try:
            _go(stage, record)
        except BaseException as problem:
            with undisturbed(stage.log):
                stage.log(f"{identifier} does not serve ({type(problem).__name__}); what served before does again.")
                switch.restore(stage, before, description="after a rollback that failed")
                for which, number in reserved.items():
                    stage.functions.reserve(stage.name(which), number)
            raise
        stage.records.served(record, when=now())
        stage.log(
            f"{identifier} serves {stage.config.stage}: code, configuration and static files are as on {record.when}."
        )


def _go(stage: Stage, record: Record) -> None:
    switch.point(stage, record.versions, description=f"release {record.id}")
    for which in names.FUNCTIONS:
        stage.functions.reserve(stage.name(which), record.configurations[which]["Concurrency"])
    verify.serves(stage, release=record.id, versions=record.versions)


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

"""The steps of a move, each of which may be where the one before it was stopped.

closed -> (rows copied, compared, tasks taken along) -> switched -> opened -> purged

A step holds the row of its move, so that no other process takes it meanwhile, and what it does in the default database
is done with it or not at all.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Final

from django.db import DEFAULT_DB_ALIAS, IntegrityError, OperationalError, connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from serverless.conf import conf
from serverless.db.replicas import replicas_of
from serverless.db.shards.current import aliases
from serverless.db.shards.directory import find_directory
from serverless.db.shards.exceptions import MoveRefused, ShardError
from serverless.db.shards.models import UNFINISHED, Move, Step
from serverless.db.shards.mover import copying, parking

__all__ = ["DRAIN_S", "Patience", "give_up", "move", "purge"]

# A request that began before the key was closed may write until it ends: API Gateway cuts it off after 30 s.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
DRAIN_S: Final = 35.0

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_LOCK_NOT_AVAILABLE: Final = "55P03"
_BUSY: Final = "It is being moved right now, by another process."

type Say = Callable[[str], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds: ``drain`` for requests that were under way when the key was closed, ``tasks`` for its tasks that run."""

    drain: float = DRAIN_S
    tasks: float = 900.0


def move(key: object, *, to: str, patience: Patience, say: Say) -> None:
    """Move a key, or go on where a call before this one stopped. Raises ShardError: nothing is lost, and it says how.

    Afterwards it is open on ``to``, and its old rows are still where they were.
    """
    here = _begin(key, to=to, say=say)
    if here is not None and here.step == Step.CLOSED:
        _carry(here, patience=patience, say=say)
    if here is not None and here.step == Step.SWITCHED:
        _open(here, say=say)


def give_up(key: object, *, say: Say) -> None:
    """Leave a key that is closed where it is, and open it again. Raises MoveRefused where it has switched."""
    here = _unfinished(key)
    if here is None or here.step != Step.CLOSED:
        raise MoveRefused("There is no move of it that could be given up. After the switch it only goes forward.")
    with _held(here):
        parking.drop(key, alias=here.target, of=here.source)
        deleted = copying.clear(key, alias=here.target)
        find_directory().remove_copy(key, alias=here.target)
        parking.release(key, alias=here.source)
        find_directory().open(key)
        _note(here, Step.GIVEN_UP, ended_at=Now())
    say(f"Open again on {here.source!r}; {deleted:,} rows that were copied to {here.target!r} are deleted.")


def purge(key: object, *, anyway: bool, say: Say) -> None:
    """Delete the old rows of a key that was moved. Raises MoveRefused where somebody wrote to them after the copy."""
    here = _unfinished(key)
    if here is None or here.step != Step.OPENED:
        raise MoveRefused("It has no old rows: there is no move of it that has ended and was not purged.")
    with _held(here):
        found = {table: asdict(digest) for table, digest in copying.digests(key, alias=here.source).items()}
        # Tables that were cleared by a purge before this one, stopped before it said so.
        other = [table for table in found if found[table] != here.rows.get(table) and found[table]["rows"]]
        if other and not anyway:
            raise MoveRefused(
                f"The old rows on {here.source!r} are not those that were copied: {', '.join(other)}. Somebody wrote "
                "to them since. Look at what is there; --anyway deletes them."
            )
        deleted = copying.clear(key, alias=here.source)
        find_directory().remove_copy(key, alias=here.source)
        _note(here, Step.PURGED, ended_at=Now())
    say(f"{deleted:,} old rows deleted from {here.source!r}.")


def _begin(key: object, *, to: str, say: Say) -> Move | None:
    """Return the move to make or to go on with; None where there is nothing left to do."""
    if to not in aliases():
        raise ShardError(f"{to!r} is no shard. Known: {', '.join(aliases())}.")
    here = _unfinished(key)
    if here is not None and here.target != to:
        hint = "purge" if here.step == Step.OPENED else "move or open"
        raise MoveRefused(
            f"Its move from {here.source!r} to {here.target!r} is not over: manage.py shards {hint} first."
        )
    if here is not None:
        say(f"Going on: {here.get_step_display()}.")
        return here if here.step != Step.OPENED else None
    place = find_directory().place(key)
    if place.shard == to:
        say(f"It is on {to!r} already.")
        return None
    _require_same_schema(place.shard, to)
    try:
        with transaction.atomic(using=DEFAULT_DB_ALIAS):
            begun = Move.objects.using(DEFAULT_DB_ALIAS).create(key=str(key), source=place.shard, target=to)
            find_directory().close(key)
    except IntegrityError:
        raise MoveRefused(_BUSY) from None
    say(f"Closed for writing on {place.shard!r}.")
    return begun


def _carry(here: Move, *, patience: Patience, say: Say) -> None:
    key, source, target = here.key, here.source, here.target
    _wait(here, "closed_at", seconds=conf().shards.seconds + patience.drain, what="who still writes", say=say)
    parking.park(key, alias=source, patience=patience.tasks, say=say)
    with _held(here):
        _require_same_schema(source, target)
        found, different = _equal(here, say=say)
        if different or not _has_copy(key, source=source, target=target):
            named = ", ".join(f"{one.table} {one.row}" for one in different) or "the row of the key itself"
            raise MoveRefused(
                f"These rows differ: {named}. Nothing was switched. Find out who writes, then move again."
            )
        carried = parking.take_along(key, source=source, target=target)
        find_directory().before_switch(key, source=source, target=target)
        if not find_directory().switch(key, source=source, target=target):
            raise MoveRefused(f"The directory has it no longer closed on {source!r}. Nothing was switched.")
        rows = {table: asdict(digest) for table, digest in found.items()}
        _note(here, Step.SWITCHED, rows=rows, switched_at=Now())
    total = sum(digest.rows for digest in found.values())
    say(f"{total:,} rows are equal, {carried} tasks taken along. Switched to {target!r}.")


def _equal(here: Move, *, say: Say) -> tuple[dict[str, copying.Digest], list[copying.Difference]]:
    """Copy what the target has not; return the digests of the rows, and what differs all the same."""
    key, source, target = here.key, here.source, here.target
    _, different = copying.compare(key, source=source, target=target, beat=_stay)
    if different or not _has_copy(key, source=source, target=target):
        say(f"Copying from {source!r} to {target!r} …")
        copying.copy(key, source=source, target=target, say=say, beat=_stay)
    copied = time.monotonic()
    say("Comparing row by row …")
    result = copying.compare(key, source=source, target=target, beat=_stay)
    # Who reads from a replica of the target must find there what has just been copied.
    left = copied + conf().replicas.seconds - time.monotonic()
    if replicas_of(target) and left > 0:
        say(f"Waiting {left:.0f} s for the replicas of {target!r} …")
        time.sleep(left)
    return result


def _open(here: Move, *, say: Say) -> None:
    # Whoever has looked it up before the switch goes by that for so long.
    _wait(here, "switched_at", seconds=conf().shards.seconds, what="who still looks at the old rows", say=say)
    with _held(here):
        find_directory().open(here.key)
        # What was changed of the key meanwhile: its own row is the directory's, and never closed.
        find_directory().plant(find_directory().row(here.key), alias=here.target)
        parking.arrive(here.key, source=here.source, target=here.target)
        _note(here, Step.OPENED)
    say(f"Open on {here.target!r}. The old rows are still on {here.source!r}: manage.py shards purge deletes them.")


def _has_copy(key: object, *, source: str, target: str) -> bool:
    try:
        return find_directory().is_carried(key, source=source, target=target)
    except ShardError:
        return False


def _wait(here: Move, since: str, *, seconds: float, what: str, say: Say) -> None:
    """Wait until ``seconds`` have passed since a time of the row, on the database's clock."""
    age = ExpressionWrapper(Now() - F(since), output_field=DurationField())
    passed = Move.objects.using(DEFAULT_DB_ALIAS).annotate(age=age).values_list("age", flat=True).get(pk=here.pk)
    left = seconds - (passed or timedelta()).total_seconds()
    if left > 0:
        say(f"Waiting {left:.0f} s for {what} …")
        time.sleep(left)


def _unfinished(key: object) -> Move | None:
    return Move.objects.using(DEFAULT_DB_ALIAS).filter(key=str(key), step__in=UNFINISHED).first()


def _note(here: Move, step: Step, **fields: object) -> None:
    Move.objects.using(DEFAULT_DB_ALIAS).filter(pk=here.pk).update(step=step, **fields)
    here.refresh_from_db(using=DEFAULT_DB_ALIAS)


def _require_same_schema(*names: str) -> None:
    """Both have the same migrations, and no column that this release does not know: it would not be copied."""
    here, there = (set(MigrationRecorder(connections[alias]).applied_migrations()) for alias in names)
    if here != there:
        other = ", ".join(sorted(".".join(one) for one in here ^ there))
        raise MoveRefused(f"{names[0]!r} and {names[1]!r} have other migrations ({other}): manage.py shards migrate.")
    for alias in names:
        if other := copying.foreign_columns(alias):
            raise MoveRefused(
                f"The models and the tables on {alias!r} have other columns ({other}): move with the release that the "
                "database was migrated for."
            )


def _stay() -> None:
    """Let the server see, between tables, that the transaction that holds the move is not forgotten.

    It ends those that idle for 5 minutes: `serverless.db.users`.
    """
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT 1")


@contextmanager
def _held(here: Move) -> Iterator[None]:
    """Hold the row of a move that is where it was, in one transaction. Raises MoveRefused.

    A row and no advisory lock of the session: behind a pooler another client would be given that session.
    """
    with transaction.atomic(using=DEFAULT_DB_ALIAS):
        rows = Move.objects.using(DEFAULT_DB_ALIAS).select_for_update(nowait=True)
        try:
            there = rows.filter(pk=here.pk, step=here.step).exists()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
            raise MoveRefused(_BUSY) from None
        if not there:
            raise MoveRefused("Another process went on with its move meanwhile. Run the same command again.")
        yield

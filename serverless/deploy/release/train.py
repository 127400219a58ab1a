"""The release train: from a checkout to what serves, stage by stage.

Until ``switch`` nothing that a visitor meets is changed: static files are added under new names, functions get
versions that no alias names, and migrations are such that the release before runs on after them. From ``switch`` to
``verify`` the aliases go back by themselves. What comes later cannot be taken back and need not be: the new release
serves, proven.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Final

from serverless.deploy import stacks
from serverless.deploy.exceptions import DeployError
from serverless.deploy.release import edge, migrate, plan, smoke, statics, switch, upload, verify
from serverless.deploy.release.context import Release, look, now
from serverless.deploy.release.exceptions import LockLost
from serverless.deploy.release.interrupts import terminated, undisturbed
from serverless.deploy.release.outcome import what_serves
from serverless.deploy.release.patience import Patience
from serverless.deploy.release.prune import prune
from serverless.deploy.release.record import Record
from serverless.stack import names

__all__ = ["AFTERWARDS", "PREPARE", "RELEASE", "Step", "Train"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """``undo`` takes back what ``run`` has changed of what serves, as much as it got to; most change nothing of it.

    ``asks``: whether it is begun only while the lock is held. What has been switched is verified whoever has it.
    """

    name: str
    run: Callable[[Release], None]
    undo: Callable[[Release], None] | None = None
    asks: bool = True


def _upload(release: Release) -> None:
    assert release.zip is not None  # noqa: S101 - the stage before made it
    release.sha256 = upload.sha256(release.zip)
    release.zip_key = upload.upload(release.stage.s3, release.zip, bucket=release.stage.bucket, log=release.stage.log)


def _static(release: Release) -> None:
    stage = release.stage
    if release.static_folder is None:
        stage.log("the project has no django.contrib.staticfiles")
        return
    release.static = statics.publish(stage.s3, release.static_folder, bucket=stage.static_bucket, log=stage.log)


def _functions(release: Release) -> None:
    stage = release.stage
    for which in names.FUNCTIONS:
        config = release.configurations[which]
        stage.functions.ensure(config, bucket=stage.bucket, key=release.zip_key, sha256=release.sha256)
        stage.functions.reserve(config.name, _until_it_serves(config.concurrency, release.reserved.get(which)))


def _until_it_serves(wanted: int | None, now: int | None) -> int | None:
    """Reservations are the function's: until the switch it is the release before that has less, if there is less."""
    return wanted if wanted is None or now is None else max(wanted, now)


def _lower(release: Release) -> None:
    for config in release.configurations.values():
        release.stage.functions.reserve(config.name, config.concurrency)


def _functions_back(release: Release) -> None:
    """Reservations are the function's, not the version's: those of the release before come back."""
    for which, reserved in release.reserved.items():
        release.stage.functions.reserve(release.stage.name(which), reserved)


def _publish(release: Release) -> None:
    for which in names.FUNCTIONS:
        release.versions[which] = release.stage.functions.publish(release.configurations[which], sha256=release.sha256)
    release.stage.log(", ".join(f"{which} {version}" for which, version in release.versions.items()))


def _record(release: Release) -> None:
    stage = release.stage
    release.record = Record(
        id=release.id,
        stage=stage.config.stage,
        commit=release.commit,
        dirty=release.dirty,
        who=release.who,
        when=release.began,
        zip_key=release.zip_key,
        sha256=release.sha256,
        versions=dict(release.versions),
        configurations={
            which: config.asked() | {"Architectures": [config.architecture], "Concurrency": config.concurrency}
            for which, config in release.configurations.items()
        },
        static=release.static,
        migrations=release.migrations,
        size=asdict(release.size) if release.size else {},
    )
    stage.records.write(release.record)


def _forget(release: Release) -> None:
    """Delete the record, unless an alias that could not be moved back still names what it describes."""
    if not release.versions.items() & release.stage.live().items():
        release.stage.records.delete(release.id)


def _warm(release: Release) -> None:
    smoke.warm(release.stage, release.versions["web"])


def _switch(release: Release) -> None:
    switch.point(release.stage, release.versions, description=f"release {release.id}")


def _switch_back(release: Release) -> None:
    was = f"release {release.previous.id}" if release.previous else "the release before"
    switch.restore(release.stage, release.before, description=was)
    edge.forget(release.stage)  # what it may have kept of the release that did not stay


def _verify(release: Release) -> None:
    verify.serves(release.stage, release=release.id, versions=release.versions)
    if release.record is not None:
        release.record = release.stage.records.served(replace(release.record), when=now())


def _forget_pages(release: Release) -> None:
    edge.forget(release.stage)


def _live(release: Release) -> None:
    stacks.functions_live(release.stage.config, log=release.stage.log)


def _prune(release: Release) -> None:
    prune(release.stage)


_EARLY: Final = "migrations before the switch"
_LATE: Final = "migrations after the switch"
_MIGRATING: Final = frozenset({_EARLY, _LATE})

# Before Zappa makes or updates the web function.
PREPARE: Final = (
    Step(name="migrations judged", run=migrate.lint),
    Step(name="upload", run=_upload),
    Step(name="static files", run=_static),
)
# Zappa's own turn: it makes or updates the unpublished web function.
ZAPPA: Final = Step(name="Zappa", run=lambda _: None)
# After it. Whatever fails here leaves the release before serving.
RELEASE: Final = (
    Step(name="functions", run=_functions, undo=_functions_back),
    Step(name="versions", run=_publish),
    Step(name=_EARLY, run=migrate.early, undo=migrate.timeouts_back),
    Step(name="warm", run=_warm),
    Step(name="smoke test", run=smoke.smoke),
    Step(name="record", run=_record, undo=_forget),
    Step(name="switch", run=_switch, undo=_switch_back),
    Step(name="verify", run=_verify, asks=False),
)
# The new release serves, and goes on serving whatever fails here.
AFTERWARDS: Final = (
    Step(name="pages at the edge", run=_forget_pages, asks=False),
    Step(name="reservations", run=_lower),
    Step(name=_LATE, run=migrate.late),
    Step(name="event sources", run=_live),
    Step(name="prune", run=_prune),
)


class Train:
    """One release under its lock: ``prepare``, whatever Zappa does, ``finish``; ``close`` in any case."""

    def __init__(self, release: Release, *, what: str) -> None:
        self.release = release
        self._what = what
        self._lock = release.stage.lock()
        release.renew = self._lock.renew
        self._held = ExitStack()
        self._done: list[Step] = []
        self._serves = False

    def prepare(self, package: Callable[[Release], None]) -> None:
        """Take the lock, see what serves, print the plan, run ``package`` and what has to be there before any code."""
        stage = self.release.stage
        if told := self._held.enter_context(self._lock.held(self._what)):
            stage.log(told)
        look(self.release)
        for line in plan.lines(self.release):
            stage.log(line)
        self.release.reserved = {which: stage.functions.reserved(stage.name(which)) for which in self.release.before}
        judged, *rest = PREPARE
        self._run((judged, Step(name="package", run=package), *rest))
        self._done.append(ZAPPA)

    def finish(self) -> None:
        """Publish, try, switch, verify, clear away. Raises DeployError; what serves then is what the message says."""
        self._run(RELEASE)
        self._serves = True
        self._run(AFTERWARDS)
        self.release.stage.log(f"{self.release.id} serves {self.release.stage.config.stage}.")

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Whatever ends the block, an error or Ctrl-C: nothing half done serves, and the lock is let go of."""
        try:
            with terminated():
                yield
        except BaseException as problem:
            with undisturbed(self.release.stage.log):
                self._back(problem)
            raise
        finally:
            with undisturbed(self.release.stage.log):
                self._let_go()

    def _let_go(self) -> None:
        try:
            self._held.close()
        except DeployError as problem:
            self.release.stage.log(str(problem))

    def _run(self, stages: tuple[Step, ...]) -> None:
        for stage in stages:
            if stage.asks:
                self._lock.renew()
            self.release.stage.log(f"{stage.name} …")
            began = time.monotonic()
            self._done.append(stage)
            stage.run(self.release)
            self.release.stage.log(f"{stage.name}: {time.monotonic() - began:.1f} s")

    def _back(self, problem: BaseException) -> None:
        log = self.release.stage.log
        at = self._done[-1].name if self._done else "the beginning"
        log(f"{self.release.id} ends at {at}: {_word(problem)}")
        if at in _MIGRATING and isinstance(problem, KeyboardInterrupt):
            log(
                f"A migration that had begun goes on in {self.release.stage.name('migrator')}, for 900 s at most; "
                f"until it has ended Lambda lets no other begin."
            )
        if self._serves:
            log(
                f"{self.release.id} serves and was verified; only what comes after that is not done. "
                f"`zappa update {self.release.stage.config.stage}` does it, with the next release."
            )
            return
        if isinstance(problem, LockLost):
            log("It had moved nothing, and leaves everything as it is. `make status` says what serves.")
            return
        patience = Patience(log)
        for stage in reversed(self._done):
            if stage.undo is not None:
                try:
                    patience(partial(stage.undo, self.release))
                except DeployError as also:
                    log(f"taking back {stage.name} failed, too: {also}")
        log(what_serves(self.release.stage, before=self.release.before, previous=self.release.previous))


def _word(problem: BaseException) -> str:
    if isinstance(problem, KeyboardInterrupt):
        return "interrupted"
    return str(problem).splitlines()[0] if isinstance(problem, DeployError) and str(problem) else type(problem).__name__

"""What the stages of a release share: the stage and its stacks, the clients, and what earlier stages have found out."""

import getpass
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from serverless import aws
from serverless.deploy import package, stacks
from serverless.deploy.failures import explained
from serverless.deploy.release.environment import HANDLER, Code, FunctionConfig, configurations
from serverless.deploy.release.exceptions import NotPossible
from serverless.deploy.release.functions import Functions
from serverless.deploy.release.lock import Lock
from serverless.deploy.release.record import Record, Records
from serverless.stack import names
from serverless.stack.config import StackConfig
from serverless.stack.names import Function
from serverless.stack.outputs import HomeOutput, ReleasesOutput

__all__ = ["Log", "Release", "Stage", "begin", "look", "now", "open_stage", "who"]

type Log = Callable[[str], None]

# A zip of tens of megabytes is sent in one request; S3 answers when it has all of it.
_S3_TIMEOUT_S: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of a project as it is on AWS now: what every command of releases needs."""

    config: StackConfig
    outputs: Mapping[str, str] = field(repr=False)
    functions: Functions
    s3: Any = field(repr=False)
    log: Log = field(repr=False)

    @property
    def bucket(self) -> str:
        """The release bucket."""
        return self.outputs[ReleasesOutput.BUCKET]

    @property
    def static_bucket(self) -> str:
        return self.outputs[HomeOutput.STATIC_BUCKET]

    @property
    def records(self) -> Records:
        return Records(self.s3, bucket=self.bucket)

    def lock(self) -> Lock:
        return Lock(self.s3, bucket=self.bucket, stage=self.config.stage)

    def name(self, which: Function) -> str:
        """Return the name of a function."""
        return names.function(self.config.prefix, which)

    def live(self) -> dict[Function, str]:
        """Return the version that serves, by function; a function without the alias is not in it."""
        found = {which: self.functions.live(self.name(which)) for which in names.FUNCTIONS}
        return {which: version for which, version in found.items() if version is not None}


@dataclass(slots=True, kw_only=True)
class Release:
    """A release on its way. Stages fill in, from top to bottom, what begins empty."""

    stage: Stage
    root: Path
    """The checkout."""
    code: Code
    commit: str
    dirty: bool
    who: str
    began: str
    configurations: Mapping[Function, FunctionConfig]
    before: Mapping[Function, str]
    """The versions that served when it began."""
    previous: Record | None
    reserved: Mapping[Function, int | None] = field(default_factory=dict)
    zip: Path | None = None
    static_folder: Path | None = None
    size: package.SizeReport | None = None
    sha256: str = ""
    zip_key: str = ""
    static: tuple[str, ...] = ()
    versions: dict[Function, str] = field(default_factory=dict)
    migrations: tuple[str, ...] = ()
    early: tuple[tuple[str, ...], ...] = ()
    """Commands that migrate while the release before serves."""
    late: tuple[tuple[str, ...], ...] = ()
    """Commands that migrate after the switch, since the release before could not run on after them."""
    record: Record | None = None
    renew: Callable[[], None] = lambda: None
    """Raises LockLost where the release is not this stage's any more: before whatever must not be done then."""

    @property
    def id(self) -> str:
        return self.code.release


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def open_stage(config: StackConfig, *, log: Log) -> Stage:
    """Read what there is of the stage on AWS. Raises DeployError: no credentials, no stack, half a stack."""
    said = stacks.outputs(config)
    return Stage(
        config=config,
        outputs={str(key): value for part in (said.releases, said.home, said.edge) for key, value in part.items()},
        functions=Functions(region=config.region),
        s3=aws.client("s3", region=config.region, read_timeout_s=_S3_TIMEOUT_S),
        log=log,
    )


def begin(stage: Stage, root: Path, *, settings: Mapping[str, Any]) -> Release:
    """Return a new release of the checkout ``root``; ``settings`` are the stage's in ``zappa_settings.json``."""
    commit, dirty = _commit(root)
    moment = datetime.now(UTC)
    code = Code(
        release=f"{moment:%Y%m%d-%H%M%S}-{commit[:7]}{'-dirty' if dirty else ''}",
        handler=HANDLER,
        runtime=settings.get("runtime", f"python{package.this_python()}"),
        architecture=settings.get("architecture", package.ARCHITECTURE),
        settings_module=settings.get("django_settings") or _settings_module(root),
        log_level=settings.get("log_level", "INFO"),
    )
    before = stage.live()
    return Release(
        stage=stage,
        root=root,
        code=code,
        commit=commit,
        dirty=dirty,
        who=who(stage.config.region),
        began=now(),
        configurations=configurations(stage.config, stage.outputs, code),
        before=before,
        previous=stage.records.serving(before) if before else None,
    )


def look(release: Release) -> None:
    """Read what serves again, under the lock: another release may have ended since ``begin``."""
    stage = release.stage
    release.before = stage.live()
    release.previous = stage.records.serving(release.before) if release.before else None


def who(region: str) -> str:
    """Return who releases: the user of this machine, and as whom AWS knows the credentials."""
    with explained("Asking AWS who this is"):
        arn = aws.client("sts", region=region).get_caller_identity()["Arn"]
    return f"{getpass.getuser()} ({arn.partition(':')[2].rpartition(':')[2]})"


def _settings_module(root: Path) -> str:
    try:
        return package.load(root / "pyproject.toml").rehearse["DJANGO_SETTINGS_MODULE"]
    except KeyError:
        raise NotPossible(
            "Nothing says which settings the functions have: put DJANGO_SETTINGS_MODULE into "
            "[tool.serverless.package.rehearse] of pyproject.toml, or django_settings into zappa_settings.json."
        ) from None


def _commit(root: Path) -> tuple[str, bool]:
    """Return the commit of the checkout, and whether it holds what no commit has: a file that git does not know is
    packaged as well, unless .gitignore names it.
    """

    def git(*words: str) -> str:
        command = ["git", "-C", str(root), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603

    try:
        return git("rev-parse", "HEAD"), bool(git("status", "--porcelain", "--untracked-files=normal", "--", "."))
    except (OSError, subprocess.CalledProcessError):
        return "unknown", False

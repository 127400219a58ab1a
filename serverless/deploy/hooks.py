"""Zappa's commands on this layer: which it runs, which are run here instead, and which are stopped.

``zappa deploy`` and ``update`` stay Zappa's: it makes or updates the web function, from a zip and a configuration that
are made here. Its ``settings`` hook comes before, its ``post`` hook after.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, NoReturn, Protocol

from click import ClickException

from serverless.deploy import package as packages
from serverless.deploy import stacks
from serverless.deploy.failures import explained
from serverless.deploy.operate import manage
from serverless.deploy.operate.terminal import say
from serverless.deploy.release import zappa
from serverless.deploy.release.context import Release, Stage, begin, open_stage
from serverless.deploy.release.exceptions import NotPossible
from serverless.deploy.release.interrupts import terminated
from serverless.deploy.release.train import Train
from serverless.exceptions import ServerlessError
from serverless.stack import config as configs
from serverless.stack import names
from serverless.stack.config import StackConfig
from serverless.stack.outputs import HomeParameter

__all__ = ["Cli", "post", "settings"]

_FOLDER: Final = Path("build/release")


class Cli(Protocol):
    """What is used of ``zappa.cli.ZappaCLI``."""

    api_stage: str
    command: str
    lambda_concurrency: int | None
    lambda_name: str
    vargs: dict[str, Any]
    zappa: Any
    release_train: Train

    @property
    def stage_config(self) -> Mapping[str, Any]: ...

    def override_stage_config_setting(self, key: str, val: object) -> None: ...

    def load_settings(self, settings_file: str | None = None) -> object: ...


def settings(cli: Cli) -> None:
    """See to the command, or get it ready. Raises ClickException, which Zappa prints, or SystemExit."""
    with _in_zappas_words():
        _ACTIONS.get(cli.command, _agree)(cli)


def post(cli: Cli) -> None:
    """Publish, try, switch, verify. Raises DeployError to what runs Zappa's command, below."""
    cli.release_train.finish()


def _release(cli: Cli) -> None:
    zappa.require(cli.stage_config, stage=cli.api_stage)
    stage = _open(cli)
    _require(cli, stage)
    release = begin(stage, Path.cwd(), settings=cli.stage_config)
    _agree(cli, zappa.overrides(release))
    cli.release_train = train = Train(release, what=f"zappa {cli.command} {cli.api_stage}")
    with ExitStack() as stack:
        stack.enter_context(train.guarded())
        train.prepare(_package)
        if cli.command == "deploy":
            stage.functions.clear(stage.name("web"))
        # Zappa sets what it is told of, before anything is tried: what serves keeps what it has.
        cli.lambda_concurrency = release.reserved.get("web")
        # Zappa packages nothing then, and uploads nothing.
        cli.vargs["zip"] = f"s3://{stage.bucket}/{release.zip_key}"
        _run_within(cli, stack.pop_all())


def _package(release: Release) -> None:
    before = packages.SizeReport.parse(release.previous.size) if release.previous else None
    options = replace(_options(release.code.architecture, release.code.runtime), before=before)
    made = packages.make(options, log=release.stage.log)
    release.zip, release.static_folder, release.size = made.path, made.static, made.report


def _package_only(cli: Cli) -> NoReturn:
    given = cli.stage_config
    runtime = given.get("runtime", packages.this_python())
    made = packages.make(_options(given.get("architecture", packages.ARCHITECTURE), runtime), log=say)
    if output := cli.vargs.get("output"):
        Path(output).write_bytes(made.path.read_bytes())
    say(f"{output or made.path}: {made.zipped / 1e6:.1f} MB zipped, {made.unpacked / 1e6:.1f} MB unpacked")
    sys.exit(0)


def _options(architecture: str, runtime: str) -> packages.Options:
    return packages.Options(
        project=Path.cwd(),
        to=_FOLDER,
        architecture="arm64" if architecture == "arm64" else "x86_64",
        python=runtime.removeprefix("python"),
    )


def _manage(cli: Cli) -> NoReturn:
    sys.exit(manage.manage(_open(cli), cli.vargs["command_rest"], write=sys.stdout.write))


def _rollback(cli: Cli) -> NoReturn:
    raise NotPossible(
        f"`zappa rollback` uploads old code under the new configuration, and knows neither the worker nor the alias "
        f"that serves. Use `make rollback STAGE={cli.api_stage} RELEASE=…`; `make status STAGE={cli.api_stage}` lists "
        f"the releases."
    )


def _undeploy(cli: Cli) -> None:
    if not cli.vargs.get("yes"):
        raise NotPossible(
            f"`zappa undeploy {cli.api_stage}` deletes the functions with all their versions, and nothing else: "
            f"visitors get an error page. If that is what you want, add --yes. `python -m serverless.deploy stack "
            f"destroy {cli.api_stage}` removes the stage with all that it has."
        )
    stage = _open(cli)
    if stage.config.protected:
        raise NotPossible(
            f"{cli.api_stage} is protected: set protected = false in [tool.serverless.stack.stages.{cli.api_stage}], "
            f"then run the same command again."
        )
    _agree(cli)
    with ExitStack() as stack:
        stack.enter_context(terminated())
        stack.enter_context(stage.lock().held(f"zappa undeploy {cli.api_stage}"))
        stacks.set_parameters(stage.config, "home", {HomeParameter.FUNCTIONS_LIVE: "no"}, log=stage.log)
        for which in ("worker", "migrator"):
            stage.functions.delete(names.function(stage.config.prefix, which))
        _run_within(cli, stack.pop_all(), afterwards=partial(_forget_all, stage))


def _forget_all(stage: Stage) -> None:
    for record in stage.records.list():
        stage.records.delete(record.id)


_ACTIONS: Final[Mapping[str, Callable[[Cli], None]]] = {
    "deploy": _release,
    "update": _release,
    "package": _package_only,
    "manage": _manage,
    "rollback": _rollback,
    "undeploy": _undeploy,
}


def _config(cli: Cli) -> StackConfig:
    return configs.load(Path("pyproject.toml"), stage=cli.api_stage)


def _open(cli: Cli) -> Stage:
    return open_stage(_config(cli), log=say)


def _require(cli: Cli, stage: Stage) -> None:
    """Raise NotPossible unless ``deploy`` is for a first release, and ``update`` for any later."""
    given = [name for name in ("zip", "docker_image_uri", "no_upload") if cli.vargs.get(name)]
    if given:
        raise NotPossible("This project packages itself: leave --zip, --no-upload and --docker-image-uri out.")
    name = stage.name("web")
    there = stage.functions.there(name)
    if cli.command == "deploy" and there:
        raise NotPossible(
            f"There is a function {name} already: `zappa update {cli.api_stage}` releases to it. If it is another "
            f"project's, name this one otherwise (project in [tool.serverless.stack] and in zappa_settings.json)."
        )
    if cli.command == "update" and not there:
        raise NotPossible(f"There is no function {name} yet: `zappa deploy {cli.api_stage}` makes the first release.")


def _agree(cli: Cli, more: Mapping[str, Any] | None = None) -> None:
    """Have Zappa work where this layer does, with the settings ``more``. Raises NotPossible where it would elsewhere.

    The account is one: both follow the environment's credentials, since ``profile_name`` is taken out.
    """
    config = _config(cli)
    said = {"project_name": config.project} | dict(cli.stage_config)
    for key, value in {"project_name": said["project_name"], "aws_region": config.region, **(more or {})}.items():
        cli.override_stage_config_setting(key, value)
    if profile := cli.stage_config.get("profile_name"):
        raise NotPossible(
            f"zappa_settings.json names the profile {profile}, which Zappa alone would follow: take profile_name out, "
            f"and set AWS_PROFILE."
        )
    cli.load_settings(cli.vargs.get("settings_file"))
    region = cli.zappa.boto_session.region_name  # aws_region is only what the file says
    if region != config.region:
        raise NotPossible(
            f"AWS_DEFAULT_REGION is {region}, which Zappa follows, and the stage is in "
            f"{config.region}: unset the variable, then run the same command again."
        )
    if cli.lambda_name != names.function(config.prefix, "web"):
        raise NotPossible(
            f"zappa_settings.json makes the function {cli.lambda_name}, pyproject.toml "
            f"{names.function(config.prefix, 'web')}: take project_name out of zappa_settings.json."
        )


def _run_within(cli: Cli, held: ExitStack, *, afterwards: Callable[[], None] = lambda: None) -> None:
    """Have Zappa's own command, which comes next, run in ``held``: however it ends, that is closed."""
    command: Callable[..., object] = getattr(cli, cli.command)

    def run(*arguments: object, **options: object) -> object:
        delattr(cli, cli.command)  # with --all another stage is next
        cli.vargs["zip"] = None
        with _in_zappas_words(), held, explained(f"Zappa's {cli.command}"):
            done = command(*arguments, **options)
            afterwards()
            return done

    setattr(cli, cli.command, run)


@contextmanager
def _in_zappas_words() -> Iterator[None]:
    """Raise our errors as what Zappa prints as one sentence, and ends with 1 for."""
    try:
        yield
    except ServerlessError as problem:
        raise ClickException(str(problem)) from problem

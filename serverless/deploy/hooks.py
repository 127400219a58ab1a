"""Zappa's commands on this layer: which it runs, which are run here instead, and which are stopped.

``zappa deploy`` and ``update`` stay Zappa's: it makes or updates the web function, from a zip and a configuration that
are made here. Its ``settings`` hook comes before, its ``post`` hook after.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NoReturn, Protocol

from click import ClickException

from serverless.deploy import package as packages
from serverless.deploy import stacks
from serverless.deploy.failures import explained
from serverless.deploy.operate import manage
from serverless.deploy.release.context import Release, Stage, begin, open_stage, zappa_overrides
from serverless.deploy.release.exceptions import NotPossible
from serverless.deploy.release.train import Train
from serverless.exceptions import ServerlessError
from serverless.stack import config as configs
from serverless.stack import names
from serverless.stack.outputs import HomeParameter

__all__ = ["Cli", "post", "settings"]

_FOLDER: Final = Path("build/release")
_NEEDED: Final = ("django_settings", "lambda_handler", "runtime")


class Cli(Protocol):
    """What is used of ``zappa.cli.ZappaCLI``."""

    api_stage: str
    command: str
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
    if action := _ACTIONS.get(cli.command):
        with _in_zappas_words():
            action(cli)


def post(cli: Cli) -> None:
    """Publish, try, switch, verify. Raises DeployError to what runs Zappa's command, below."""
    cli.release_train.finish()


def _release(cli: Cli) -> None:
    stage = _open(cli)
    _require(cli, stage)
    release = begin(stage, Path.cwd(), settings=cli.stage_config)
    for key, value in zappa_overrides(release).items():
        cli.override_stage_config_setting(key, value)
    cli.load_settings(cli.vargs.get("settings_file"))
    _require_agreement(cli, stage)
    cli.release_train = train = Train(release, what=f"zappa {cli.command} {cli.api_stage}")
    with ExitStack() as stack:
        stack.enter_context(train.guarded())
        train.prepare(_package)
        # Zappa packages nothing then, and uploads nothing.
        cli.vargs["zip"] = f"s3://{stage.bucket}/{release.zip_key}"
        _run_within(cli, stack.pop_all())


def _package(release: Release) -> None:
    before = packages.SizeReport.parse(release.previous.size) if release.previous else None
    options = replace(_options(release.code.architecture, release.code.runtime), before=before)
    made = packages.make(options, log=release.stage.log)
    release.zip, release.static_folder, release.size = made.path, made.static, made.report


def _package_only(cli: Cli) -> NoReturn:
    settings = cli.stage_config
    made = packages.make(_options(settings.get("architecture", packages.ARCHITECTURE), settings["runtime"]), log=_print)
    if output := cli.vargs.get("output"):
        Path(output).write_bytes(made.path.read_bytes())
    _print(f"{output or made.path}: {made.zipped / 1e6:.1f} MB zipped, {made.unpacked / 1e6:.1f} MB unpacked")
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
    with ExitStack() as stack:
        stack.enter_context(stage.lock().held(f"zappa undeploy {cli.api_stage}"))
        stacks.set_parameters(stage.config, "home", {HomeParameter.FUNCTIONS_LIVE: "no"}, log=stage.log)
        for which in ("worker", "migrator"):
            stage.functions.delete(names.function(stage.config.prefix, which))
        for record in stage.records.list():
            stage.records.delete(record.id)
        _run_within(cli, stack.pop_all())


_ACTIONS: Final[Mapping[str, Callable[[Cli], None]]] = {
    "deploy": _release,
    "update": _release,
    "package": _package_only,
    "manage": _manage,
    "rollback": _rollback,
    "undeploy": _undeploy,
}


def _open(cli: Cli) -> Stage:
    return open_stage(configs.load(Path("pyproject.toml"), stage=cli.api_stage), log=_print)


def _require(cli: Cli, stage: Stage) -> None:
    """Raise NotPossible unless ``deploy`` is for a first release, and ``update`` for any later."""
    given = [name for name in ("zip", "docker_image_uri", "no_upload") if cli.vargs.get(name)]
    if given:
        raise NotPossible("This project packages itself: leave --zip, --no-upload and --docker-image-uri out.")
    if missing := [key for key in _NEEDED if not cli.stage_config.get(key)]:
        raise NotPossible(f"zappa_settings.json does not say {', '.join(missing)} for {cli.api_stage}.")
    name = stage.name("web")
    there = stage.functions.there(name)
    if cli.command == "deploy" and there:
        raise NotPossible(
            f"There is a function {name} already: `zappa update {cli.api_stage}` releases to it. If it is another "
            f"project's, name this one otherwise (project in [tool.serverless.stack] and in zappa_settings.json)."
        )
    if cli.command == "update" and not there:
        raise NotPossible(f"There is no function {name} yet: `zappa deploy {cli.api_stage}` makes the first release.")


def _require_agreement(cli: Cli, stage: Stage) -> None:
    """Raise NotPossible where Zappa would work elsewhere than this layer."""
    region = cli.zappa.boto_session.region_name  # aws_region is only what the file says
    if region != stage.config.region:
        raise NotPossible(
            f"AWS_DEFAULT_REGION is {region}, which Zappa follows, and the stage is in "
            f"{stage.config.region}: unset the variable, then run the same command again."
        )
    if cli.lambda_name != stage.name("web"):
        raise NotPossible(
            f"zappa_settings.json makes the function {cli.lambda_name}, pyproject.toml {stage.name('web')}: give both "
            f"the same project name."
        )


def _run_within(cli: Cli, held: ExitStack) -> None:
    """Have Zappa's own command, which comes next, run in ``held``: however it ends, that is closed."""
    command: Callable[..., object] = getattr(cli, cli.command)

    def run(*arguments: object, **options: object) -> object:
        with _in_zappas_words(), held, explained(f"Zappa's {cli.command}"):
            return command(*arguments, **options)

    setattr(cli, cli.command, run)


@contextmanager
def _in_zappas_words() -> Iterator[None]:
    """Raise our errors as what Zappa prints as one sentence, and ends with 1 for."""
    try:
        yield
    except ServerlessError as problem:
        raise ClickException(str(problem)) from problem


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()

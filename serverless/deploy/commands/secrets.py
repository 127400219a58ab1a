"""List, set, compare and rotate the variables in a stage's secret. No value is ever shown."""

import argparse
import getpass
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from serverless.deploy.operate import media_key, rotation, secrets
from serverless.deploy.release import open_stage
from serverless.stack import config as stacks
from serverless.stack.config import StackConfig

__all__ = ["add_arguments", "run"]

_ROTATED: Final = ("SECRET_KEY", "ORIGIN_SECRETS", "MEDIA_PRIVATE_KEY")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, text in (
        ("list", "the names of the variables, and when one was last written"),
        ("set", "set one; its value is read from the terminal, or from standard input"),
        ("remove", "take one out"),
        ("rotate", "make a new one, step by step where there are steps"),
        ("diff", "which variables two stages share, and which differ"),
    ):
        action = actions.add_parser(name, help=text, description=text)
        action.add_argument("stage", metavar="STAGE")
        if name in {"set", "remove"}:
            action.add_argument("name", metavar="NAME")
        if name == "rotate":
            action.add_argument("name", choices=_ROTATED)
            action.add_argument(
                "--leaked", action="store_true", help="let no signature of the earlier MEDIA_PRIVATE_KEY end by itself"
            )
        if name == "diff":
            action.add_argument("other", metavar="OTHER_STAGE")


def run(options: argparse.Namespace) -> int:
    config = _config(options.stage)
    match options.action:
        case "list":
            held = secrets.read(config)
            _say(*sorted(held.values), f"last written {held.changed:%Y-%m-%d %H:%M} UTC")
        case "set":
            secrets.put(config, {options.name: _value(options.name)})
            _say(f"{options.name} is set. New environments read it; for all of them: zappa update {config.stage}")
        case "remove":
            secrets.remove(config, options.name)
            _say(f"{options.name} is taken out; environments that run keep it until the next release.")
        case "rotate":
            _say(_rotate(config, options.name, leaked=options.leaked))
        case "diff":
            return _diff(config, _config(options.other))
    return 0


def _rotate(config: StackConfig, name: str, *, leaked: bool) -> str:
    if name == "SECRET_KEY":
        secrets.rotate_key(config)
        return f"SECRET_KEY is new, the one before is among SECRET_KEY_FALLBACKS. Release: zappa update {config.stage}"
    stage = open_stage(config, log=_say)
    serving = stage.records.serving(stage.live())
    if name == "ORIGIN_SECRETS":
        return rotation.rotate_origin_secret(config, serving=serving, log=_say)
    return media_key.rotate_media_key(config, serving=serving, now=datetime.now(UTC), leaked=leaked, log=_say)


def _diff(config: StackConfig, other: StackConfig) -> int:
    """Exit code 2 where a variable is missing on either side: values differ as a rule."""
    found = list(secrets.differences(secrets.read(config), secrets.read(other)))
    where = {"only here": f"only in {config.stage}", "only there": f"only in {other.stage}"}
    width = max((len(one.name) for one in found), default=0)
    _say(*(f"{one.name:{width}}  {where.get(one.how, one.how)}" for one in found))
    return 2 if any(one.how in where for one in found) else 0


def _value(name: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(f"{name} (not shown): ")
    return sys.stdin.read().removesuffix("\n")


def _config(stage: str) -> StackConfig:
    return stacks.load(Path("pyproject.toml"), stage=stage)


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()

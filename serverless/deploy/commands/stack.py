"""What a stage runs on: show, make, read or remove its CloudFormation stacks."""

import argparse
import json
from collections.abc import Callable
from typing import Final

from serverless.deploy import stacks
from serverless.deploy.operate.terminal import add_stage, say, stage_config
from serverless.stack.config import StackConfig

__all__ = ["add_arguments", "run"]

# What `diff` is known by: 1 is an error.
_DIFFERENT: Final = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    choice = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for action, text in _HELP.items():
        _ARGUMENTS[action](_common(choice.add_parser(action, help=text, description=text)))


def run(options: argparse.Namespace) -> int:
    """Do what was chosen. Raises ServerlessError that names the next command."""
    return _ACTIONS[options.action](stage_config(options), options)


_HELP: Final = {
    "diff": "show what deploy would do, and do nothing; ends with 2 where there is something to do",
    "deploy": "make the stacks what pyproject.toml says, after showing the plan and asking",
    "outputs": "show what the stacks tell releases: names, addresses, roles",
    "destroy": "delete the stacks of a stage that is not protected",
}


def _common(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    add_stage(parser)
    return parser


def _diff_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--template", choices=stacks.PARTS, help="print this template as JSON instead; asks AWS nothing"
    )


def _deploy_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument(
        "--replace",
        default=[],
        action="append",
        metavar="LOGICAL_ID",
        help="what may be replaced or removed although it holds data, by its name in the plan; may be repeated",
    )


def _outputs_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="as JSON")


def _destroy_arguments(parser: argparse.ArgumentParser) -> None:
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--yes-destroy", metavar="PREFIX", help="PROJECT-STAGE, to show that you mean it")
    how.add_argument("--remains", action="store_true", help="only stacks that were begun and never finished")
    parser.add_argument("--releases", action="store_true", help="the stack of the release bucket, too")


def _diff(config: StackConfig, options: argparse.Namespace) -> int:
    templates = stacks.templates(config)
    if options.template:
        say(json.dumps(templates[options.template], indent=2))
        return 0
    return _DIFFERENT if stacks.diff(config, templates, terminal=_terminal()) else 0


def _deploy(config: StackConfig, options: argparse.Namespace) -> int:
    stacks.deploy(
        config, stacks.templates(config), terminal=_terminal(), replace=options.replace, assume_yes=options.yes
    )
    return 0


def _outputs(config: StackConfig, options: argparse.Namespace) -> int:
    told = stacks.outputs(config).as_dict()
    if options.json:
        say(json.dumps(told, indent=2))
        return 0
    width = max(len(key) for found in told.values() for key in found)
    for part, found in told.items():
        say("\n".join([part, *(f"  {key:{width}}  {value or '-'}" for key, value in found.items())]))
    return 0


def _destroy(config: StackConfig, options: argparse.Namespace) -> int:
    if options.remains:
        stacks.remove_remains(config, terminal=_terminal())
    else:
        stacks.destroy(config, named=options.yes_destroy, releases=options.releases, terminal=_terminal())
    return 0


_ARGUMENTS: Final[dict[str, Callable[[argparse.ArgumentParser], None]]] = {
    "diff": _diff_arguments,
    "deploy": _deploy_arguments,
    "outputs": _outputs_arguments,
    "destroy": _destroy_arguments,
}
_ACTIONS: Final[dict[str, Callable[[StackConfig, argparse.Namespace], int]]] = {
    "diff": _diff,
    "deploy": _deploy,
    "outputs": _outputs,
    "destroy": _destroy,
}


def _terminal() -> stacks.Terminal:
    return stacks.Terminal(log=say, ask=_ask)


def _ask(question: str) -> bool:
    """Put a question; silence is no."""
    try:
        return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        say("\nNobody is there to answer: --yes does it without asking.")
        return False

"""``python -m serverless.deploy``: see ``--help``."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Final

from serverless.deploy import commands
from serverless.deploy.failures import Interrupted
from serverless.exceptions import ServerlessError

__all__ = ["main"]

# What shells report of a program that Ctrl-C ended: 128 and the number of SIGINT.
_INTERRUPTED: Final = 130
_EPILOG: Final = """\
A stage (dev, staging, production, ...) is a table [tool.serverless.stack.stages.NAME] in pyproject.toml.
From nothing to a first release:

  python -m serverless.deploy stack diff production     what would be made; changes nothing
  python -m serverless.deploy stack deploy production   makes it, after asking
  zappa deploy production                               the first release; later: zappa update production

Credentials are those of the AWS command line (AWS_PROFILE, `aws sso login`). docs/how-to/stack.md has the rest.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code: 1 where it refuses or fails, and says so in a sentence."""
    try:
        options = _parser().parse_args(arguments)
        return commands.load(options.command).run(options)
    except ServerlessError as problem:
        sys.stderr.write(f"{problem}\n")
        return _INTERRUPTED if isinstance(problem, Interrupted) else 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped. What AWS was asked to do before goes on there.\n")
        return _INTERRUPTED
    except BrokenPipeError:  # `… | head`: whoever read has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m serverless.deploy",
        description="Take the Django project in this directory to AWS, and look after it there.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    choice = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in commands.names():
        command = commands.load(name)
        text = (command.__doc__ or "").strip().splitlines()[0]
        command.add_arguments(choice.add_parser(name, help=text, description=text))
    return parser


if __name__ == "__main__":
    sys.exit(main())

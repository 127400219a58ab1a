"""`python -m serverless.emulator`: see `--help`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from serverless.emulator import cloud, config
from serverless.emulator.exceptions import EmulatorError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the local cloud for the project in the current directory; the exit code."""
    try:
        chosen = config.load(Path.cwd(), vars(_parser().parse_args(arguments)))
        asyncio.run(cloud.run(chosen, log=_print))
    except EmulatorError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m serverless.emulator",
        description="Run the Django project in this directory on a local copy of its AWS home.",
        epilog="Everything else, and the defaults of these, can be set in [tool.serverless] of pyproject.toml.",
    )
    parser.add_argument("--host", help="the address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, help="the port to listen on (8000)")
    parser.add_argument("--state-dir", help="where data, logs and the environment file live (.local)")
    parser.add_argument("--settings", help="the Django settings module (settings.local)")
    parser.add_argument("--handler", help="the Lambda entry point (serverless.handlers.main.handler)")
    parser.add_argument("--front-door", help=f"what stands before the function: {_choices()} (http-api)")
    parser.add_argument(
        "--shards", type=lambda names: names.split(","), metavar="ONE,TWO", help="databases to spread rows over (none)"
    )
    parser.add_argument("--maintenance", metavar="SECRET", help="show the maintenance page; /_maintenance/SECRET opens")
    return parser


def _choices() -> str:
    *others, last = config.FRONT_DOORS
    return f"{', '.join(others)} or {last}"


def _print(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:  # `make run | head`: the cloud outlives whoever read its log
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())

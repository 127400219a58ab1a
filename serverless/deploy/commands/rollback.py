"""Have an earlier release serve again: its code, its configuration, its static files."""

import argparse
import sys
from pathlib import Path

from serverless.deploy.release import open_stage, roll_back
from serverless.stack import config as configs

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("stage", metavar="STAGE", help="a table [tool.serverless.stack.stages.STAGE]")
    parser.add_argument("release", metavar="RELEASE", help="such as 20261123-061502-1a2b3c4; `status` lists them")
    parser.add_argument(
        "--anyway", action="store_true", help="although the database has had migrations that it does not know"
    )
    parser.add_argument("--pyproject", type=Path, default=Path("pyproject.toml"), help="(pyproject.toml)")


def run(options: argparse.Namespace) -> int:
    stage = open_stage(configs.load(options.pyproject, stage=options.stage), log=_print)
    roll_back(stage, options.release, anyway=options.anyway)
    return 0


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()

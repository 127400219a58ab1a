"""Have an earlier release serve again: its code, its configuration, its static files."""

import argparse

from serverless.deploy.operate.terminal import add_stage, say, stage_config
from serverless.deploy.release import open_stage, roll_back

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_stage(parser)
    parser.add_argument("release", metavar="RELEASE", help="such as 20261123-061502-1a2b3c4; `status` lists them")
    parser.add_argument(
        "--anyway", action="store_true", help="although the database has had migrations that it does not know"
    )


def run(options: argparse.Namespace) -> int:
    stage = open_stage(stage_config(options), log=say)
    roll_back(stage, options.release, anyway=options.anyway)
    return 0

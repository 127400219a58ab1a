"""Take the release lock away from a release that was killed, before it expires."""

import argparse
import sys
from pathlib import Path

from serverless.deploy.release import open_stage
from serverless.stack import config as configs

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("stage", metavar="STAGE", help="a table [tool.serverless.stack.stages.STAGE]")
    parser.add_argument("--pyproject", type=Path, default=Path("pyproject.toml"), help="(pyproject.toml)")


def run(options: argparse.Namespace) -> int:
    stage = open_stage(configs.load(options.pyproject, stage=options.stage), log=lambda _: None)
    whose = stage.lock().break_open()
    told = f"Took the lock away from {whose}. If that release still runs, it ends at its next stage." if whose else ""
    sys.stdout.write(f"{told or f'Nobody holds the lock of {options.stage}.'}\n")
    return 0

"""What all commands say and ask for alike."""

import argparse
import sys
from pathlib import Path

from serverless.stack import config as configs
from serverless.stack.config import StackConfig

__all__ = ["add_stage", "say", "stage_config"]


def say(*lines: str) -> None:
    """Print at once, also where the output is a file."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def add_stage(parser: argparse.ArgumentParser) -> None:
    """Add which stage is meant, and where it is written."""
    parser.add_argument("stage", metavar="STAGE", help="a table [tool.serverless.stack.stages.STAGE]")
    parser.add_argument("--pyproject", type=Path, default=Path("pyproject.toml"), help="(pyproject.toml)")


def stage_config(options: argparse.Namespace, *, stage: str = "") -> StackConfig:
    """Return what ``pyproject.toml`` says of that stage, or of another. Raises StackConfigInvalid."""
    return configs.load(options.pyproject, stage=stage or options.stage)

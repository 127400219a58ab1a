"""Take the release lock away from a release that was killed, before it expires."""

import argparse

from serverless.deploy.operate.terminal import add_stage, say, stage_config
from serverless.deploy.release import open_stage

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_stage(parser)


def run(options: argparse.Namespace) -> int:
    stage = open_stage(stage_config(options), log=lambda _: None)
    whose = stage.lock().break_open()
    if whose:
        say(
            f"Took the lock away from {whose}. If that release still runs, it ends at its next stage; one that has "
            f"switched goes on to its proof first."
        )
    else:
        say(f"Nobody holds the lock of {options.stage}.")
    return 0

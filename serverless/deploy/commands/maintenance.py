"""Put up the maintenance page, or take it down. CloudFront takes some minutes for either."""

import argparse
import sys
from pathlib import Path

from serverless.deploy.operate import maintenance
from serverless.stack import config as stacks

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("switch", choices=("on", "off"))
    parser.add_argument("stage", metavar="STAGE")


def run(options: argparse.Namespace) -> int:
    config = stacks.load(Path("pyproject.toml"), stage=options.stage)
    if options.switch == "off":
        maintenance.off(config, log=_say)
        _say(f"{config.stage} is open again.")
        return 0
    address = maintenance.on(config, log=_say)
    _say(f"{config.stage} shows the maintenance page. This address lets a browser past it: {address}")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()

"""Put up the maintenance page, or take it down. CloudFront takes some minutes for either."""

import argparse

from serverless.deploy.operate import maintenance
from serverless.deploy.operate.terminal import add_stage, say, stage_config

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("switch", choices=("on", "off"))
    add_stage(parser)


def run(options: argparse.Namespace) -> int:
    config = stage_config(options)
    if options.switch == "off":
        maintenance.off(config, log=say)
        say(f"{config.stage} is open again.")
        return 0
    address = maintenance.on(config, log=say)
    say(f"{config.stage} shows the maintenance page. This address lets a browser past it: {address}")
    return 0

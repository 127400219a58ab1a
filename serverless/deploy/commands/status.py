"""Show how a stage stands: what serves, queues, alarms, the last releases with who and when."""

import argparse
import json

from serverless.deploy.operate.status import status
from serverless.deploy.operate.terminal import add_stage, say, stage_config
from serverless.deploy.release import open_stage

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_stage(parser)
    parser.add_argument("--json", action="store_true", help="for programs")


def run(options: argparse.Namespace) -> int:
    """Exit with 0 where a release serves and nothing alarms, else with 2."""
    stage = open_stage(stage_config(options), log=lambda _: None)
    found = status(stage)
    say(json.dumps(found.as_dict(), indent=1) if options.json else "\n".join(found.lines()))
    return 0 if found.healthy else 2

"""Show how a stage stands: what serves, queues, alarms, the last releases with who and when."""

import argparse
import json
import sys
from pathlib import Path

from serverless.deploy.operate.status import status
from serverless.deploy.release import open_stage
from serverless.stack import config as stacks

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("stage", metavar="STAGE")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(options: argparse.Namespace) -> int:
    """Exit with 0 where a release serves and nothing alarms, else with 2."""
    stage = open_stage(stacks.load(Path("pyproject.toml"), stage=options.stage), log=lambda _: None)
    found = status(stage)
    text = json.dumps(found.as_dict(), indent=1) if options.json else "\n".join(found.lines())
    sys.stdout.write(f"{text}\n")
    return 0 if found.healthy else 2

"""Show the functions' logs: by request, level or words, of the last minutes or as they come."""

import argparse
import re
import sys
from datetime import UTC, datetime
from typing import Final

from serverless.deploy.operate import logs, terminal
from serverless.deploy.operate.logs import Entry
from serverless.stack.names import FUNCTIONS

__all__ = ["add_arguments", "run"]

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    terminal.add_stage(parser)
    parser.add_argument("--since", type=_age, default="10m", metavar="AGE", help="30s, 10m, 2h, 1d (%(default)s)")
    parser.add_argument("--follow", "-f", action="store_true", help="go on with what is logged from now on")
    parser.add_argument("--request", default="", metavar="ID", help="one request's lines, by the log's request_id")
    parser.add_argument("--level", choices=logs.LEVELS, default="", help="of this level and graver ones")
    parser.add_argument("--function", choices=FUNCTIONS, action="append", default=[], help="may be repeated (all)")
    parser.add_argument("--grep", default="", metavar="WORDS", help="lines with these words, in these letters")
    parser.add_argument("--platform", action="store_true", help="Lambda's own START, END and REPORT lines as well")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def run(options: argparse.Namespace) -> int:
    config = terminal.stage_config(options)
    wanted = logs.Wanted(
        functions=tuple(options.function) or FUNCTIONS,
        level=options.level,
        request_id=options.request,
        text=options.grep,
        platform=options.platform,
        since_ms=int((datetime.now(UTC).timestamp() - options.since) * 1000),
    )

    def show(entry: Entry) -> None:
        terminal.say(entry.as_json() if options.json else str(entry))

    if options.follow:
        try:
            logs.follow(config, wanted, show=show)
        except KeyboardInterrupt:
            return 0
    found = logs.read(config, wanted)
    for entry in found:
        show(entry)
    if not found:
        sys.stderr.write(f"Nothing of that kind was logged in {config.prefix}; a longer --since looks further back.\n")
    return 0


def _age(text: str) -> float:
    found = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no age such as 30s, 10m, 2h or 1d")
    return float(int(found[1]) * _UNITS[found[2]])

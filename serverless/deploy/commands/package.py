"""Make the zip of a release, without releasing it: what it weighs, its hash, its bill of materials."""

import argparse
import sys
from pathlib import Path
from typing import Final, get_args

from serverless.deploy.package import ARCHITECTURE, MACHINE, Architecture, Options, make, size
from serverless.deploy.package.archive import unpack

__all__ = ["add_arguments", "run"]

_HERE: Final = "host"
_ARCHITECTURES: Final = (*get_args(Architecture.__value__), _HERE)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "[tool.serverless.package] of pyproject.toml says what is kept: docs/how-to/package.md."
    parser.add_argument("--project", type=Path, default=Path(), metavar="FOLDER", help="where manage.py is (.)")
    parser.add_argument(
        "--to", type=Path, default=Path("build/package"), metavar="FOLDER", help="made anew each time (build/package)"
    )
    parser.add_argument(
        "--architecture",
        choices=_ARCHITECTURES,
        default=ARCHITECTURE,
        help=f"the function's processor ({ARCHITECTURE}); {_HERE}: this machine's, which is {MACHINE}",
    )
    parser.add_argument("--starts", type=int, default=5, metavar="N", help="how many starts to measure (5); 0: none")
    parser.add_argument("--unpack", action="store_true", help="also unpack the zip, to FOLDER/tree, as Lambda does")


def run(options: argparse.Namespace) -> int:
    """Make it and print what it is. Raises PackageError."""
    asked: Architecture = MACHINE if options.architecture == _HERE else options.architecture
    before = size.read(options.to / size.FILE_NAME)
    made = make(
        Options(project=options.project, to=options.to, architecture=asked, starts=options.starts, before=before),
        log=_print,
    )
    _print(f"sha256      {made.sha256}")
    _print(f"CodeSha256  {made.code_sha256}")
    static = "" if made.static is None else f" and the static files to upload in {made.static.name}/"
    _print(f"{made.path}, beside it {made.bom.name}, {made.licences.name}{static}")
    if options.unpack:
        unpack(made.path, options.to / "tree")
        _print(f"unpacked in {options.to / 'tree'}")
    return 0


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()

"""``python -m serverless.deploy.package``: see ``--help``."""

import argparse
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from serverless.deploy.exceptions import DeployError
from serverless.deploy.package import config
from serverless.deploy.package.exceptions import TreeInvalid
from serverless.deploy.package.slim import Report, Size, slim

__all__ = ["assemble", "main"]

_MB = 1e6
# Written into each tree made here, so that the next run may replace it.
_MARK = ".serverless-package"


def main(arguments: Sequence[str] | None = None) -> int:
    """Make a slim tree; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        chosen = config.load(options.pyproject)
        _print(f"copying {', '.join(map(str, options.sources))} to {options.to}")
        assemble(options.sources, options.to)
        report = slim(options.to, chosen, workers=0, log=_print)
    except DeployError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    _show(report, print_line=_print)
    return 0


def assemble(sources: Sequence[Path], target: Path) -> None:
    """Copy the contents of ``sources`` into ``target``, a new folder or one made here before; later ones win.

    What begins with a dot, virtual environments, other sources and links stay behind. Raises TreeInvalid.
    """
    for source in sources:
        if not source.is_dir():
            raise TreeInvalid(f"{source} is not a folder.")
    if target.exists():
        if not (target / _MARK).exists() and any(target.iterdir()):
            raise TreeInvalid(f"{target} is there already and was not made by this command: name another folder.")
        shutil.rmtree(target)
    apart = {path.resolve() for path in (*sources, target)}

    def ignored(folder: str, names: list[str]) -> set[str]:
        return {name for name in names if _stays_behind(Path(folder, name), apart)}

    for source in sources:
        shutil.copytree(source, target, ignore=ignored, dirs_exist_ok=True)
    (target / _MARK).touch()


def _stays_behind(path: Path, apart: set[Path]) -> bool:
    if path.name.startswith(".") or path.is_symlink():
        return True
    return path.is_dir() and (path.resolve() in apart or (path / "pyvenv.cfg").exists())


def _show(report: Report, *, print_line: Callable[[str], None]) -> None:
    print_line(f"{'':24}{'files':>9}{'MB':>9}")
    rows: list[tuple[str, Size]] = [("before", report.before)]
    rows += [(f"  - {name}", size) for name, size in report.removed.items()]
    rows += [("  + bytecode", report.bytecode), ("after", report.after)]
    for name, size in rows:
        print_line(f"{name:24}{size.files:>9,}{size.size / _MB:>9.1f}")
    if report.uncompiled:
        print_line(f"no Python of this version, left as they are: {', '.join(report.uncompiled)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m serverless.deploy.package",
        description="Copy packages and project into one folder, without what a Lambda function never reads, "
        "and with its bytecode ready. Run it with the Python version that the function has.",
        epilog="[tool.serverless.package] of pyproject.toml says what is kept: docs/how-to/cold-start.md.",
    )
    parser.add_argument("sources", nargs="+", type=Path, metavar="SOURCE", help="a folder of packages, or the project")
    parser.add_argument("--to", type=Path, required=True, metavar="FOLDER", help="the tree to make, anew each time")
    parser.add_argument("--pyproject", type=Path, default=Path("pyproject.toml"), help="(pyproject.toml)")
    return parser


def _print(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

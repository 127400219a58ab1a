"""Loupe's package against its limits, and packaging it again beside stock Zappa on the same project.

python -m benchmarks.deploy [--rounds 5]

Both take a copy of what git has, with one file of the project changed each round, and the same requirements installed
beforehand: Zappa copies and zips its virtual environment anew each time, ours finds its packages as the first release
left them. Ours also rehearses the start, measures one and collects static files, which Zappa does not; Zappa has
nothing to prune.
"""

import argparse
import contextlib
import io
import json
import logging
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from serverless.deploy.package import Options, Package, make
from serverless.deploy.package.build import find_uv
from tests.trees import ROOT

ZIPPED_MB, UNPACKED_MB = 30, 110
RATIO = 1 / 3
_STAGE = "production"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds: int = parser.parse_args().rounds
    warnings.simplefilter("ignore")
    logging.disable(logging.INFO)
    folder = Path(tempfile.mkdtemp(prefix="loupe-bench-"))
    try:
        compare(folder, rounds)
    finally:
        shutil.rmtree(folder)


def compare(folder: Path, rounds: int) -> None:
    """Print what the package weighs and what both take."""
    project = _checkout(folder / "project")
    options = Options(project=project, to=folder / "package", cache=folder / "cache")
    first = _taken(lambda: make(options, log=_silent))
    print(f"a first release, everything installed and compiled: {first[0]:.1f} s wall, {first[1]:.1f} s CPU")
    made = _weigh(make(options, log=_silent))
    zappa = _zappa(project, folder)
    ours, theirs = [], []
    for turn in range(rounds):
        (project / "app" / "urls.py").open("a").write(f"# round {turn}\n")
        ours.append(_taken(lambda: make(options, log=_silent)))
        theirs.append(_taken(zappa))
    print(f"\n{f'a release again, median of {rounds}':34}{'wall s':>8}{'CPU s':>8}{'MB':>8}")
    rows = {"stock Zappa's create_package": theirs, "ours": ours}
    sizes = {"stock Zappa's create_package": (project / "stock.zip").stat().st_size, "ours": made.zipped}
    medians = {name: [statistics.median(column) for column in zip(*row, strict=True)] for name, row in rows.items()}
    for name, (wall, cpu) in medians.items():
        print(f"{name:34}{wall:8.2f}{cpu:8.2f}{sizes[name] / 1e6:8.1f}")
    wall, cpu = (a / b for a, b in zip(medians["ours"], medians["stock Zappa's create_package"], strict=True))
    print(f"ours / stock Zappa: {wall:.2f}x wall, {cpu:.2f}x CPU (target <= {RATIO:.2f}x of the time)")


def _weigh(made: Package) -> Package:
    for name, size, limit in (("zipped", made.zipped, ZIPPED_MB), ("unpacked", made.unpacked, UNPACKED_MB)):
        print(f"{name:10}{size / 1e6:7.1f} MB, limit {limit} MB, ratio {size / 1e6 / limit:.2f} (target <= 1)")
    return made


def _checkout(folder: Path) -> Path:
    """Copy what git knows of this checkout; Zappa would take along caches and builds."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def _zappa(project: Path, folder: Path) -> Callable[[], None]:
    """Return what makes Zappa's own package, as ``zappa update`` does, out of a lean environment."""
    from zappa.cli import ZappaCLI

    environment = folder / "env"
    uv = find_uv(ROOT)
    install = ["pip", "install", "--quiet", "--python", str(environment / "bin" / "python"), "--require-hashes"]
    for command in (["venv", "--quiet", "--python", sys.executable, str(environment)],
                    [*install, "--no-deps", "-r", str(project / "requirements.txt")]):  # fmt: skip
        subprocess.run([*uv.command, *command], cwd=ROOT, check=True)
    os.environ |= {"VIRTUAL_ENV": str(environment), "AWS_DEFAULT_REGION": "us-east-1"}
    # As a project has it that uses Zappa alone; ours replaces its packaging by a callback.
    settings = json.loads((project / "zappa_settings.json").read_text())
    for stage in settings.values():
        stage.pop("callbacks", None)
    file = project / "stock_settings.json"
    file.write_text(json.dumps(settings))
    cli = ZappaCLI()
    cli.api_stage, cli.disable_progress = _STAGE, True
    with contextlib.chdir(project):
        cli.load_settings(str(file))

    def package() -> None:
        (project / "stock.zip").unlink(missing_ok=True)
        with contextlib.chdir(project), contextlib.redirect_stdout(io.StringIO()):
            cli.create_package("stock.zip")

    return package


def _taken(work: Callable[[], object]) -> tuple[float, float]:
    """Return seconds of wall and of CPU, of this process and of those that it starts."""
    begun, cpu = time.perf_counter(), _cpu_s()
    work()
    return time.perf_counter() - begun, _cpu_s() - cpu


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _silent(_: str) -> None:
    pass


if __name__ == "__main__":
    main()

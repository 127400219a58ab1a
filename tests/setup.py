"""``python -m tests.setup``: what only the tests need from the system, installed where that is possible.

Chromium and pgbouncer come from the distribution's packages, axe-core from npm, photographs from both Debian and PyPI.
Where one cannot be had, the tests that need it say so and are skipped; with CI set, its absence is an error.
"""

import os
import shutil
import subprocess
import sys

from tests import pgbouncer, samples
from tests.e2e import axe

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def browser() -> str | None:
    """Return the path of an installed Chromium, or None."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def install(package: str) -> str | None:
    """Install ``package`` with apt. Returns what stopped it, or None."""
    if shutil.which("apt-get") is None:
        return f"this system has no apt-get; install {package} by hand"
    if os.geteuid() != 0:
        return f"installing packages takes root; run `sudo apt-get install {package}` once"
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | _QUIET)
        if done.returncode:
            return f"`{' '.join(command)}` failed: {(done.stderr.strip() or done.stdout.strip()).splitlines()[-1]}"
    return None


_QUIET = {"DEBIAN_FRONTEND": "noninteractive"}


def main() -> int:
    problems = []
    if browser() is None:
        print("Installing Chromium for the browser tests …", flush=True)
        if reason := install("chromium"):
            problems.append(f"Chromium is missing: {reason}.")
    if pgbouncer.program() is None:
        print("Installing pgbouncer for the tests of connections …", flush=True)
        if reason := install("pgbouncer"):
            problems.append(f"pgbouncer is missing: {reason}.")
    if reason := axe.fetch():
        problems.append(f"{reason}.")
    if reason := samples.fetch():
        problems.append(f"The sample photographs are missing: {reason}.")
    for problem in problems:
        print(f"{problem} The tests that need it are skipped.", file=sys.stderr)
    return 1 if problems and os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())

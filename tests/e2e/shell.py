"""Python inside a running cloud's Django: for what no page can bring about."""

import os
import shlex
import subprocess
import sys

from tests.e2e.cloud import ROOT, Cloud


def environ(cloud: Cloud) -> dict[str, str]:
    """The environment that the cloud gives its functions, as it wrote it down."""
    lines = shlex.split((cloud.state_dir / "env").read_text())
    return dict(line.split("=", 1) for line in lines)


def run(cloud: Cloud, code: str) -> str:
    """Run `code`. Returns what it printed; fails with what it said."""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", code],
        cwd=ROOT,
        env=os.environ | environ(cloud),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout

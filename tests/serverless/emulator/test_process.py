import os
import subprocess
import sys

from serverless.emulator.process import guarded
from tests.serverless.emulator.support import ROOT, process_state, until

_PARENT = """
import subprocess, sys
from serverless.emulator.process import guarded
child = subprocess.Popen(guarded(["/bin/sleep", "60"]))
print(child.pid, flush=True)
sys.stdin.read()
"""


def test_the_program_runs_in_the_guards_place() -> None:
    done = subprocess.run(
        guarded([sys.executable, "-c", "import sys; print(sys.argv[1:])", "a b"]), capture_output=True
    )
    assert (done.returncode, done.stdout) == (0, b"['a b']\n")


def test_it_dies_with_its_parent() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert until(lambda: process_state(child) == "S")
        parent.kill()
    assert until(lambda: process_state(child) == "")


def test_it_does_not_start_when_its_parent_is_already_gone() -> None:
    command = guarded(["/bin/echo", "started"])
    command[command.index(str(os.getpid()))] = "1"  # whoever adopts orphans is not who asked
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "the emulator is gone\n")

import os
import subprocess
import sys
from pathlib import Path

import pytest

from serverless.emulator.exceptions import StateUnusable
from serverless.emulator.services.state import StateLock, may

HOLDER = (
    "import sys, time; from pathlib import Path; from serverless.emulator.services.state import StateLock; "
    "lock = StateLock(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
)


def test_lock_is_refused_while_held_and_free_after(tmp_path: Path) -> None:
    with StateLock(tmp_path / "new"), pytest.raises(StateUnusable, match=str(os.getpid())):
        StateLock(tmp_path / "new")
    StateLock(tmp_path / "new").release()


def test_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[4])
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, cwd=root) as holder:
        assert holder.stdout
        holder.stdout.readline()
        with pytest.raises(StateUnusable, match=f"process {holder.pid} is using it"):
            StateLock(tmp_path)
        holder.kill()
    StateLock(tmp_path).release()


def test_path_that_is_no_directory_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(StateUnusable, match=r"state cannot be used \(File exists: .*state\): mend it, or choose"):
        StateLock(tmp_path / "state")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_directory_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o000)
    with pytest.raises(StateUnusable, match="Permission denied"):
        StateLock(tmp_path / "state")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root asks for others")
def test_access_is_asked_for_another_user(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert not may("nobody", "x", closed)
    assert may("nobody", "x", Path("/"))

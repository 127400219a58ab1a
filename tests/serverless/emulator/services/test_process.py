import asyncio
import subprocess
import sys
from pathlib import Path

from serverless.emulator.services.process import free_port, stop_orphans

SLEEP = "import time; print(flush=True); time.sleep(60)"


def test_orphan_that_works_on_the_directory_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with subprocess.Popen([sys.executable, "-c", SLEEP, str(tmp_path / "postgres")], stdout=subprocess.PIPE) as orphan:
        assert orphan.stdout
        orphan.stdout.readline()  # it runs
        pid_file = tmp_path / "run" / "postgres.pid"
        pid_file.write_text(str(orphan.pid))

        asyncio.run(stop_orphans(tmp_path))

        assert orphan.wait(timeout=5) != 0
        assert not pid_file.exists()


def test_process_that_only_took_over_the_id_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with subprocess.Popen([sys.executable, "-c", SLEEP, "/somewhere/else"], stdout=subprocess.PIPE) as stranger:
        assert stranger.stdout
        stranger.stdout.readline()
        (tmp_path / "run" / "postgres.pid").write_text(str(stranger.pid))

        asyncio.run(stop_orphans(tmp_path))

        assert stranger.poll() is None
        stranger.kill()


def test_damaged_pid_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    for name, text in (("empty", ""), ("odd", "12x"), ("gone", "4194304")):
        (tmp_path / "run" / f"{name}.pid").write_text(text)

    asyncio.run(stop_orphans(tmp_path))

    assert not list((tmp_path / "run").iterdir())


def test_free_ports_lie_below_those_of_outgoing_connections() -> None:
    assert 20_000 <= free_port() < 32_000


def test_a_port_that_another_process_is_about_to_use_is_not_handed_out() -> None:
    taken = free_port()
    code = f"""
from serverless.emulator.exceptions import ServiceFailed
from serverless.emulator.services import process

process._PORTS = [{taken}] * 100
try:
    print(process.free_port())
except ServiceFailed:
    print("taken")
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert said.strip() == "taken"

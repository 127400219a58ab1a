import base64
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.serverless.emulator.support import ROOT, process_state, until

_OWN_SERVICES = {"DATABASE_URL", "CACHE_URL", "AWS_ENDPOINT_URL"}
_PROJECT = """
[tool.serverless]
handler = "tests.serverless.emulator.handlers.site"
setup = {setup}
after = [["version"], ["no-such-command"]]
"""


@pytest.fixture
def project() -> Iterator[Path]:
    """A directory that PostgreSQL's own user may enter when this is root."""
    directory = Path(tempfile.mkdtemp(prefix="cloud-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(port: int) -> list[str]:
    return [
        sys.executable,
        "-m",
        "serverless.emulator",
        "--port",
        str(port),
        "--settings",
        "django.conf.global_settings",
    ]


def environ(*, services: bool) -> dict[str, str]:
    """With `services` the cloud starts its own, otherwise it uses those of the test run."""
    left = {name: value for name, value in os.environ.items() if not (services and name in _OWN_SERVICES)}
    return {**left, "PYTHONPATH": str(ROOT)}


@contextmanager
def cloud(directory: Path, port: int, *, services: bool) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A cloud that serves, and the file that it prints to."""
    (directory / "pyproject.toml").write_text(_PROJECT.format(setup="[]"))
    output = directory / "output"
    with (
        output.open("w") as file,
        subprocess.Popen(
            command(port), cwd=directory, env=environ(services=services), stdout=file, stderr=file, text=True
        ) as process,
    ):
        try:
            assert until(lambda: "Ready in" in output.read_text() or process.poll() is not None, seconds=30)
            assert process.poll() is None, output.read_text()
            yield process, output
        finally:
            process.kill()


def get(port: int, path: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def signed(project: Path, path: str) -> str:
    """The path with a signature made of nothing but the environment that functions get."""
    lines = shlex.split((project / ".local" / "env").read_text())
    environ = dict(line.split("=", 1) for line in lines)
    expires = int(time.time()) + 60
    end = f'"Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}'
    policy = f'{{"Statement":[{{"Resource":"{environ["SITE_URL"]}{path}",{end}}}]}}'
    pem = environ["MEDIA_PRIVATE_KEY"].replace("\\n", "\n")
    key = load_pem_private_key(pem.encode(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    raw = base64.b64encode(key.sign(policy.encode(), ec.ECDSA(hashes.SHA256()))).decode()
    signature = raw.translate(str.maketrans("+=/", "-_~"))
    key_id = environ["MEDIA_KEY_PAIR_ID"]
    return f"{path}?Expires={expires}&Signature={signature}&Key-Pair-Id={key_id}&Hash-Algorithm=SHA256"


def children(pid: int) -> set[int]:
    return {int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def test_from_start_to_ctrl_c(project: Path) -> None:
    port = free_port()
    with cloud(project, port, services=True) as (process, output):
        status, body = get(port, "/event")
        assert status == 200
        assert json.loads(body)["headers"]["x-viewer-host"] == f"127.0.0.1:{port}"
        assert get(port, "/static/none.css")[0] == 404
        assert get(port, "/media/none.jpg")[0] == 403
        assert get(port, signed(project, "/media/none.jpg"))[0] == 404
        assert until(lambda: "[worker] tick" in output.read_text())
        assert until(lambda: "`manage.py no-such-command` failed with exit code 1; the cloud" in output.read_text())
        assert output.read_text().index("Ready in") < output.read_text().index("[version] ")

        env_file = project / ".local" / "env"
        assert f"SITE_URL=http://localhost:{port}\n" in env_file.read_text()
        assert env_file.stat().st_mode & 0o777 == 0o600

        second = subprocess.run(
            command(port), cwd=project, env=environ(services=True), capture_output=True, text=True, timeout=10
        )
        assert second.returncode == 1
        assert re.fullmatch(rf"Port {port} on 127.0.0.1 is already in use: .* --port\.\n", second.stderr)

        started_by_it = children(process.pid)
        assert len(started_by_it) >= 5  # three services, two environments
        stopping = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert time.monotonic() - stopping < 5
        assert not any(process_state(pid) for pid in started_by_it)
        assert not env_file.exists()
        assert f"Ready in {output.read_text().split()[2]} s: http://localhost:{port}/" in output.read_text()


def test_kill_9_leaves_nothing_behind_and_the_next_start_works(project: Path) -> None:
    port = free_port()
    with cloud(project, port, services=True) as (process, _):
        left = children(process.pid)
        process.kill()
    assert until(lambda: not any(process_state(pid) for pid in left), seconds=10)
    with cloud(project, port, services=True) as (process, _):
        assert get(port, "/event")[0] == 200
        process.terminate()
        assert process.wait(10) == 0


def test_a_failed_setup_ends_it_with_what_the_command_said(project: Path) -> None:
    (project / "pyproject.toml").write_text(_PROJECT.format(setup='[["no-such-command"]]'))
    done = subprocess.run(
        command(free_port()), cwd=project, env=environ(services=False), capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 1
    assert "Unknown command: 'no-such-command'" in done.stdout
    assert (
        done.stderr
        == "`manage.py no-such-command` failed with exit code 1: mend what it prints above, then start again.\n"
    )


def test_a_queue_that_lambda_would_not_map_ends_it(project: Path) -> None:
    name = f"q-{uuid.uuid4().hex}"
    boto3.client("sqs").create_queue(QueueName=name, Attributes={"VisibilityTimeout": "119"})
    (project / "pyproject.toml").write_text(_PROJECT.format(setup="[]") + f'queues = ["{name}"]\n')
    done = subprocess.run(
        command(free_port()), cwd=project, env=environ(services=False), capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 1
    assert "Queue visibility timeout: 119 seconds is less than Function timeout: 120 seconds" in done.stderr
    assert done.stderr.count("\n") == 1

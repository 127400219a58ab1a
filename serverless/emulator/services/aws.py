"""S3 and SQS on one port: moto, with what it leaves out (see ``aws_server``)."""

import importlib.util
import os
import sys
from pathlib import Path

import serverless
from serverless.emulator.exceptions import ToolMissing
from serverless.emulator.services.process import Process, free_port, listening, start
from serverless.sigv4 import Credentials

ACCOUNT = "123456789012"
REGION = "us-east-1"
CREDENTIALS = Credentials(access_key="local", secret_key="local-secret")  # noqa: S106 - opens nothing outside this machine

_NAME = "aws"
_ROOT = Path(serverless.__file__).resolve().parents[1]


async def start_aws(state: Path) -> tuple[Process, str]:
    """Start S3 (objects in ``state/s3``) and SQS (in memory) and return the process with its endpoint."""
    if importlib.util.find_spec("moto") is None or importlib.util.find_spec("werkzeug") is None:
        raise ToolMissing("The Python package moto[server]", hint="install it, or set AWS_ENDPOINT_URL")
    home, port = state / "s3", free_port()
    home.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "serverless.emulator.services.aws_server", str(port), str(home)]
    environ = {
        "PYTHONPATH": os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH")))),
        "MOTO_DISABLE_GLOBAL_CORS": "true",  # else every answer allows every origin
        "MOTO_S3_DEFAULT_KEY_BUFFER_SIZE": str(1 << 20),  # larger bodies wait on disk, not in memory
        "MOTO_ACCOUNT_ID": ACCOUNT,
        "MALLOC_MMAP_THRESHOLD_": str(1 << 20),  # else glibc keeps freed bodies: 185 MB at rest instead of 92
        "S3_IGNORE_SUBDOMAIN_BUCKETNAME": "true",  # else 127.0.0.1 reads as a bucket called 127
    }
    process = start(_NAME, command, state=state, environ=environ)
    try:
        await process.until(lambda _: listening(port))
    except BaseException:
        await process.stop()
        raise
    return process, f"http://127.0.0.1:{port}"

"""The environment that the tests stand on."""

import os
import socket
from urllib.parse import urlsplit


def test_services_answer() -> None:
    for variable in ("DATABASE_URL", "CACHE_URL", "AWS_ENDPOINT_URL"):
        address = urlsplit(os.environ[variable])
        with socket.create_connection((address.hostname, address.port), timeout=2):
            pass


def test_every_worker_has_its_own_names() -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "tests")
    assert os.environ["MEDIA_BUCKET"] == f"media-{worker}"
    assert os.environ["TASK_QUEUES"].endswith(f"/default-{worker}")

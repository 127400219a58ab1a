"""Real services for the tests: PostgreSQL, Valkey, S3 and SQS, once a run, in a directory that goes away with it.

Leaves: the environment that `settings.test` reads. Workers of pytest-xdist share the servers and get buckets and
queues of their own; pytest-django gives them databases of their own. DATABASE_URL, CACHE_URL and AWS_ENDPOINT_URL,
if set, name servers to use instead. With ``--stage`` nothing is started, and the environment stays as it is.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from serverless.emulator.exceptions import EmulatorError
from serverless.emulator.services import Services, start_services
from serverless.emulator.services.resources import Endpoint
from serverless.sigv4 import Credentials

ORIGIN = "http://testserver"
QUEUES = {"default": 60}

_CONSTANTS = {
    "DJANGO_SETTINGS_MODULE": "settings.test",
    "SECRET_KEY": "only-for-tests-" + "x" * 40,
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "SITE_URL": ORIGIN,
    "ORIGIN_SECRETS": "",
    "LOG_LEVEL": "WARNING",
    "MEDIA_BUCKET": "media",
    "STATIC_BUCKET": "static",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("aws", "a stage on AWS (pytest tests/aws)")
    group.addoption("--stage", help="look at this stage with your own credentials; no services are started")
    group.addoption("--protected", action="store_true", help="even one that is protected")


@pytest.hookimpl(wrapper=True)  # a wrapper, so that it comes before pytest-django loads the settings
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    options = early_config.known_args_namespace
    if not (options.help or options.version or options.stage):
        worker = os.environ.get("PYTEST_XDIST_WORKER")
        if worker:
            _own_names(worker)
        else:
            _start(early_config)
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Close what earlier tests left open before one that may not connect: it must not meet what came before it."""
    from django.conf import settings
    from django.db import connections

    if settings.configured and item.get_closest_marker("django_db") is None:
        for connection in connections.all(initialized_only=True):
            if not connection.in_atomic_block:
                connection.close()


def _start(config: pytest.Config) -> None:
    """Start the services, to be stopped when ``config`` is done with, however the run ends."""
    # Workers do not read -p before they load settings, but this they do.
    os.environ.update(_CONSTANTS, PYTEST_PLUGINS=__name__)
    state = Path(tempfile.mkdtemp(prefix="serverless-tests-"))
    state.chmod(0o755)  # PostgreSQL runs as another user when this is root
    config.add_cleanup(lambda: shutil.rmtree(state))
    try:
        services = asyncio.run(start_services(state, buckets=[], queues={}, origins=[ORIGIN]))
        config.add_cleanup(lambda: _stop(services))
        os.environ.update(services.environ)
        _own_names("tests")  # where the servers are those of a running emulator, its worker must not find our messages
    except EmulatorError as error:
        raise pytest.UsageError(str(error)) from None


def _stop(services: Services) -> None:
    asyncio.run(services.stop())


def _own_names(worker: str) -> None:
    endpoint = Endpoint(
        url=os.environ["AWS_ENDPOINT_URL"], region=os.environ["AWS_REGION"], credentials=Credentials.from_environ()
    )
    for variable in ("MEDIA_BUCKET", "STATIC_BUCKET"):
        os.environ[variable] = f"{_CONSTANTS[variable]}-{worker}"
        endpoint.make_bucket(os.environ[variable])
        endpoint.allow_browsers(os.environ[variable], [ORIGIN])
    urls = {name: endpoint.make_queue(f"{name}-{worker}", visibility=seconds) for name, seconds in QUEUES.items()}
    os.environ["TASK_QUEUES"] = ",".join(f"{name}={url}" for name, url in urls.items())

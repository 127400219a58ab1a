"""The composition: lock, clean up, start all at once, make buckets and queues."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from serverless.emulator.exceptions import ServiceFailed, StateUnusable
from serverless.emulator.services.aws import CREDENTIALS, REGION, start_aws
from serverless.emulator.services.postgres import start_postgres
from serverless.emulator.services.process import Process, stop_orphans
from serverless.emulator.services.resources import Endpoint
from serverless.emulator.services.state import StateLock
from serverless.emulator.services.valkey import start_valkey
from serverless.sigv4 import Credentials

type _Start = Callable[[Path], Awaitable[tuple[Process, str]]]

_STARTS: dict[str, _Start] = {
    "AWS_ENDPOINT_URL": start_aws,  # the slowest first
    "CACHE_URL": start_valkey,
    "DATABASE_URL": start_postgres,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Running services and the environment that leads to them."""

    environ: dict[str, str]
    processes: Sequence[Process]
    lock: StateLock

    async def stop(self) -> None:
        """Stop what was started, all at once, and let go of the state directory."""
        await asyncio.gather(*(process.stop() for process in self.processes))
        self.lock.release()


async def start_services(
    state_dir: Path, *, buckets: Sequence[str], queues: Mapping[str, int], origins: Sequence[str]
) -> Services:
    """Start the services that the environment does not already name, with their data in ``state_dir``.

    ``queues`` maps a queue's name to its visibility timeout in seconds; ``origins`` are those of pages that upload.
    Call from a thread that lives as long as the services (Linux ends them with it). Raises EmulatorError.
    """
    lock = StateLock(state_dir)
    state = lock.state
    processes: list[Process] = []
    try:
        await stop_orphans(state)
        urls = await _start_missing(state, processes)
        environ = await asyncio.to_thread(_furnish, urls, buckets, queues, origins)
    except BaseException as error:
        await asyncio.gather(*(process.stop() for process in processes))
        lock.release()
        if isinstance(error, OSError):  # a file in it that another user made, a full disk
            raise StateUnusable(state, f"{error.strerror}: {error.filename or 'no file named'}") from error
        raise
    return Services(environ=environ, processes=processes, lock=lock)


async def _start_missing(state: Path, processes: list[Process]) -> dict[str, str]:
    """Return the URL of each service by its variable; those started here are added to ``processes``."""
    urls = {variable: os.environ[variable] for variable in _STARTS if os.environ.get(variable)}

    async def begin(variable: str) -> None:
        process, urls[variable] = await _STARTS[variable](state)
        processes.append(process)

    missing = [variable for variable in _STARTS if variable not in urls]
    results = await asyncio.gather(*map(begin, missing), return_exceptions=True)
    for result in results:
        if result is not None:
            raise result
    return urls


def _furnish(
    urls: Mapping[str, str], buckets: Sequence[str], queues: Mapping[str, int], origins: Sequence[str]
) -> dict[str, str]:
    ours = not os.environ.get("AWS_ENDPOINT_URL")
    endpoint = _endpoint(urls["AWS_ENDPOINT_URL"], ours=ours)
    for bucket in buckets:
        if endpoint.make_bucket(bucket) or ours:
            endpoint.allow_browsers(bucket, origins)
    made = {name: endpoint.make_queue(name, visibility=visibility) for name, visibility in queues.items()}
    return {
        **urls,
        "AWS_ACCESS_KEY_ID": endpoint.credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": endpoint.credentials.secret_key,
        "AWS_REGION": endpoint.region,
        "AWS_DEFAULT_REGION": endpoint.region,
        **({"AWS_SESSION_TOKEN": token} if (token := endpoint.credentials.token) else {}),
        "TASK_QUEUES": ",".join(f"{name}={url}" for name, url in made.items()),
    }


def _endpoint(url: str, *, ours: bool) -> Endpoint:
    if not url.startswith(("http://", "https://")):
        raise ServiceFailed("S3 and SQS", f"AWS_ENDPOINT_URL is {url}, not a URL such as http://127.0.0.1:5000")
    if ours or "AWS_ACCESS_KEY_ID" not in os.environ:
        return Endpoint(url=url, region=REGION, credentials=CREDENTIALS)
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or REGION
    return Endpoint(url=url, region=region, credentials=Credentials.from_environ())

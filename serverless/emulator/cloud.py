"""The composition root: the whole local cloud, from an empty machine to an open front door and back."""

import asyncio
import errno
import shlex
import signal
import socket
import sys
import time
from contextlib import AsyncExitStack
from typing import Final

from aiohttp import web

from serverless.emulator import after, keys, scheduler, setup, shards, variables
from serverless.emulator.aws import AwsClient
from serverless.emulator.cdn import Cdn, Maintenance, Pages, behaviours
from serverless.emulator.config import EmulatorConfig, FunctionConfig
from serverless.emulator.event_source import EventSource, Queue, advice, check, describe, recommended_visibility
from serverless.emulator.exceptions import ConfigInvalid, PortInUse, ToolMissing
from serverless.emulator.function import Function
from serverless.emulator.gateway import GATEWAYS
from serverless.emulator.limits import CDN_REQUEST_BYTES
from serverless.emulator.logs import Log, prefixed
from serverless.emulator.scrape import Handle, Scrape, beside
from serverless.emulator.services import start_services

_ENV_FILE: Final = "env"


async def run(config: EmulatorConfig, *, log: Log) -> None:
    """Serve until SIGINT or SIGTERM, then take everything down. Raises EmulatorError."""
    if sys.platform != "linux":
        raise ToolMissing("Linux", hint="execution environments need its process control; use WSL 2 or a container.")
    task = asyncio.create_task(_serve(config, log=log))
    stopping = asyncio.Event()

    def stop() -> None:
        if not stopping.is_set():  # once: a second Ctrl-C must not cut the teardown short
            stopping.set()
            task.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        log("Stopped.")


async def _serve(config: EmulatorConfig, *, log: Log) -> None:
    """Door, services, variables, setup, functions, pollers, afterwork; undone in reverse, however this ends."""
    started = time.monotonic()
    async with AsyncExitStack() as stack:
        # The door first: a port in use is known at once, and an early visitor waits instead of being refused.
        door = stack.enter_context(_listen(config.host, config.port))
        services = await start_services(
            config.state_dir,
            buckets=[variables.MEDIA_BUCKET, variables.STATIC_BUCKET],
            queues=dict.fromkeys(config.queues, recommended_visibility(config.worker, config.event_source)),
            origins=variables.origins(config),
        )
        stack.push_async_callback(services.stop)
        databases = await asyncio.to_thread(shards.environ, services.environ["DATABASE_URL"], config.shards)
        contract = variables.contract(config, {**services.environ, **databases})
        environ = variables.inherited(contract)
        env_file = config.state_dir / _ENV_FILE
        variables.write_env_file(env_file, contract)
        stack.callback(env_file.unlink, missing_ok=True)
        aws = AwsClient(contract)
        stack.push_async_callback(aws.close)
        queues = await _queues(config, aws, contract["TASK_QUEUES"], log)
        printed = await setup.run(config.setup, root=config.root, environ=environ, log=log)
        scrape = Scrape()
        heard = scrape.listening(log)
        web_function, worker = (_function(stack, part, config, environ, heard) for part in (config.web, config.worker))
        await web_function.warm()
        cdn = Cdn(
            gateway=GATEWAYS[config.front_door](web_function, log=prefixed(log, config.front_door)),
            aws=aws,
            behaviours=behaviours(static=variables.STATIC_BUCKET, media=variables.MEDIA_BUCKET, signed=config.signed),
            keys=keys.trusted(config.state_dir),
            pages=Pages(config.pages),
            site_url=contract["SITE_URL"],
            secret=contract["ORIGIN_SECRETS"].split(",")[0],
            maintenance=Maintenance(on=bool(config.maintenance), bypass=config.maintenance),
        )
        await _open(stack, beside(cdn.handle, scrape), door)
        log(f"{printed.strip()}\n\n{_ready(config, time.monotonic() - started)}".lstrip())
        async with asyncio.TaskGroup() as group:
            group.create_task(_poll(config, worker, aws, queues, log))
            group.create_task(after.run(config.after, root=config.root, environ=environ, log=log))


def _function(
    stack: AsyncExitStack, part: FunctionConfig, config: EmulatorConfig, environ: dict[str, str], log: Log
) -> Function:
    function = Function(part, environ=environ, root=config.root, log=log)
    stack.push_async_callback(function.stop)
    return function


async def _open(stack: AsyncExitStack, handle: Handle, door: socket.socket) -> None:
    # aiohttp's own limits are wider than the CDN's, which then answers as CloudFront does.
    server = web.Server(
        handle, access_log=None, max_line_size=2 * CDN_REQUEST_BYTES, max_field_size=2 * CDN_REQUEST_BYTES
    )
    runner = web.ServerRunner(server, shutdown_timeout=0.5)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, door).start()


async def _queues(config: EmulatorConfig, aws: AwsClient, urls: str, log: Log) -> list[Queue]:
    """The queues, as far as Lambda would map them to the worker. Raises ConfigInvalid, AwsError."""
    queues = [await describe(aws, entry.partition("=")[2]) for entry in urls.split(",")]
    for queue in queues:
        check(queue, config.worker)
    for sentence in advice(queues, config.worker, config.event_source):
        log(sentence)
    return queues


async def _poll(config: EmulatorConfig, worker: Function, aws: AwsClient, queues: list[Queue], log: Log) -> None:
    """Run the event source mappings and the minute until cancelled."""
    async with asyncio.TaskGroup() as pollers:
        for queue in queues:
            source = EventSource(worker, aws=aws, queue=queue, config=config.event_source, log=log)
            pollers.create_task(source.run())
        pollers.create_task(scheduler.run(worker, interval_s=config.tick_interval_s))


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            raise PortInUse(port, host=host) from problem
        raise ConfigInvalid(f"nothing can listen on {host}, port {port} ({problem.strerror or problem}).") from problem


def _ready(config: EmulatorConfig, seconds: float) -> str:
    env_file = shlex.quote(str(config.state_dir / _ENV_FILE))
    return (
        f"Ready in {seconds:.1f} s: {variables.origins(config)[0]}/\n"
        f"The functions' logs follow here; the services' logs and all data are in {config.state_dir}.\n"
        f"For another terminal: set -a; . {env_file}; set +a. Ctrl-C stops everything."
    )

"""Front doors before real execution environments, and requests for them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from serverless.emulator.gateway import GATEWAYS, Gateway
from serverless.emulator.messages import Headers, Request, Response
from tests.serverless.emulator.support import function_config, running


def request(
    target: str = "/event", *, method: str = "GET", headers: Headers = (), body: bytes = b"", address: str = "192.0.2.1"
) -> Request:
    return Request(method=method, target=target, headers=headers, body=body, address=address)


def returning(answer: object) -> Request:
    """A request to which `handlers.web` returns `answer`."""
    return request("/answer", method="POST", body=json.dumps(answer).encode())


def parsed(gateway: str, answer: object) -> Response:
    """`answer`, as the front door of that name reads it."""
    return GATEWAYS[gateway].answer(json.dumps(answer).encode())


def values(response: Response, name: str) -> list[str]:
    return [value for given, value in response.headers if given.lower() == name]


@asynccontextmanager
async def before(
    name: str, *, handler: str = "handlers.web", log: list[str] | None = None, timeout_s: float | None = None
) -> AsyncIterator[Gateway]:
    """The front door of that name, before one warm environment."""
    lines = [] if log is None else log
    async with running(function_config(handler, concurrency=1), log=lines) as function:
        await function.warm()
        yield GATEWAYS[name](function, log=lines.append, timeout_s=timeout_s)

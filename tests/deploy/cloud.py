"""moto in this process, with the routes that it lacks, and with faults on demand.

moto runs a function in Docker, and knows neither ``function:NAME:VERSION`` in a path nor the function URL routes that
Zappa asks: https://docs.getmoto.org/en/latest/docs/services/lambda.html
"""

import os
import re
import signal
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from serverless import aws
from tests.deploy.lambdas import Lambdas

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

type Answer = Callable[[Request], Response | None]

_FUNCTION = r"/[^/]+/functions/(?P<name>[^/]+)"
_URLS = re.compile(r"/2021-10-31/functions/[^/]+/urls?$")
_INVOKE = re.compile(rf"{_FUNCTION}/invocations$")
_QUALIFIED = re.compile(rf"(?P<before>{_FUNCTION})(?P<after>/.*)?$")


class _Handler(MotoRequestHandler):
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Requests are in ``Cloud.calls``."""


_INVALIDATE = re.compile(r"POST /2020-05-31/distribution/[^/]+/invalidation\?")


class Cloud:
    """Serves until ``stop``. ``calls`` holds ``METHOD /path?query`` of all that came.

    ``database``: ``host:port/name`` of the one that stands for the stage's.
    """

    def __init__(self, *, database: str) -> None:
        moto_api_backend.reset()  # another module's
        self.calls: list[str] = []
        self.lambdas = Lambdas(database=database)
        self._faults: list[tuple[re.Pattern[str], Answer]] = []
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._serve, threaded=True, request_handler=_Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.lambdas.start(self.url)

    def stop(self) -> None:
        self.lambdas.stop()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def client(self, service: str, region: str) -> Any:
        """Return a client of moto's, for what the code under test has no need of."""
        return aws.client(service, region=region)

    @property
    def forgotten(self) -> int:
        """How often CloudFront was asked to forget what it has kept."""
        return sum(_INVALIDATE.match(call) is not None for call in self.calls)

    @contextmanager
    def failing(self, calls: str, answer: Answer) -> Iterator[None]:
        """Have ``answer`` see to requests whose ``METHOD /path?query`` matches ``calls``; None: moto does after all."""
        fault = (re.compile(calls), answer)
        self._faults.append(fault)
        try:
            yield
        finally:
            self._faults.remove(fault)

    def _serve(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        call = f"{request.method} {unquote(environ['PATH_INFO'])}?{environ.get('QUERY_STRING', '')}"
        self.calls.append(call)
        for pattern, answer in list(self._faults):
            if pattern.search(call) and (response := answer(request)) is not None:
                return response(environ, start)
        if _URLS.match(environ["PATH_INFO"]):
            return Response('{"FunctionUrlConfigs": []}', mimetype="application/json")(environ, start)
        if found := _INVOKE.match(environ["PATH_INFO"]):
            return self._invoke(request, found["name"])(environ, start)
        _qualify(environ)
        return self._moto(environ, start)  # type: ignore[no-any-return]

    def _invoke(self, request: Request, name: str) -> Response:
        qualifier = parse_qs(request.query_string.decode()).get("Qualifier", ["$LATEST"])[0]
        region = request.headers["Authorization"].split("/")[2]
        return self.lambdas.invoke(unquote(name), qualifier, request.get_data(), region=region)


def _qualify(environ: "WSGIEnvironment") -> None:
    """Make ``function:NAME:7`` what moto understands: ``NAME?Qualifier=7``."""
    found = _QUALIFIED.match(unquote(environ["PATH_INFO"]))
    if found is None or found["name"].count(":") not in {1, 7}:
        return
    name, _, qualifier = found["name"].rpartition(":")
    environ["PATH_INFO"] = found["before"].replace(found["name"], name) + (found["after"] or "")
    environ["RAW_URI"] = environ["REQUEST_URI"] = environ["PATH_INFO"]
    environ["QUERY_STRING"] = "&".join(filter(None, [environ.get("QUERY_STRING", ""), f"Qualifier={qualifier}"]))


def refusal(status: int, kind: str, message: str = "made to fail") -> Answer:
    """Answer with an error in the form of S3's for its paths, else of Lambda's."""

    def answer(request: Request) -> Response:
        if "/functions" in request.path:
            body: Any = f'{{"Type": "User", "message": "{message}"}}'
            return Response(body, status, {"x-amzn-ErrorType": kind}, mimetype="application/json")
        body = f"<?xml version='1.0'?><Error><Code>{kind}</Code><Message>{message}</Message></Error>"
        return Response(body, status, mimetype="application/xml")

    return answer


def hang_up(request: Request) -> Response:
    """Cut the connection."""
    request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return Response()


def first(number: int, answer: Answer) -> Answer:
    """Answer the first ``number`` requests so, and leave the rest to moto."""
    left = iter(range(number))

    def limited(request: Request) -> Response | None:
        return None if next(left, None) is None else answer(request)

    return limited


def ctrl_c(request: Request) -> None:
    """Interrupt who asks, and let moto answer."""
    os.kill(os.getpid(), signal.SIGINT)

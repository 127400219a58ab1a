"""``python -m serverless.emulator.services.aws_server PORT OBJECTS``: serve until SIGINT."""

import gc
import os
import signal
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from serverless.emulator.services.aws import CREDENTIALS
from serverless.emulator.services.aws_server.multiparts import Multiparts
from serverless.emulator.services.aws_server.objects import Objects, WriteThrough
from serverless.emulator.services.aws_server.origins import Origins
from serverless.emulator.services.aws_server.presigned import Presigned


class _Dispatcher(DomainDispatcherApplication):
    def __init__(self, create_app: Callable[..., Any]) -> None:
        super().__init__(create_app)
        # Twice a request, moto lists its own packages, with a stat for each, to answer the same thing.
        self._backend = lru_cache(maxsize=64)(super().get_backend_for_host)

    def get_backend_for_host(self, host: str | None) -> Any:
        return self._backend(host)

    def infer_service_region_host(self, environ: dict[str, Any], path: str) -> str | None:
        """What carries no Authorization is S3's, presigned or a preflight. moto would search the body for hints."""
        if "HTTP_AUTHORIZATION" not in environ:
            return "s3.us-east-1.amazonaws.com"
        host: str | None = super().infer_service_region_host(environ, path)
        return host


class _Handler(MotoRequestHandler):
    disable_nagle_algorithm = True  # head and body are two sends: the second would wait 40 ms for the first's ACK

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Requests stay out of the log; what goes wrong is written to it."""


def main(port: str, directory: str) -> None:
    signal.signal(signal.SIGINT, lambda *_: os._exit(0))  # what was answered is on disk, the rest does not count
    objects = Objects(Path(directory))
    try:
        objects.restore()
    except (OSError, ValueError) as problem:
        sys.exit(f"The objects cannot be loaded ({problem}).")
    app = WriteThrough(_Dispatcher(create_backend_app), objects=objects)
    served = Origins(Presigned(Multiparts(app), credentials=CREDENTIALS))
    gc.freeze()  # collections, one a large upload, then skip what moto's modules are made of
    make_server("127.0.0.1", int(port), served, threaded=True, request_handler=_Handler).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])

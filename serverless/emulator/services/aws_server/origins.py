"""CORS headers on every answer: a browser shows a page nothing of a refused upload without them."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from moto.s3.models import s3_backends
from moto.s3.utils import cors_matches_origin

from serverless.emulator.services.aws import ACCOUNT
from serverless.emulator.services.aws_server.wsgi import bucket_and_key

if TYPE_CHECKING:
    from serverless.emulator.services.aws_server.wsgi import Application, Environ, Start


class Origins:
    """Add the bucket's CORS headers where ``app`` set none; preflights are moto's to answer."""

    def __init__(self, app: "Application") -> None:
        self._app = app

    def __call__(self, environ: "Environ", start_response: "Start") -> Iterable[bytes]:
        headers = _headers(bucket_and_key(environ)[0], environ.get("HTTP_ORIGIN"))
        if not headers or environ["REQUEST_METHOD"] == "OPTIONS":
            return self._app(environ, start_response)

        # exc_info (the third argument) is for servers that have begun to answer; moto never gives it.
        def start(status: str, given: list[tuple[str, str]], *_: Any) -> Callable[[bytes], object]:
            names = {name.lower() for name, _ in given}
            return start_response(status, [*given, *(pair for pair in headers if pair[0].lower() not in names)])

        return self._app(environ, start)


def _headers(bucket_name: str, origin: str | None) -> list[tuple[str, str]]:
    bucket = s3_backends[ACCOUNT]["aws"].buckets.get(bucket_name)
    if bucket is None or origin is None:
        return []
    for rule in bucket.cors:
        if cors_matches_origin(origin, rule.allowed_origins):
            exposed = rule.exposed_headers or []
            expose = exposed if isinstance(exposed, str) else ", ".join(exposed)
            return [
                ("Access-Control-Allow-Origin", origin),
                ("Access-Control-Expose-Headers", expose),
                ("Vary", "Origin"),
            ]
    return []

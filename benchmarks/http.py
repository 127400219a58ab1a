"""What an adapter adds to Django: CPU of one request beside Django's own WSGIHandler, called with a ready environ.

python -m benchmarks.http [--rounds 20] [--seconds 0.08]

One process, one interleaved run: each round times every adapter on every request. What is printed is the fastest round
beside WSGIHandler's fastest: other work on the machine only ever adds. The events are those of an HTTP API, with the 20
headers of a browser behind CloudFront; awslambdaric's JSON is not counted, since it is the same for all.
"""

import argparse
import copy
import io
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.http_project"
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402 - it is read from here on
from django.core.handlers.asgi import ASGIHandler  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402

from serverless import context  # noqa: E402
from serverless.conf import conf  # noqa: E402
from serverless.events import build, kind  # noqa: E402
from serverless.handlers import http as handlers  # noqa: E402
from serverless.http import Adapter  # noqa: E402
from serverless.http.asgi import ASGI  # noqa: E402
from serverless.http.converters import v2  # noqa: E402
from serverless.http.environ import build_environ  # noqa: E402
from serverless.http.messages import Viewer  # noqa: E402
from tests.conformance.adapters import apig_wsgi, mangum, zappa  # noqa: E402
from tests.serverless.lambda_context import FakeContext  # noqa: E402

type Call = Callable[[], object]

SECRET = "a-secret-of-forty-characters-for-the-lock"  # noqa: S105 - nobody's
HEADERS = [
    ("host", "photos.example"),
    ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("accept-language", "en-GB,en;q=0.5"),
    ("cache-control", "max-age=0"),
    ("dnt", "1"),
    ("priority", "u=0, i"),
    ("referer", "https://photos.example/studio/"),
    ("sec-ch-ua", '"Chromium";v="142", "Not_A Brand";v="99"'),
    ("sec-fetch-dest", "document"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-site", "same-origin"),
    ("upgrade-insecure-requests", "1"),
    ("user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"),
    ("via", "2.0 0123456789abcdef.cloudfront.net (CloudFront)"),
    ("x-amz-cf-id", "pn-PWIJc6thYnZm5P0NMgOUglL1DYtl0gdeJky8tqsg8iS_sgsKD1A=="),
    ("x-amzn-trace-id", "Root=1-67891233-abcdef012345678912345678"),
    ("x-forwarded-for", "203.0.113.7, 198.51.100.9"),
    ("x-forwarded-port", "443"),
    ("x-forwarded-proto", "https"),
    ("cookie", "sessionid=abcdefghijklmnop; theme=dark"),
]
REQUESTS: dict[str, tuple[dict[str, Any], float]] = {  # with the ratio that is wanted of the adapter alone
    "empty": ({"raw_path": "/empty"}, 1.06),
    "30-row template": ({"raw_path": "/rows"}, 1.06),
    "json": ({"raw_path": "/json"}, 1.06),
    "2 cookies": ({"raw_path": "/cookies"}, 1.06),
    "300 kB binary": ({"raw_path": "/binary"}, 1.35),
    "2 MB post": (
        {
            "raw_path": "/post",
            "method": "POST",
            "headers": [("content-type", "application/octet-stream")],
            "body": bytes(range(256)) * 8192,
        },
        6.0,
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=0.08, help="how long each adapter runs a request in a round")
    options = parser.parse_args()
    logging.disable(logging.INFO)
    with context.invocation(FakeContext(seconds=3600)):  # with its deadline, as on Lambda
        rows = {name: _measure(request, options) for name, (request, _) in REQUESTS.items()}
    names = list(next(iter(rows.values())))[1:]
    print(f"{'CPU / WSGIHandler':18}" + "".join(f"{name:>16}" for name in ["WSGIHandler", *names]) + "   wanted")
    for name, row in rows.items():
        base = f"{row['WSGIHandler'] * 1e6:.0f} us"
        ratios = "".join(f"{f'{row[adapter]:.2f}x':>16}" for adapter in names)
        print(f"{name:18}{base:>16}{ratios}   <= {REQUESTS[name][1]}x")
    print("ours: the adapter alone; ours+: with its log line and the origin lock (wanted <= 1.20x on small views)")


def _measure(request: dict[str, Any], options: argparse.Namespace) -> dict[str, float]:
    calls = _calls(build.http_v2(**{**request, "headers": [*HEADERS, *request.get("headers", ())]}))
    around: dict[str, Callable[[], AbstractContextManager[None]]] = dict.fromkeys(calls, nullcontext)
    around["ours+"] = _dressed
    for name, call in calls.items():
        with around[name]():
            assert _status(call()) == 200, (name, request)
    repeats = {name: max(1, round(options.seconds / _once(call, 3, nullcontext))) for name, call in calls.items()}
    rounds = [
        {name: _once(call, repeats[name], around[name]) for name, call in calls.items()} for _ in range(options.rounds)
    ]
    fastest = {name: min(row[name] for row in rounds) for name in calls}
    return {name: fastest[name] / fastest["WSGIHandler"] for name in calls} | {"WSGIHandler": fastest["WSGIHandler"]}


def _once(call: Call, repeats: int, around: Callable[[], AbstractContextManager[None]]) -> float:
    """Return the CPU seconds of one of ``repeats`` calls, on all threads: ASGI runs views on another one."""
    with around():
        started = time.process_time()
        for _ in range(repeats):
            call()
        return (time.process_time() - started) / repeats


def _calls(event: Any) -> dict[str, Call]:
    event_with_secret = copy.deepcopy(event)
    event_with_secret["headers"] |= {"x-origin-secret": SECRET, "x-viewer-host": "photos.example"}
    return {
        "WSGIHandler": _plain(event),
        "ours": partial(_ours, event),
        "ours+": partial(_ours, event_with_secret),
        "ours, asgi": partial(Adapter(ASGI(ASGIHandler().handle)).respond, event, v2),
        "apig-wsgi": partial(apig_wsgi.load(), event),
        "mangum": partial(mangum.load(), event),
        "zappa": partial(zappa.load(), event),
    }


def _ours(event: Any) -> object:
    """What the entry point does with an event, inside an invocation."""
    return handlers.HANDLERS[kind(event)](event)


def _plain(event: Any) -> Call:
    """Django alone: the environ is ready, the body is read from memory, the answer is joined and closed."""
    application = get_wsgi_application()
    request = v2.request(event)
    environ = build_environ(request, Viewer(host=None, address=None, scheme=None))
    body = request.body()

    def call() -> Mapping[str, object]:
        said: dict[str, object] = {}

        def start_response(
            status: str, _headers: list[tuple[str, str]], _: object = None, /
        ) -> Callable[[bytes], None]:
            said["statusCode"] = int(status[:3])
            return lambda _: None

        response = application(environ | {"wsgi.input": io.BytesIO(body)}, start_response)
        said["body"] = b"".join(response)
        response.close()
        return said

    return call


@contextmanager
def _dressed() -> Iterator[None]:
    """The origin lock on, and each request's log line formatted and written, to nowhere."""
    settings.SERVERLESS = {"ORIGIN_SECRETS": [SECRET, "next"]}
    conf.cache_clear()
    logging.disable(logging.NOTSET)
    try:
        yield
    finally:
        settings.SERVERLESS = {}
        conf.cache_clear()
        logging.disable(logging.INFO)


def _status(answer: object) -> int:
    assert isinstance(answer, Mapping)
    return int(answer["statusCode"])


if __name__ == "__main__":
    main()

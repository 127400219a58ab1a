"""A page out of the cache: Django's cache_page on Valkey as this package does it, beside locmem and stock django-redis.

python -m benchmarks.caching [--rounds 20] [--requests 200]

The same plain view of 20 kB under the same middleware, on a Valkey of its own. One process, one interleaved run: each
round asks every cache for its page. What counts is the fastest round: other work on the machine only ever adds. Wall
time includes Valkey's; CPU is this process' alone. Then where it goes: one small get, and one of the page.
"""

import argparse
import io
import os
import time
from collections.abc import Callable
from typing import Any, Final

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings.test")

from django.conf import settings
from django.core.cache import caches
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.test.utils import override_settings
from django.urls import path
from django.views.decorators.cache import cache_page

from tests.valkeys import servers

type Call = Callable[[], object]
type Figures = dict[str, tuple[float, float]]

OURS, LOCMEM, STOCK, CORE = "ours", "locmem", "django-redis", "Django's own"
# What issues of speed are measured by: at most so many times the other.
WANTED: Final = {LOCMEM: 1.3, STOCK: 0.8}
_BACKENDS: Final = {
    LOCMEM: "django.core.cache.backends.locmem.LocMemCache",
    OURS: "serverless.cache.backend.ValkeyCache",
    STOCK: "django_redis.cache.RedisCache",
    CORE: "django.core.cache.backends.redis.RedisCache",
}
_BODY: Final = b"<p>A photograph.</p>" * 1000


def page(_: HttpRequest) -> HttpResponse:
    return HttpResponse(_BODY)


urlpatterns = [
    path(f"cached/{number}", cache_page(600, cache=name if name != LOCMEM else "default")(page))
    for number, name in enumerate(_BACKENDS)
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--requests", type=int, default=200, help="of each cache in a round")
    options = parser.parse_args()
    with servers() as (server,), override_settings(**_settings(server.url)):
        hits = measure({name: _hit(number) for number, name in enumerate(_BACKENDS)}, options)
        print(f"{'cache_page hit':16}{'wall':>10}{'CPU':>10}{'wall, ours /':>16}{'CPU, ours /':>14}   wanted")
        for name, (wall, cpu) in hits.items():
            ratios = f"{hits[OURS][0] / wall:>15.2f}x{hits[OURS][1] / cpu:>13.2f}x"
            wanted = f"   <= {WANTED[name]}x" if name in WANTED else ""
            print(f"{name:16}{_us(wall):>10}{_us(cpu):>10}{ratios}{wanted}")
        for what, value in (("a list", ["HTTP_COOKIE"]), ("the page", HttpResponse(_BODY))):
            gets = measure({name: _get(name, value) for name in _BACKENDS}, options)
            print(
                f"get {what}: "
                + ", ".join(f"{name} {_us(wall)} ({_us(cpu)} CPU)" for name, (wall, cpu) in gets.items())
            )


def measure(calls: dict[str, Call], options: argparse.Namespace) -> Figures:
    """Return wall and CPU seconds of one call, each of the fastest round."""
    best = dict.fromkeys(calls, (float("inf"), float("inf")))
    for _ in range(options.rounds):
        for name, call in calls.items():
            wall, cpu = time.perf_counter(), time.process_time()
            for _ in range(options.requests):
                call()
            taken = (time.perf_counter() - wall) / options.requests, (time.process_time() - cpu) / options.requests
            best[name] = min(best[name][0], taken[0]), min(best[name][1], taken[1])
    return best


def _settings(url: str) -> dict[str, Any]:
    made = {
        name: {"BACKEND": backend, "LOCATION": url if name != LOCMEM else "", "KEY_PREFIX": name.replace(" ", "-")}
        for name, backend in _BACKENDS.items()
    }
    return {
        "CACHES": made | {"default": made[LOCMEM]},
        "ROOT_URLCONF": __name__,
        "ALLOWED_HOSTS": ["*"],
        "MIDDLEWARE": ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"],
    }


def _hit(number: int) -> Call:
    application: Any = get_wsgi_application()
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": f"/cached/{number}", "SERVER_NAME": "photos.example", "SERVER_PORT": "80",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
    }  # fmt: skip

    def call() -> str:
        said: list[str] = []
        response = application(dict(environ), lambda status, *_: said.append(status))
        body = b"".join(response)
        response.close()
        assert body == _BODY, (said, body[:200])
        return said[0]

    for _ in range(2):
        call()
    return call


def _get(name: str, value: object) -> Call:
    cache = caches[name if name in settings.CACHES else "default"]
    cache.set("key", value, 600)
    return lambda: cache.get("key")


def _us(seconds: float) -> str:
    return f"{seconds * 1e6:.0f} us"


if __name__ == "__main__":
    import django

    django.setup(set_prefix=False)
    main()

"""A client's gallery page of 800 photographs: from a cold cache, from a warm one, and from the edge.

python -m benchmarks.data.gallery_layers [--rounds 15]

One process, one interleaved run: in each round every layer answers once, and the median is printed. `cold` renders the
sheet; `link` has the sheet in Valkey and looks the link up; `warm` has both. `edge` is what a page costs that lies in
the memory of the emulator's CDN, for the same bytes: no function is called, and so nothing of ours is asked. A live
gallery's page is never kept there, since it is for those who have the link; a sealed one will be. Below it is the same
for the API's list of those photographs. CPU is this process' alone, wall time has the database and Valkey in it.
"""

import argparse
import asyncio
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from multidict import CIMultiDict

from serverless.emulator.cdn.answers import answer
from serverless.emulator.cdn.cache import Cache
from serverless.emulator.services import start_services

if TYPE_CHECKING:
    from django.test import Client

PHOTOS: Final = 800
_ENVIRON: Final = {
    "DJANGO_SETTINGS_MODULE": "settings.test", "SECRET_KEY": "a-key-of-this-benchmark-alone-and-of-no-use-elsewhere",
    "SITE_URL": "http://testserver", "ALLOWED_HOSTS": "testserver", "ORIGIN_SECRETS": "", "LOG_LEVEL": "WARNING",
    "MEDIA_BUCKET": "media", "STATIC_BUCKET": "static", "TASK_QUEUES": "default=http://127.0.0.1:9/none",
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Layer:
    """`prepare` empties what has to be empty, `ask` returns the body."""

    prepare: Callable[[], object]
    ask: Callable[[], bytes]
    queries: int = 0
    size: int = 0
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def run(self) -> None:
        self.prepare()
        wall, cpu = time.perf_counter(), time.process_time()
        body = self.ask()
        self.cpu.append((time.process_time() - cpu) * 1000)
        self.wall.append((time.perf_counter() - wall) * 1000)
        self.size = len(body)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    rounds: int = parser.parse_args().rounds
    with _site():
        page, photos, bearer = _gallery()
        _measure("gallery page", _page_layers(page), rounds=rounds)
        _measure("API list, 200 a page", _list_layers(photos, bearer), rounds=rounds)


def _measure(name: str, layers: dict[str, Layer], *, rounds: int) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for layer in layers.values():  # imports, compiles, and counts
        layer.run()
        layer.prepare()
        with CaptureQueriesContext(connection) as asked:
            layer.ask()
        layer.queries = len(asked)
        layer.wall.clear()
        layer.cpu.clear()
    for _ in range(rounds):
        for layer in layers.values():
            layer.run()
    cold = statistics.median(layers["cold"].cpu)
    print(
        f"{name + f', {PHOTOS} photographs':36}{'CPU ms':>9}{'wall ms':>9}{'queries':>9}{'bytes':>9}{'CPU / cold':>12}"
    )
    for which, layer in layers.items():
        cpu, wall = statistics.median(layer.cpu), statistics.median(layer.wall)
        print(f"  {which:34}{cpu:9.2f}{wall:9.2f}{layer.queries:9}{layer.size:9,}{cpu / cold:11.3f}x")


def _page_layers(path: str) -> dict[str, Layer]:
    from django.core.cache import cache

    client = _client()

    def ask() -> bytes:
        return _body(client, path)

    def forget_link() -> None:
        cache.delete_pattern("sharing:link:*")  # type: ignore[attr-defined]  # django-redis

    return {
        "cold": Layer(prepare=cache.clear, ask=ask),
        "link": Layer(prepare=forget_link, ask=ask),
        "warm": Layer(prepare=lambda: None, ask=ask),
        "edge": _edge(ask()),
    }


def _list_layers(path: str, bearer: str) -> dict[str, Layer]:
    from django.core.cache import cache

    client = _client(Authorization=f"Bearer {bearer}")
    etag = client.get(path)["ETag"]

    def ask() -> bytes:
        return _body(client, path)

    def known() -> bytes:
        return _body(client, path, status=304, **{"If-None-Match": etag})

    def forget() -> None:
        cache.delete_pattern("api:photos:*")  # type: ignore[attr-defined]  # django-redis

    return {
        "cold": Layer(prepare=forget, ask=ask),
        "warm": Layer(prepare=lambda: None, ask=ask),
        "304": Layer(prepare=lambda: None, ask=known),
    }


def _edge(body: bytes) -> Layer:
    headers = {"content-type": "text/html", "cache-control": "s-maxage=600", "content-length": str(len(body))}
    kept = Cache()
    kept.keep("page", headers | {"content-encoding": "gzip"}, body)
    asked: CIMultiDict[str] = CIMultiDict({"Accept-Encoding": "gzip"})

    def ask() -> bytes:
        entry = kept.get("page")
        if entry is None or not entry.fresh:
            raise SystemExit("The edge has forgotten the page.")
        found = answer(asked, entry, seen="Hit").body
        return found if isinstance(found, bytes) else b""

    return Layer(prepare=lambda: None, ask=ask)


def _client(**headers: str) -> "Client":
    from django.test import Client

    return Client(headers={"Accept-Encoding": "gzip"} | headers)


def _body(client: "Client", path: str, *, status: int = 200, **headers: str) -> bytes:
    response: Any = client.get(path, headers=headers)
    if response.status_code != status:
        raise SystemExit(f"{path} answered {response.status_code}, not {status}.")
    return bytes(response.content)


def _gallery() -> tuple[str, str, str]:
    """The path of a link to it, the API's path of its photographs, and a token."""
    from app.accounts.models import Studio
    from app.api.models import ApiToken
    from app.galleries.actions import create_gallery
    from app.galleries.models import Photo
    from app.sharing.actions import create_share_link
    from tests.app.conftest import unsaved_photo

    studio = Studio.objects.create(slug="ours", name="Our Studio")
    gallery = create_gallery(studio, title="A day")
    shapes = ((1500, 1000), (1000, 1500), (1600, 900))
    made = [unsaved_photo(gallery, rank=n, width=shapes[n % 3][0], height=shapes[n % 3][1]) for n in range(PHOTOS)]
    Photo.objects.bulk_create(made, 200)
    _, token = create_share_link(gallery, label="Everyone")
    _, bearer = ApiToken.objects.all().issue(studio, label="Everything")
    return f"/s/{token}/", f"/api/v1/galleries/{gallery.pk}/photos/?limit=200", bearer


@contextmanager
def _site() -> Iterator[None]:
    """PostgreSQL and Valkey of its own, and Loupe in this process connected to them."""
    state = Path(tempfile.mkdtemp(prefix="loupe-bench-"))
    state.chmod(0o755)
    services = asyncio.run(start_services(state, buckets=[], queues={}, origins=[]))
    try:
        os.environ.update(services.environ | _ENVIRON)
        import django

        django.setup()
        from django.test.utils import setup_databases, setup_test_environment, teardown_databases

        setup_test_environment(debug=False)
        made = setup_databases(0, interactive=False, aliases={"default"})  # type: ignore[arg-type]  # any collection of names
        yield
        teardown_databases(made, 0)
    finally:
        asyncio.run(services.stop())
        shutil.rmtree(state)


if __name__ == "__main__":
    main()

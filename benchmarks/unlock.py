"""CPU of unlocking a share link, through the web function's own handler, against the limit and Django's default hasher.

    python -m benchmarks.unlock [--rounds 30]

Each request is an event of API Gateway with the right secret, from a viewer who was never there: routing, CSRF,
counting in the cache and in the row, comparing, signing the cookie. PBKDF2 is what `make_password` would have chosen.
"""

import argparse
import asyncio
import logging
import os
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import django

from serverless.emulator.services import start_services
from serverless.events import build

LIMIT_MS = 60.0
SECRETS = {"pin": "482913", "password": "seventeen swans and a goose"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    rounds: int = parser.parse_args().rounds
    with services():
        prepare()
        from django.contrib.auth.hashers import PBKDF2PasswordHasher

        hasher = PBKDF2PasswordHasher()
        kept = hasher.encode("482913", hasher.salt())
        pbkdf2 = statistics.median(cpu_ms(lambda: hasher.verify("482913", kept)) for _ in range(5))
        for kind, secret in SECRETS.items():
            token = make_link(kind, secret)
            spent = [one(token, secret, viewer=number) for number in range(rounds + 3)][3:]  # the first load modules
            ours = statistics.median(spent)
            print(
                f"{kind}: {ours:.1f} ms a request (slowest {max(spent):.1f}), limit {LIMIT_MS:.0f} ms, "
                f"ratio {ours / LIMIT_MS:.2f} (target <= 1); PBKDF2 alone {pbkdf2:.0f} ms, ratio {ours / pbkdf2:.2f}"
            )


@contextmanager
def services() -> Iterator[None]:
    """PostgreSQL and Valkey of its own, and the environment that the settings of the tests read."""
    state = Path(tempfile.mkdtemp(prefix="loupe-bench-"))
    state.chmod(0o755)  # PostgreSQL runs as another user when this is root
    try:
        started = asyncio.run(start_services(state, buckets=[], queues={}, origins=[]))
        try:
            os.environ["DJANGO_SETTINGS_MODULE"] = "settings.test"  # which fills in the rest
            os.environ.update({name: started.environ[name] for name in ("DATABASE_URL", "CACHE_URL")})
            yield
        finally:
            asyncio.run(started.stop())
    finally:
        shutil.rmtree(state)


def prepare() -> None:
    django.setup()
    logging.disable(logging.WARNING)  # a closed door's 403 is meant, and needs no line
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def make_link(kind: str, secret: str) -> str:
    from app.accounts.models import Studio
    from app.galleries.actions import create_gallery
    from app.sharing.actions import create_share_link
    from app.sharing.locks import Kind, hashed

    studio, _ = Studio.objects.get_or_create(slug="bench", defaults={"name": "Bench"})
    gallery = create_gallery(studio, title="Bench")
    return create_share_link(gallery, label=kind, lock=hashed(Kind(kind), secret))[1]


def one(token: str, secret: str, *, viewer: int) -> float:
    """Open the door once as a new viewer. Returns the CPU of the request that brings the secret, in milliseconds."""
    headers = [
        ("host", "loupe.test"),
        ("x-viewer-host", "loupe.test"),
        ("cloudfront-forwarded-proto", "https"),
        ("x-viewer-address", f"198.51.{viewer // 250}.{viewer % 250 + 1}"),
        ("origin", "https://loupe.test"),
    ]
    page = ask(build.http_v2(raw_path=f"/s/{token}/", headers=headers))
    csrf = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page["body"])
    assert csrf is not None, page["statusCode"]
    cookies = "; ".join(cookie.partition(";")[0] for cookie in page["cookies"])
    form = urlencode({"secret": secret, "csrfmiddlewaretoken": csrf[1]}).encode()
    event = build.http_v2(
        method="POST",
        raw_path=f"/s/{token}/unlock/",
        headers=[*headers, ("cookie", cookies), ("content-type", "application/x-www-form-urlencoded")],
        body=form,
    )
    answers: list[dict[str, Any]] = []
    spent = cpu_ms(lambda: answers.append(ask(event)))
    assert answers[0]["statusCode"] == 302, answers[0]["statusCode"]
    return spent


def ask(event: Any) -> dict[str, Any]:
    from serverless.handlers.main import handler
    from tests.serverless.lambda_context import FakeContext

    answer: dict[str, Any] = handler(event, FakeContext())
    return answer


def cpu_ms(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return (time.process_time() - started) * 1000


if __name__ == "__main__":
    main()

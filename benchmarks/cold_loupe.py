"""Loupe's cold start in the emulator's execution environment, as checked out and packaged: for benchmarks.cold_start.

An environment is AWS's own runtime client in a process. Its init ends when it asks for the first event; the first page
is that of the sign-in form, which asks neither database nor cache.
"""

import asyncio
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from benchmarks.processes import cpu_s
from serverless.deploy.package import load, slim
from serverless.emulator.config import FunctionConfig
from serverless.emulator.environment import Environment
from serverless.events import build
from tests.trees import ROOT, copy_packages, copy_project, required

_SECRET = "a-secret-of-forty-characters-for-the-lock"  # noqa: S105 - nobody's
_FUNCTION = FunctionConfig(
    name="web", handler="serverless.handlers.main.handler", memory_mb=1024, timeout_s=30, concurrency=1
)
_HEADERS = [
    ("host", "api.example"),
    ("x-origin-secret", _SECRET),
    ("x-viewer-host", "loupe.example"),
    ("x-viewer-address", "203.0.113.7:44321"),
    ("cloudfront-forwarded-proto", "https"),
]
_INIT = re.compile(r"\tInit Duration: ([\d.]+) ms")
_DURATION = re.compile(r"\tDuration: ([\d.]+) ms")


def compare(folder: Path, rounds: int) -> None:
    """Print what both take until ready and for the first page."""
    static = folder / "static"
    environ = _environ(static)
    _collect_static(environ)
    tree = folder / "loupe"
    copy_packages(required(), tree)
    copy_project(tree, "app", "serverless", "settings", "manage.py", "LICENSE")
    report = slim(tree, load(ROOT / "pyproject.toml"), root=str(tree), workers=2)
    print(
        f"\nLoupe's package: {report.before.size / 1e6:.0f} MB slimmed to {report.after.size / 1e6:.0f} MB, "
        f"of it {report.bytecode.size / 1e6:.0f} MB bytecode"
    )
    kinds = {
        "as checked out": (ROOT, environ | {"PYTHONPYCACHEPREFIX": str(folder / "bytecode")}),
        "packaged": (tree, environ),
    }
    rows: dict[str, list[tuple[float, float, float]]] = {name: [] for name in kinds}
    for turn in range(rounds + 1):
        for name, (root, variables) in kinds.items():
            measured = asyncio.run(_cold(root, variables))
            if turn:  # the first writes the bytecode that is missing
                rows[name].append(measured)
    medians = {name: [statistics.median(column) for column in zip(*row, strict=True)] for name, row in rows.items()}
    print(f"{'Loupe, by its REPORT':24}{'init ms':>9}{'page ms':>9}{'CPU ms':>9}   of {rounds} rounds")
    for name, row in medians.items():
        print(f"{name:24}" + "".join(f"{median:9.0f}" for median in row))
    ratios = [ours / theirs for ours, theirs in zip(medians["packaged"], medians["as checked out"], strict=True)]
    init, page, cpu = (f"{ratio:.2f}x" for ratio in ratios)
    print(f"packaged / as checked out: init {init}, first page {page}, CPU of both {cpu}")


async def _cold(root: Path, environ: Mapping[str, str]) -> tuple[float, float, float]:
    """Return milliseconds of init and of the first page, and of CPU for both."""
    log: list[str] = []
    environment = Environment(_FUNCTION, environ=environ, root=root, log=log.append)
    await environment.start()
    try:
        event = json.dumps(build.http_v2(raw_path="/sign-in/", headers=_HEADERS)).encode()
        result = await environment.invoke(event, request_id="1")
        answer = json.loads(result.payload)
        assert answer["statusCode"] == 200, (answer, log)
        cpu = cpu_s(environment.pid)
    finally:
        await environment.stop()
    report = next(line for line in log if line.startswith("REPORT"))
    found = [pattern.search(report) for pattern in (_INIT, _DURATION)]
    init, page = (float(match[1]) for match in found if match)
    return init, page, cpu * 1000


def _environ(static: Path) -> dict[str, str]:
    """What production's settings ask for; nothing answers at these addresses, and nobody asks there."""
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    without = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DJANGO", "AWS"))}
    return without | {
        "DJANGO_SETTINGS_MODULE": "settings.production",
        "SECRET_KEY": "only-for-benchmarks-" + "x" * 40,
        "SITE_URL": "https://loupe.example",
        "ALLOWED_HOSTS": "loupe.example",
        "ORIGIN_SECRETS": _SECRET,
        "MEDIA_KEY_PAIR_ID": "KBENCH",
        "MEDIA_PRIVATE_KEY": key.decode(),
        "DATABASE_URL": "postgresql://loupe@127.0.0.1:9/loupe",
        "CACHE_URL": "redis://127.0.0.1:9/0",
        "EMAIL_URL": "smtp://127.0.0.1:9",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local-secret",
        "MEDIA_BUCKET": "media",
        "STATIC_BUCKET": "static",
        "STATIC_ROOT": str(static),
        "TASK_QUEUES": "default=http://127.0.0.1:9/123456789012/default",
    }


def _collect_static(environ: Mapping[str, str]) -> None:
    """Make the manifest that pages read; nothing is uploaded."""
    code = """
import django
django.setup()
from django.conf import settings
settings.STORAGES["staticfiles"] = {"BACKEND": "serverless.storage.static.StaticStorage", "OPTIONS": {
    "bucket_name": "static", "region_name": "us-east-1", "publish": False}}
from django.core.management import call_command
call_command("collectstatic", interactive=False, verbosity=0)
"""
    shutil.rmtree(environ["STATIC_ROOT"], ignore_errors=True)
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=dict(environ), check=True)

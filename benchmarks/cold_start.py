"""From a fresh process to the first rendered response: plain Django, Zappa's handler, ours, and ours packaged.

python -m benchmarks.cold_start [--rounds 15] [--skip-loupe]

Each round starts a process of every kind, one after the other; printed are medians of CPU (user and system, of the
whole process) and wall time, beside plain Django's. Every kind serves the same project (benchmarks/cold_project: the
admin site, sessions, a statement to the database, two templates). All have valid bytecode: what is imported from the
virtual environment the ordinary kind, what is packaged its own. Then Loupe, as checked out and as packaged, in the
emulator's execution environment: what its REPORT lines say.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import cold_loupe
from serverless.deploy.package import PackageConfig, slim
from serverless.events import build
from tests.trees import ROOT, copy_packages, copy_project

# None of them imports what it does not need for its answer.
_ASKED = """
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.cold_project.settings"
class Context:
    aws_request_id, function_name = "1", "web"
    def get_remaining_time_in_millis(self): return 30_000
"""
_ANSWERED = """
assert (status, "The answer is 42" in body) == (200, True), (status, body)
os._exit(0)  # without tidying up, which no function does either
"""
_HANDLED = """
answer = handler(json.load(open(sys.argv[1])), Context())
status, body = answer["statusCode"], answer["body"]
"""
SCRIPTS = {
    "bare Python": "import os\nos._exit(0)",
    "plain Django": f"""{_ASKED}
import io
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
environ = {{
    "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": "/", "QUERY_STRING": "", "SERVER_NAME": "photos.example",
    "SERVER_PORT": "443", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "photos.example", "wsgi.version": (1, 0),
    "wsgi.url_scheme": "https", "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr, "wsgi.multithread": False,
    "wsgi.multiprocess": True, "wsgi.run_once": False,
}}
said = []
response = application(environ, lambda status, headers, error=None: said.append(status))
body = b"".join(response).decode()
response.close()
status = int(said[0][:3])
{_ANSWERED}""",
    "Zappa": f"""{_ASKED}
import types
settings = types.ModuleType("zappa_settings")
vars(settings).update(
    API_STAGE="live", BASE_PATH=None, BINARY_SUPPORT=True, CONTEXT_HEADER_MAPPINGS={{}}, DEBUG=False,
    DJANGO_SETTINGS="benchmarks.cold_project.settings", DOMAIN="photos.example", ENVIRONMENT_VARIABLES={{}},
    EXCEPTION_HANDLER=None, LOG_LEVEL="WARNING", PROJECT_NAME="cold",
)
sys.modules["zappa_settings"] = settings
from zappa.handler import LambdaHandler
handler = LambdaHandler("zappa_settings").handler
{_HANDLED}{_ANSWERED}""",
    "ours": f"""{_ASKED}
from serverless.handlers.main import handler
{_HANDLED}{_ANSWERED}""",
}

PACKAGES = {
    "ours, slim + bytecode": PackageConfig(bundle=False),
    "ours, slim + bundle": PackageConfig(),
    "ours, packaged": PackageConfig(rehearse={"DJANGO_SETTINGS_MODULE": "benchmarks.cold_project.settings"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One way to answer: a script, where it imports from, and what else its process is told."""

    script: str
    path: Path
    environ: Mapping[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--skip-loupe", action="store_true")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="cold-start-"))
    try:
        _small(folder, options.rounds)
        if not options.skip_loupe:
            cold_loupe.compare(folder, options.rounds)
    finally:
        shutil.rmtree(folder)


def _small(folder: Path, rounds: int) -> None:
    event = folder / "event.json"
    event.write_text(json.dumps(build.http_v2(headers=[("host", "photos.example")], domain_name="photos.example")))
    kinds = _kinds(folder)
    for kind in kinds.values():
        _once(kind, event)  # writes the bytecode that is missing
    rows: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
    for _ in range(rounds):
        for name, kind in kinds.items():
            rows[name].append(_once(kind, event))
    medians = {name: [statistics.median(column) for column in zip(*row, strict=True)] for name, row in rows.items()}
    plain = medians["plain Django"]
    print(f"{'first response':24}{'CPU ms':>8}{'ratio':>8}{'wall ms':>9}{'ratio':>8}   of {rounds} rounds")
    for name, (cpu, wall) in medians.items():
        print(f"{name:24}{cpu:8.0f}{cpu / plain[0]:7.2f}x{wall:9.0f}{wall / plain[1]:7.2f}x")
    ours, zappa = medians["ours, packaged"][0], medians["Zappa"][0]
    print(f"ours, packaged / plain Django {ours / plain[0]:.2f} (target <= 0.80), / Zappa {ours / zappa:.2f} (<= 0.53)")


def _kinds(folder: Path) -> dict[str, Kind]:
    installed: dict[str, Any] = {"path": ROOT, "environ": {"PYTHONPYCACHEPREFIX": str(folder / "bytecode")}}
    kinds = {name: Kind(script=script, **installed) for name, script in SCRIPTS.items()}
    for number, (name, config) in enumerate(PACKAGES.items()):
        tree = folder / f"tree-{number}"
        copy_packages(["django", "asgiref", "sqlparse", "pybase64"], tree)
        copy_project(tree, "serverless", "benchmarks/__init__.py", "benchmarks/cold_project")
        slim(tree, config, root=str(tree), workers=2)
        kinds[name] = Kind(script=SCRIPTS["ours"], path=tree, environ={})
    return kinds


def _once(kind: Kind, event: Path) -> tuple[float, float]:
    """Return CPU and wall milliseconds of one process, from its start to its end."""
    without = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DJANGO", "AWS"))}
    environ = {**without, "PYTHONPATH": str(kind.path), **kind.environ}
    command = [sys.executable, "-c", kind.script, str(event)]
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environ, cwd=event.parent, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, kind.path
    return (used.ru_utime + used.ru_stime) * 1000, wall * 1000


if __name__ == "__main__":
    main()

"""Snapshots: AWS's own runtime client calls the hooks, and a fork stands in for what Lambda restores."""

import asyncio
import json
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.conf import settings
from django.db import connection

from serverless.emulator.runtime import Delivery, Kind, RuntimeApi, Signal

ROOT = Path(__file__).resolve().parents[2]
EVENT = Delivery(request_id="1", event=b"{}", deadline_ms=1 << 42, function_arn="arn", trace_id="Root=1-1-1")


def ask(handler: str, **environ: str) -> dict[str, Any]:
    """Start a function as SnapStart does, by awslambdaric, and return its answer to one event."""

    async def scenario() -> dict[str, Any]:
        signals: asyncio.Queue[Signal] = asyncio.Queue()
        api = RuntimeApi(signals.put_nowait)
        given = {"AWS_LAMBDA_RUNTIME_API": await api.start(), "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "awslambdaric", handler, cwd=ROOT, env=os.environ | given | environ
        )
        try:
            async with asyncio.timeout(30):
                first = await signals.get()
                assert first.kind is Kind.NEXT, first.body
                api.deliver(EVENT)
                answer = await signals.get()
                assert answer.kind is Kind.RESPONSE, answer.body
                return {**json.loads(answer.body), "started": process.pid}
        finally:
            process.kill()
            await process.wait()
            await api.stop()

    return asyncio.run(scenario())


def test_everything_is_loaded_before_and_made_anew_after() -> None:
    said = ask("tests.serverless.snapped.handler")
    assert said["reseeded"]
    assert said["kept connections"] == 0
    assert said["cryptography"]
    assert "accounts/sign_in.html" in said["templates"]
    assert "admin/login.html" in said["templates"]
    assert said["type"] == "snap-start"


def test_an_ordinary_start_loads_what_every_page_needs() -> None:
    said = ask("tests.serverless.snapped.handler", AWS_LAMBDA_INITIALIZATION_TYPE="on-demand")
    assert said["templates"] == []
    assert not said["reseeded"]


@pytest.fixture
def secret() -> Any:
    client: Any = boto3.client("secretsmanager")
    name = f"snapped-{uuid.uuid4().hex}"
    client.create_secret(Name=name, SecretString='{"SECRET_KEY": "old"}')
    yield name
    client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)


def test_secrets_that_have_changed_since_make_it_an_ordinary_start(
    secret: str, capfd: pytest.CaptureFixture[str]
) -> None:
    change = f'{secret}|{{"SECRET_KEY": "new"}}'
    said = ask("tests.serverless.snapped.handler", SECRETS=secret, CHANGE_SECRET_TO=change)
    assert (said["secret"], said["type"]) == ("new", "on-demand")
    assert said["pid"] == said["started"]  # Lambda's own process, started once more
    assert "Publish a new version" in capfd.readouterr().err


def test_secrets_that_have_not_are_kept(secret: str) -> None:
    said = ask("tests.serverless.snapped.handler", SECRETS=secret)
    assert (said["secret"], said["type"]) == ("old", "snap-start")


def test_secrets_that_cannot_be_asked_for_are_kept(secret: str, capfd: pytest.CaptureFixture[str]) -> None:
    change = f"{secret}|no JSON"
    said = ask("tests.serverless.snapped.handler", SECRETS=secret, CHANGE_SECRET_TO=change)
    assert (said["secret"], said["type"]) == ("old", "snap-start")
    assert "could not be looked at after the restore" in capfd.readouterr().err


FORKED = """
import json, os, random, sys
from serverless import boot, signed, snapshot
from serverless.events import build
from serverless.handlers.main import handler
from tests.serverless.lambda_context import FakeContext

def visit():
    cookie = "sessionid=" + "a" * 32  # looked for in the cache, then in the database
    event = build.http_v2(raw_path="/studio/", headers=[("host", "testserver"), ("cookie", cookie)])
    assert handler(event, FakeContext())["statusCode"] == 302
    signed.call("POST", os.environ["KEEPS_CONNECTIONS"], service="sqs", headers={})
    return sockets()

def sockets():
    # Those of TCP: a pair that a process keeps to itself goes with it into every copy of its machine.
    lines = [line for kind in ("tcp", "tcp6") for line in open(f"/proc/self/net/{kind}").readlines()[1:]]
    numbers = {line.split()[9] for line in lines}
    links = []
    for number in os.listdir("/proc/self/fd"):
        try:
            links.append(os.readlink(f"/proc/self/fd/{number}"))
        except OSError:
            pass
    return sorted(link for link in links if link[8:-1] in numbers)

warm = visit()
snapshot.before_snapshot()
told = {"warm": warm, "snapshot": sockets(), "restored": []}
for _ in range(2):
    out, into = os.pipe()
    if os.fork() == 0:
        snapshot.after_restore()
        os.write(into, json.dumps([random.random(), visit()]).encode())
        os._exit(0)
    os.close(into)
    with open(out) as said:
        told["restored"].append(json.load(said))
    os.wait()
print(json.dumps(told))
"""


@pytest.fixture
def keeping() -> Iterator[str]:
    """The address of a server that keeps connections, as AWS's do and moto does not."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002 - the name in the base class

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.django_db
def test_two_that_come_out_of_one_warm_process_share_neither_numbers_nor_sockets(keeping: str) -> None:
    database = settings.DATABASES["default"]
    url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}"
    environ = os.environ | {
        "DATABASE_URL": f"{url}/{connection.settings_dict['NAME']}",
        "KEEPS_CONNECTIONS": keeping,
    }
    done = subprocess.run([sys.executable, "-c", FORKED], cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    (first_number, first), (second_number, second) = told["restored"]
    assert len(told["warm"]) == 3  # database, cache, SQS
    assert told["snapshot"] == []
    assert first_number != second_number
    assert not set(first) & set(second)
    assert len(first) == len(second) == len(told["warm"])


def test_where_lambda_s_hooks_are_not_installed_nothing_happens() -> None:
    code = """
import sys
sys.modules["snapshot_restore_py"] = None
from serverless.handlers import main
print(main.handler.__name__)
"""
    environ = os.environ | {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("handler\n", 0), done.stderr

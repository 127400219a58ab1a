"""Loupe behind every event shape and both interfaces; each in a process of its own, as an environment is."""

import json
import os
import subprocess
import sys

import pytest

SCRIPT = """
import json, sys, threading
from django.conf import settings
from django.http import JsonResponse
from django.urls import path
settings.SERVERLESS = settings.SERVERLESS | {"HTTP": {"INTERFACE": sys.argv[1]}}
from serverless.handlers.main import handler
from app import urls
from serverless import context

def view(request):
    return JsonResponse({"id": context.current().request_id, "left": context.remaining(), "path": request.path,
                         "thread": threading.get_ident()})

urls.urlpatterns.insert(0, path("about-the-invocation/", view))
from serverless.events import build
from tests.serverless.lambda_context import FakeContext

request = {"raw_path": "/about-the-invocation/", "headers": [("host", "testserver")]}
events = [build.http_v2(**request), build.function_url(**request), build.http_v1(**request), build.alb(**request)]
answers = [handler(event, FakeContext(aws_request_id="r-7", seconds=9)) for event in events]
print(json.dumps([[a["statusCode"], json.loads(a["body"])] for a in answers]))
print("mangum" in sys.modules)
"""


@pytest.mark.parametrize(("interface", "loaded"), [("wsgi", "False"), ("asgi", "True")])
def test_views_are_told_the_request_id_and_the_time_left(interface: str, loaded: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT, interface], capture_output=True, text=True, env=dict(os.environ)
    )
    assert done.returncode == 0, done.stderr
    answers, modules = done.stdout.splitlines()
    assert modules == loaded
    paths, threads = [], set()
    for status, said in json.loads(answers):
        assert (status, said["id"]) == (200, "r-7")
        assert 5 < said["left"] <= 9
        paths.append(said["path"])
        threads.add(said["thread"])
    assert paths == ["/about-the-invocation/"] * 2 + ["/live/about-the-invocation/", "/about-the-invocation/"]
    assert len(threads) == 1  # and with it one database connection

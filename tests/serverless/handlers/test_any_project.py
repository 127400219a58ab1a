"""A Django project that knows nothing of this package but the path of its handler."""

import json
import subprocess
import sys

SCRIPT = """
import json, os, sys, types
site = types.ModuleType("site_of_someone")
site.SECRET_KEY, site.ROOT_URLCONF, site.ALLOWED_HOSTS = "x", "site_of_someone", ["photos.example"]
sys.modules[site.__name__] = site
os.environ["DJANGO_SETTINGS_MODULE"] = site.__name__
from django.http import HttpResponse
from django.urls import path
site.urlpatterns = [path("", lambda request: HttpResponse("there"))]
from serverless.handlers.main import handler
from serverless.events import UnknownEvent, build
from tests.serverless.lambda_context import FakeContext

request = {"headers": [("host", "photos.example")]}
events = [build.http_v2(**request), build.function_url(**request), build.http_v1(**request), build.alb(**request),
          build.alb(**request, multi_value=True), build.alb(headers=[("user-agent", "ELB-HealthChecker/2.0")])]
answers = [handler(event, FakeContext()) for event in events]
try:
    handler({"Records": [{"eventSource": "aws:sqs"}]}, FakeContext())
except UnknownEvent as refused:
    print(json.dumps([[[a["statusCode"], a["body"]] for a in answers], str(refused)]))
"""


def test_the_handler_needs_no_other_setting() -> None:
    done = subprocess.run([sys.executable, "-W", "error", "-c", SCRIPT], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answers, refused = json.loads(done.stdout)
    assert answers == [[200, "there"]] * 5 + [[200, ""]]
    assert refused == 'An sqs event needs "serverless.tasks" in INSTALLED_APPS.'

"""What the web function loads while it does all that it does: a process of its own, driven event by event."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from app.accounts.models import Membership, Studio, User
from app.galleries.actions import create_gallery
from serverless.events import build
from serverless.tasks.models import TaskRow

SCRIPT = """
import json, sys
from serverless.handlers.main import handler
from tests.serverless.lambda_context import FakeContext

def ask(event):
    return handler(event, FakeContext())

page, sign, *_ = json.load(sys.stdin)
answers = [ask(page), ask(sign)]
ticket = json.loads(answers[1]["body"])["files"][0]
confirm = sign | {"rawPath": ticket["confirm"], "body": "{}"}
confirm["requestContext"]["http"]["path"] = ticket["confirm"]
answers.append(ask(confirm))
heavy = {"boto3", "botocore", "storages", "PIL", "pi_heif"}
print(json.dumps([[a["statusCode"] for a in answers], sorted(heavy & {m.split(".")[0] for m in sys.modules})]))
"""


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
def test_signing_in_rendering_presigning_and_enqueuing_load_no_boto3_and_no_pillow(client: Client) -> None:
    user = User.objects.create_user(email="web@loupe.test", password="pw")
    studio = Studio.objects.create(slug="web", name="Web")
    Membership.objects.create(studio=studio, user=user, role=Membership.Role.OWNER)
    gallery = create_gallery(studio, title="One", event_date=None)
    client.force_login(user)
    page = client.get(gallery.get_absolute_url())
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    headers = [("host", "testserver"), ("cookie", cookies), ("content-type", "application/json"),
               ("x-csrftoken", str(page.context["csrf_token"])), ("origin", "https://testserver")]  # fmt: skip
    files = [{"name": "a.jpg", "size": 3, "type": "image/jpeg", "sha256": "ab" * 32}]
    events: list[Any] = [
        build.http_v2(raw_path=gallery.get_absolute_url(), headers=headers),
        build.http_v2(
            method="POST",
            raw_path=f"{gallery.get_absolute_url()}uploads/",
            headers=headers,
            body=json.dumps(files).encode(),
        ),
    ]
    database = settings.DATABASES["default"]
    url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}"
    environ = os.environ | {"DATABASE_URL": f"{url}/{connection.settings_dict['NAME']}"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], input=json.dumps(events), env=environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[200, 200, 202], []]
    assert TaskRow.objects.get().path == "app.galleries.tasks.develop_photo"

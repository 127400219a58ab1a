"""What the web function loads for the pages of contact sheets: a process of its own, driven event by event."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from app.galleries.models import Gallery
from app.reports.actions import finish_report, request_contact_sheet
from app.reports.options import ContactSheetOptions
from serverless.events import build
from serverless.tasks.models import TaskRow
from tests.app.conftest import new_photo

SCRIPT = """
import json, sys
from serverless.handlers.main import handler
from tests.serverless.lambda_context import FakeContext

answers = [handler(event, FakeContext())["statusCode"] for event in json.load(sys.stdin)]
heavy = {"boto3", "botocore", "storages", "PIL", "reportlab", "fontpkg_noto_sans"}
print(json.dumps([answers, sorted(heavy & {m.split(".")[0] for m in sys.modules})]))
"""


@pytest.mark.django_db(transaction=True, databases=["default", "other"])
def test_listing_asking_and_downloading_load_no_reportlab(studio_client: Client, gallery: Gallery) -> None:
    new_photo(gallery, rank=1)
    report = request_contact_sheet(gallery, options=ContactSheetOptions(columns=6))
    finish_report(report, size=9, pages=1, photos=1)
    path = f"/studio/galleries/{gallery.pk}/contact-sheets/"
    page = studio_client.get(path)
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in studio_client.cookies.items())
    headers = [("host", "testserver"), ("cookie", cookies), ("content-type", "application/x-www-form-urlencoded"),
               ("x-csrftoken", str(page.context["csrf_token"])), ("origin", "https://testserver")]  # fmt: skip
    events: list[Any] = [
        build.http_v2(raw_path=path, headers=headers),
        build.http_v2(method="POST", raw_path=path, headers=headers, body=b"paper=a4&columns=4&captions=on"),
        build.http_v2(raw_path=f"/studio/contact-sheets/{report.pk}/file/", headers=headers),
    ]
    database = settings.DATABASES["default"]
    url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}"
    environ = os.environ | {"DATABASE_URL": f"{url}/{connection.settings_dict['NAME']}"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], input=json.dumps(events), env=environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[200, 302, 302], []]
    assert {row.path for row in TaskRow.objects.all()} == {"app.reports.tasks.render_report"}

import pytest
from django.test import Client

from app.accounts.models import User
from app.galleries.models import Gallery
from app.reports.actions import request_contact_sheet
from app.reports.options import ContactSheetOptions

pytestmark = pytest.mark.django_db


def test_shows_reports_and_makes_none(client: Client, full: Gallery) -> None:
    client.force_login(User.objects.create_superuser("root@example.test", "right"))
    report = request_contact_sheet(full, options=ContactSheetOptions())
    assert b"Contact sheet" in client.get("/admin/reports/report/").content
    assert client.get(f"/admin/reports/report/{report.pk}/change/").status_code == 200
    assert client.get("/admin/reports/report/add/").status_code == 403

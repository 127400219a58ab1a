import pytest
from django.test import Client

from app.accounts.models import Studio, User
from app.api.models import ApiToken


@pytest.mark.django_db
def test_staff_see_tokens_and_make_none(client: Client, studio: Studio) -> None:
    row, _ = ApiToken.objects.all().issue(studio, label="Portfolio")
    client.force_login(User.objects.create_superuser("root@example.test"))
    assert b"Portfolio" in client.get("/admin/api/apitoken/").content
    page = client.get(f"/admin/api/apitoken/{row.pk}/change/")
    assert page.status_code == 200
    assert row.token_hash.encode() not in page.content
    assert client.get("/admin/api/apitoken/add/").status_code == 403

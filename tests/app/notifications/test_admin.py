import pytest
from django.test import Client

from app.accounts.models import User
from app.notifications.models import OutboxEmail


@pytest.mark.django_db
def test_staff_see_what_became_of_a_mail_and_never_its_text(client: Client, email: OutboxEmail) -> None:
    client.force_login(User.objects.create_superuser("root@example.test"))
    assert b"ada@example.test" in client.get("/admin/notifications/outboxemail/").content
    page = client.get(f"/admin/notifications/outboxemail/{email.pk}/change/")
    assert page.status_code == 200
    assert b"https://loupe.test/x" not in page.content
    assert client.get("/admin/notifications/outboxemail/add/").status_code == 403

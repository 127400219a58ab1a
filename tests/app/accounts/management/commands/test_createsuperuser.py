"""A superuser is made where nobody can type a password."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from app.accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-way-to-the-studio"


def _create(email: str) -> str:
    said = StringIO()
    call_command("createsuperuser", "--noinput", "--email", email, stdout=said)
    return said.getvalue()


def test_the_printed_address_leads_to_a_password_once(client: Client) -> None:
    said = _create("founder@example.com")
    found = re.search(r"https?://[^/]+(/\S+)", said)
    assert found is not None, said
    page = client.get(found[1], follow=True)
    assert page.status_code == 200
    client.post(page.redirect_chain[-1][0] if page.redirect_chain else found[1], _form(page.content.decode()))
    assert client.login(username="founder@example.com", password=PASSWORD)
    assert User.objects.get(email="founder@example.com").is_superuser


def _form(html: str) -> dict[str, str]:
    """Every field for a password, filled in."""
    return dict.fromkeys(re.findall(r'<input type="password" name="(\w+)"', html), PASSWORD)


def test_who_brings_a_password_gets_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    assert "Choose" not in _create("founder@example.com")


def test_only_the_new_one_gets_an_address() -> None:
    _create("first@example.com")
    assert _create("second@example.com").count("Choose") == 1

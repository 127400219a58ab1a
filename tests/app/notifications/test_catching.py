import pytest
from django.core.mail import EmailMultiAlternatives, send_mail
from pytest_django.fixtures import Settings

from app.notifications.actions import deliver
from app.notifications.models import CaughtEmail, OutboxEmail

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catching(settings: Settings) -> None:
    settings.MAILERS = {"default": {"BACKEND": "app.notifications.catching.CatchingBackend"}}


def test_mail_is_kept_as_it_would_go_out(email: OutboxEmail) -> None:
    deliver(str(email.pk))
    kept = CaughtEmail.objects.get()
    assert (kept.to, kept.subject) == ("ada@example.test", "Choose a new password")
    assert "https://loupe.test/x" in kept.text
    assert kept.html.startswith("<!doctype html>")


def test_plain_mail_has_no_html() -> None:
    assert send_mail("Hi", "Text", None, ["a@example.test", "b@example.test"]) == 1
    kept = CaughtEmail.objects.get()
    assert (kept.to, kept.text, kept.html) == ("a@example.test, b@example.test", "Text\n", "")


def test_broken_header_fails_here_as_it_would_there() -> None:
    with pytest.raises(ValueError, match=r"newline|linefeed"):
        EmailMultiAlternatives("Hi\nBcc: eve@example.test", "Text", to=["a@example.test"]).send()
    assert not CaughtEmail.objects.exists()

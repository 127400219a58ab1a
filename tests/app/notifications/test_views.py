import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from app.notifications.models import CaughtEmail

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept() -> CaughtEmail:
    return CaughtEmail.objects.create(
        to="ada@example.test",
        subject="<b>Hi</b>",
        text="Open https://loupe.test/x <script>1</script>",
        html="<style>p{color:red}</style><p>Hi</p><script>alert(1)</script>",
    )


def test_list_and_page_show_the_mail_escaped(client: Client, kept: CaughtEmail) -> None:
    listed = client.get("/_local/mail/")
    assert f'href="/_local/mail/{kept.pk}/"' in listed.content.decode()
    page = client.get(f"/_local/mail/{kept.pk}/")
    text = page.content.decode()
    assert 'href="https://loupe.test/x"' in text
    assert "&lt;script&gt;1" in text
    for response in (listed, page):
        assert "&lt;b&gt;Hi&lt;/b&gt;" in response.content.decode()
        assert "<b>Hi" not in response.content.decode()
        assert response["Cache-Control"] == "private, no-store"


def test_list_without_mail_says_how_to_get_one(client: Client) -> None:
    assert b'href="/sign-up/"' in client.get("/_local/mail/").content


def test_html_of_a_mail_can_do_nothing(client: Client, kept: CaughtEmail) -> None:
    response = client.get(f"/_local/mail/{kept.pk}/html/")
    assert response.content.decode() == kept.html
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    policy = dict(rule.partition(" ")[::2] for rule in response["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert "script-src" not in policy
    assert "allow-scripts" not in policy["sandbox"]
    assert "allow-same-origin" not in policy["sandbox"]
    assert "sandbox=" in client.get(f"/_local/mail/{kept.pk}/").content.decode()


@pytest.mark.parametrize("page", ["", "{pk}/", "{pk}/html/"])
def test_pages_do_not_exist_without_demo(client: Client, kept: CaughtEmail, settings: Settings, page: str) -> None:
    address = f"/_local/mail/{page.format(pk=kept.pk)}"
    assert client.get(address).status_code == 200
    assert client.post(address).status_code == 405
    settings.DEMO = False
    assert client.get(address).status_code == 404


def test_unknown_mail_is_not_found(client: Client) -> None:
    assert client.get("/_local/mail/01890000-0000-7000-8000-000000000000/").status_code == 404

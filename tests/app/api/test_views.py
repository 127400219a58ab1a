import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from app.accounts.models import Membership, Studio, User
from app.api.models import ApiToken
from app.galleries.models import Gallery
from tests.app.api.conftest import Caller

pytestmark = pytest.mark.django_db

PAGE = "/studio/tokens/"


@pytest.fixture
def studio_client(client: Client, studio: Studio) -> Client:
    user = User.objects.create_user("ada@example.test", "right")
    Membership.objects.create(studio=studio, user=user)
    client.force_login(user)
    return client


def shown(html: str) -> list[str]:
    return re.findall(r"loupe_[A-Za-z0-9_-]{49}", html)


def test_a_new_token_is_shown_once_and_works(studio_client: Client, gallery: Gallery) -> None:
    response = studio_client.post(PAGE, {"label": "Portfolio", "expires_on": ""})
    assert response.status_code == 201
    assert response["Cache-Control"] == "private, no-store"
    (token,) = set(shown(response.content.decode()))
    assert token not in str(ApiToken.objects.values().get())
    caller = Caller(token=token)
    assert [g["id"] for g in caller.get("galleries/").json["data"]] == [str(gallery.pk)]
    page = studio_client.get(PAGE).content.decode()
    assert "Portfolio" in page
    assert shown(page) == []


def test_the_page_says_when_a_token_was_last_used(studio_client: Client, studio: Studio) -> None:
    _, token = ApiToken.objects.all().issue(studio, label="Portfolio")
    assert "not used lately" in studio_client.get(PAGE).content.decode()
    Caller(token=token).get("galleries/")
    assert "last used" in studio_client.get(PAGE).content.decode()


def test_the_page_opens_while_the_cache_is_away(studio_client: Client, studio: Studio, settings: Settings) -> None:
    ApiToken.objects.all().issue(studio, label="Portfolio")
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:9/0"}}
    assert "not used lately" in studio_client.get(PAGE).content.decode()


def test_the_last_day_is_included(studio_client: Client) -> None:
    today = timezone.localdate()
    page = studio_client.post(PAGE, {"label": "Short", "expires_on": today.isoformat()}).content.decode()
    midnight = datetime.combine(today + timedelta(days=1), datetime.min.time(), tzinfo=UTC)
    assert ApiToken.objects.get().expires_at == midnight
    assert f"Works until {today.day} " in page


@pytest.mark.parametrize(
    "form",
    [{"label": ""}, {"label": " "}, {"label": "x" * 81}, {"label": "a\0b"}, {"label": "x", "expires_on": "2020-01-01"},
     {"label": "x", "expires_on": "9999-12-31"}, {"label": "x", "expires_on": "soon"}],
)  # fmt: skip
def test_a_bad_form_is_refused_with_a_reason(studio_client: Client, form: dict[str, str]) -> None:
    response = studio_client.post(PAGE, form)
    assert response.status_code == 422
    assert b"errorlist" in response.content
    assert not ApiToken.objects.exists()


def test_a_label_is_text(studio_client: Client) -> None:
    studio_client.post(PAGE, {"label": "<script>x</script>"})
    assert b"<script>x" not in studio_client.get(PAGE).content


def test_a_revoked_token_stops_working(studio_client: Client, studio: Studio) -> None:
    row, token = ApiToken.objects.all().issue(studio, label="Portfolio")
    assert studio_client.get(f"{PAGE}{row.pk}/revoke/").status_code == 405
    assert Caller(token=token).get("galleries/").status == 200
    assert studio_client.post(f"{PAGE}{row.pk}/revoke/")["Location"] == PAGE
    assert Caller(token=token).get("galleries/").status == 401
    first = ApiToken.objects.get().revoked_at
    studio_client.post(f"{PAGE}{row.pk}/revoke/")
    assert ApiToken.objects.get().revoked_at == first
    assert "Revoked" in studio_client.get(PAGE).content.decode()


def test_tokens_of_another_studio_do_not_exist(studio_client: Client, foreign: Gallery) -> None:
    row, token = ApiToken.objects.all().issue(foreign.studio, label="Theirs")
    assert "Theirs" not in studio_client.get(PAGE).content.decode()
    assert studio_client.post(f"{PAGE}{row.pk}/revoke/").status_code == 404
    assert Caller(token=token).get("galleries/").status == 200


def test_strangers_sign_in_first(client: Client, studio: Studio) -> None:
    row, _ = ApiToken.objects.all().issue(studio, label="Portfolio")
    for path in (PAGE, f"{PAGE}{row.pk}/revoke/"):
        assert client.post(path, {"label": "x"})["Location"].startswith("/sign-in/")
    assert ApiToken.objects.get().revoked_at is None


def test_making_one_needs_the_csrf_token(studio: Studio) -> None:
    careful = Client(enforce_csrf_checks=True)
    user = User.objects.create_user("ada@example.test", "right")
    Membership.objects.create(studio=studio, user=user)
    careful.force_login(user)
    assert careful.post(PAGE, {"label": "x"}).status_code == 403


@pytest.mark.parametrize("count", [3, 30])
def test_the_page_asks_a_fixed_number_of_questions(
    studio_client: Client, studio: Studio, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for n in range(count):
        ApiToken.objects.all().issue(studio, label=str(n))
    with django_assert_num_queries(3):  # user, studio, tokens; the session comes from the cache
        studio_client.get(PAGE)


def test_the_studio_header_leads_here(studio_client: Client) -> None:
    assert f'href="{PAGE}"' in studio_client.get("/studio/").content.decode()


def test_the_page_carries_no_inline_style_or_script(studio_client: Client) -> None:
    html = studio_client.post(PAGE, {"label": "x"}).content.decode()
    assert " style=" not in html
    assert "<script>" not in html

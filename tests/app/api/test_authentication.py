from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries, Settings

from app.accounts.models import Membership, Studio, User
from app.api import limits
from app.api.models import ApiToken
from app.api.tokens import new_token
from app.galleries.models import Gallery
from tests.app.api.conftest import Caller

pytestmark = pytest.mark.django_db


def paths(gallery: Gallery) -> list[str]:
    return [
        "galleries/",
        f"galleries/{gallery.pk}/",
        f"galleries/{gallery.pk}/photos/",
        f"galleries/{gallery.pk}/links/",
        f"photos/{gallery.pk}/",
    ]


def test_nothing_opens_without_a_token(stranger: Caller, gallery: Gallery) -> None:
    for path in paths(gallery):
        answer = stranger.get(path)
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Loupe"'
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_session_opens_nothing(studio: Studio, gallery: Gallery) -> None:
    user = User.objects.create_user("ada@example.test", "right")
    Membership.objects.create(studio=studio, user=user)
    caller = Caller(client=Client())
    caller.client.force_login(user)
    for path in paths(gallery):
        assert caller.get(path).status == 401


@pytest.mark.parametrize("spelling", ["Bearer {}", "bearer {}", "BEARER   {}", " Bearer {} "])
def test_the_scheme_may_be_spelt_in_any_case(api: Caller, stranger: Caller, spelling: str) -> None:
    assert stranger.get("galleries/", Authorization=spelling.format(api.token)).status == 200


OTHER_WAYS = (
    "{}", "Token {}", "Basic {}", "Bearer", "Bearer ", "Bearer {} {}", "Bearer {},Bearer {}", "Bearer {}\0", "Bearer é",
)  # fmt: skip


@pytest.mark.parametrize("header", OTHER_WAYS)
def test_other_ways_to_send_it_are_refused(api: Caller, stranger: Caller, header: str) -> None:
    answer = stranger.get("galleries/", Authorization=header.format(api.token, api.token))
    assert answer.status == 401
    assert api.token.encode() not in answer.content


def test_revoked_expired_unknown_and_mistyped_tokens_get_the_same_answer(studio: Studio, stranger: Caller) -> None:
    manager = ApiToken.objects.all()
    revoked_row, revoked = manager.issue(studio, label="Revoked")
    revoked_row.revoke()
    expired_row, expired = manager.issue(studio, label="Expired", expires_at=timezone.now() + timedelta(days=1))
    ApiToken.objects.filter(pk=expired_row.pk).update(
        created_at=timezone.now() - timedelta(days=2), expires_at=timezone.now() - timedelta(seconds=1)
    )
    answers = [
        stranger.get("galleries/", Authorization=f"Bearer {token}")
        for token in (revoked, expired, new_token(), "loupe_guess", expired_row.token_hash)
    ]
    assert {answer.status for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {'Bearer realm="Loupe", error="invalid_token"'}


def test_a_token_that_is_revoked_stops_at_once_even_with_an_etag(api: Caller) -> None:
    etag = api.get("galleries/").headers["ETag"]
    ApiToken.objects.get().revoke()
    assert api.get("galleries/", If_None_Match=etag).status == 401


def test_a_token_without_the_scope_is_told_so(api: Caller, gallery: Gallery) -> None:
    ApiToken.objects.update(scopes=[])
    for path in paths(gallery):
        answer = api.get(path)
        assert answer.status == 403
        assert 'error="insufficient_scope", scope="galleries:read"' in answer.headers["WWW-Authenticate"]


def test_a_mistyped_token_costs_no_query(
    api: Caller, stranger: Caller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    mistyped = api.token[:-1] + ("A" if api.token[-1] != "A" else "B")
    with django_assert_num_queries(0):
        assert stranger.get("galleries/", Authorization=f"Bearer {mistyped}").status == 401


def test_guessing_is_slowed_down_and_neighbours_are_not(api: Caller, stranger: Caller) -> None:
    for _ in range(limits.REFUSALS_IN_WINDOW):
        assert stranger.get("galleries/", Authorization=f"Bearer {new_token()}").status == 401
    answer = stranger.get("galleries/", Authorization=f"Bearer {new_token()}")
    assert (answer.status, answer.headers["Retry-After"]) == (429, "60")
    neighbour = Caller(address=stranger.address.replace("::1", "::2"))  # of the same network
    assert neighbour.get("galleries/", Authorization=f"Bearer {new_token()}").status == 429
    assert Caller(address=stranger.address, token=api.token).get("galleries/").status == 200


@pytest.mark.parametrize("address", ["192.0.2.7", "::ffff:192.0.2.7", "fe80::1%eth0", ""])
def test_any_form_of_address_can_be_counted(address: str) -> None:
    assert Caller(address=address).get("galleries/", Authorization="Bearer x").status == 401


def test_a_busy_token_has_to_wait_and_others_do_not(api: Caller, studio: Studio) -> None:
    assert api.get("galleries/").status == 200
    row = ApiToken.objects.get()
    cache.set(f"api:uses:{row.pk}", limits.REQUESTS_IN_WINDOW - 1, timeout=60)
    assert api.get("galleries/").status == 200
    answer = api.get("galleries/")
    assert (answer.status, answer.headers["Retry-After"]) == (429, "60")
    _, other = ApiToken.objects.all().issue(studio, label="Other")
    assert Caller(token=other).get("galleries/").status == 200


def test_the_api_answers_while_the_cache_is_away(api: Caller, stranger: Caller, settings: Settings) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:9/0"}}
    assert api.get("galleries/").status == 200
    assert stranger.get("galleries/", Authorization=f"Bearer {new_token()}").status == 401


def test_reading_writes_no_row(api: Caller, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    before = ApiToken.objects.values().get()
    with django_assert_num_queries(3) as captured:
        api.get("galleries/")
    assert all(query["sql"].startswith("SELECT") for query in captured.captured_queries)
    assert ApiToken.objects.values().get() == before

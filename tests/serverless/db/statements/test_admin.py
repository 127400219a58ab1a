import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection, connections
from django.template.loader import render_to_string
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from serverless.db.statements.reading import Reason, forget

pytestmark = pytest.mark.django_db(databases=["default", "other"])

PAGE = "/admin/statements/statement/"


@pytest.fixture(autouse=True)
def forgotten() -> None:
    """Few enough statements that all of them are shown."""
    for alias in ("default", "other"):
        forget(alias)


def signed_in(*permissions: str, staff: bool = True) -> Client:
    user = get_user_model().objects.create_user("staff@example.test", "x", is_staff=staff)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def looker() -> Client:
    return signed_in("view_statement")


@pytest.fixture
def owner() -> Client:
    return signed_in("view_statement", "reset_statement")


def test_page_shows_statements_and_no_values(looker: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'a very private value' AS shown_here")
        cursor.execute("SET LOCAL application_name = 'a very private value'")
    html = looker.get(PAGE, {"order": "calls"}).content.decode()
    assert "AS shown_here" in html
    assert "private" not in html
    assert "Reset" not in html
    assert " style=" not in html


def test_page_asks_two_questions_of_the_view(owner: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    owner.get(PAGE)
    # session's user, two of permissions, a savepoint around two of the view
    with django_assert_num_queries(7):
        owner.get(PAGE)


@pytest.mark.parametrize("query", ["order=x", "order=queryid;drop", "database=x", "order="])
def test_unknown_order_or_database_does_not_exist(looker: Client, query: str) -> None:
    assert looker.get(f"{PAGE}?{query}").status_code == 404


def test_each_database_has_its_own(looker: Client) -> None:
    with connections["other"].cursor() as cursor:
        cursor.execute("SELECT 1 AS only_over_there")
    assert b"only_over_there" in looker.get(PAGE, {"database": "other", "order": "calls"}).content
    assert b"only_over_there" not in looker.get(PAGE, {"order": "calls"}).content


def test_without_the_extension_the_page_says_how_to_get_it(owner: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION pg_stat_statements")
    page = owner.get(PAGE)
    assert page.status_code == 200
    assert b"CREATE EXTENSION pg_stat_statements;" in page.content
    assert b"Reset" not in page.content
    assert b"cannot be used" in owner.post(f"{PAGE}reset/", {"database": "default"}, follow=True).content


def test_database_that_is_away_is_said() -> None:
    html = render_to_string("admin/statements/statement/unavailable.html", {"reason": Reason.AWAY.name})
    assert "does not answer" in html


def test_reset_is_a_post(owner: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 AS forget_me")
    assert owner.get(f"{PAGE}reset/").status_code == 405
    assert b"forget_me" in owner.get(PAGE, {"order": "calls"}).content
    answer = owner.post(f"{PAGE}reset/", {"database": "default"})
    assert answer["Location"] == f"{PAGE}?database=default"
    assert b"forget_me" not in owner.get(PAGE, {"order": "calls"}).content
    assert owner.post(f"{PAGE}reset/", {"database": "x"}).status_code == 404


def test_only_who_may(looker: Client) -> None:
    assert looker.post(f"{PAGE}reset/", {"database": "default"}).status_code == 403
    get_user_model().objects.all().delete()
    nobody = signed_in()
    assert nobody.get(PAGE).status_code == 403
    get_user_model().objects.all().delete()
    assert signed_in("reset_statement").post(f"{PAGE}reset/").status_code == 403
    get_user_model().objects.all().delete()
    assert signed_in("view_statement", staff=False).get(PAGE).status_code == 302

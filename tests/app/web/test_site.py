from collections.abc import Iterator

import pytest
from django.apps import apps
from django.test import Client

from app.accounts.models import Studio, User

GOOD = {"app_label": "galleries", "model_name": "gallery", "field_name": "studio", "term": "o"}
# What nobody's form sends, with Django's own answer to the like.
BAD = [
    {},
    *({key: value for key, value in GOOD.items() if key != missing} for missing in ("app_label", "model_name")),
    *(GOOD | {key: value} for key in ("app_label", "model_name", "field_name") for value in ("", "nobody", "a\0b")),
    GOOD | {"field_name": "title"},
    GOOD | {"term": "a\0b"},
    {"app_label": "accounts", "model_name": "studio", "field_name": "galleries"},
]


@pytest.fixture
def staff(client: Client) -> Client:
    client.raise_request_exception = False
    client.force_login(User.objects.create_superuser("root@example.test"))
    return client


def every_relation() -> Iterator[dict[str, str]]:
    for model in apps.get_models(include_auto_created=True):
        options = model._meta
        for field in options.get_fields(include_hidden=True):
            if field.is_relation:
                yield {"app_label": options.app_label, "model_name": str(options.model_name), "field_name": field.name}


@pytest.mark.django_db
def test_autocomplete_answers_with_and_without_a_term(staff: Client) -> None:
    Studio.objects.create(slug="ours", name="Our Studio")
    for term in ("o", ""):
        assert len(staff.get("/admin/autocomplete/", GOOD | {"term": term}).json()["results"]) == 1
    del (without := dict(GOOD))["term"]
    assert len(staff.get("/admin/autocomplete/", without).json()["results"]) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("query", BAD, ids=str)
def test_autocomplete_refuses_what_no_form_asks(staff: Client, query: dict[str, str]) -> None:
    assert staff.get("/admin/autocomplete/", query).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30, "\0"])
def test_autocomplete_has_no_such_page(staff: Client, page: str) -> None:
    assert staff.get("/admin/autocomplete/", GOOD | {"page": page}).status_code == 404


@pytest.mark.django_db
def test_autocomplete_has_an_answer_for_every_relation_there_is(staff: Client) -> None:
    relations = list(every_relation())
    assert len(relations) > 50
    failed = [query for query in relations if staff.get("/admin/autocomplete/", query).status_code >= 500]
    assert failed == []

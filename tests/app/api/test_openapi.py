import json

from django.test import Client
from django.urls import resolve
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.api.endpoints import ENDPOINTS
from app.api.openapi import document
from tests.app.api.conftest import DOCUMENT, Caller

ID = "01940000-0000-7000-8000-000000000000"


def test_the_document_is_valid_openapi() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_it_is_public_and_needs_no_database(stranger: Caller) -> None:
    answer = stranger.get("openapi.json")
    assert (answer.status, answer.content) == (200, document())
    assert answer.headers["Cache-Control"] == "public, max-age=300"


def test_it_lists_every_address_that_is_served() -> None:
    assert set(DOCUMENT["paths"]) == {f"/api/v1/{endpoint.path}" for endpoint in ENDPOINTS}
    for path in DOCUMENT["paths"]:
        match = resolve(path.format(gallery_id=ID, photo_id=ID))
        assert match.url_name == f"api-{DOCUMENT['paths'][path]['get']['operationId']}"


def test_every_operation_says_what_it_needs_and_answers() -> None:
    for path, item in DOCUMENT["paths"].items():
        operation = item["get"]
        assert operation["security"] == [{"token": ["galleries:read"]}]
        assert operation["summary"]
        expected = {"200", "304", "400", "401", "403", "405", "406", "429", "500", "503"} | (
            {"404"} if "{" in path else set()
        )
        assert set(operation["responses"]) == expected


def test_the_type_of_a_problem_points_at_its_description(client: Client) -> None:
    problem = client.get("/api/nowhere/").json()
    address, _, pointer = problem["type"].partition("#/")
    assert address == "http://testserver/api/v1/openapi.json"
    found = json.loads(document())
    for part in pointer.split("/"):
        found = found[part]
    assert found["description"].startswith("There is no such address")


def test_links_have_no_field_for_a_secret() -> None:
    assert set(DOCUMENT["components"]["schemas"]["Link"]["properties"]) == {
        "id", "gallery_id", "label", "state", "lock", "created_at", "expires_at", "revoked_at",
    }  # fmt: skip

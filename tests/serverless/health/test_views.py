from typing import Any

import pytest
from django.http import Http404
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from serverless.events import build
from serverless.health import deep
from tests.serverless.lambda_context import FakeContext


@pytest.fixture(autouse=True)
def release(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELEASE", "20261123-061502-1a2b3c4")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "7")


def test_it_says_which_release_answers_and_asks_no_database() -> None:
    answer = Client().get("/healthz")  # without the mark that opens the database to a test
    assert (answer.status_code, answer.json()) == (200, {"release": "20261123-061502-1a2b3c4", "version": "7"})
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies


def test_nobody_changes_anything_there() -> None:
    assert Client().post("/healthz").status_code == 405


def test_outside_of_a_release_it_has_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RELEASE")
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_VERSION")
    assert Client().get("/healthz").json() == {"release": "", "version": ""}


def test_the_entry_point_answers_each_of_a_release_s_questions() -> None:
    from serverless.handlers import main

    handler: Any = main.handler
    page = handler(build.http_v2(raw_path="/healthz", headers=[("host", "testserver")]), FakeContext())
    command = handler({"manage": ["check", "--tag", "urls"]}, FakeContext())
    assert page["body"] == '{"release": "20261123-061502-1a2b3c4", "version": "7"}'
    assert (command["exit"], command["version"]) == (0, "7")


SECRET = "a-monitor-s-secret-of-forty-characters-xx"


@pytest.fixture
def watched(settings: Settings) -> None:
    settings.SERVERLESS = {"HEALTH": {"SECRETS": [SECRET, "n" * 32]}}


def ask(secret: str | None = SECRET, **extra: Any) -> Any:
    headers = {} if secret is None else {"x-health-secret": secret}
    return Client().get("/healthz/deep", headers=headers, **extra)


@pytest.mark.django_db(databases=["default", "other"])
@pytest.mark.usefixtures("watched")
@pytest.mark.parametrize("secret", [SECRET, "n" * 32])
def test_each_part_is_named_with_its_time(secret: str) -> None:
    answer = ask(secret)
    said = answer.json()
    assert (answer.status_code, said["ok"], said["version"]) == (200, True, "7"), said
    assert answer["Cache-Control"] == "no-store"
    assert {part["name"] for part in said["parts"]} == {
        "database:default", "database:other", "cache:default", "queue:default",
    }  # fmt: skip
    assert all(part["ok"] and 0 < part["milliseconds"] < 10_000 and part.keys() == {"name", "ok", "milliseconds"}
               for part in said["parts"])  # fmt: skip


@pytest.mark.django_db(databases=["default", "other"])
@pytest.mark.usefixtures("watched")
def test_one_part_that_fails_makes_it_503_and_says_no_more_than_its_name(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.TASKS = {
        "default": settings.TASKS["default"]
        | {"OPTIONS": {"QUEUE_URLS": {"default": "http://127.0.0.1:9/123456789012/away"}}}
    }
    answer = ask()
    said = answer.json()
    assert (answer.status_code, said["ok"]) == (503, False)
    failing = [part for part in said["parts"] if not part["ok"]]
    assert [(part["name"], part["problem"]) for part in failing] == [("queue:default", "no answer")]
    text = answer.content.decode() + caplog.text
    assert "unhealthy" in caplog.text
    assert "127.0.0.1" not in text
    assert SECRET not in text


@pytest.mark.usefixtures("watched")
@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], f"{SECRET}, {SECRET}", SECRET.upper(), "\udce4"])
def test_without_the_secret_there_is_no_such_page(secret: str | None) -> None:
    with pytest.raises(Http404):  # before any database is asked, whatever the project's own 404 page does
        deep(RequestFactory().get("/healthz/deep", headers={} if secret is None else {"x-health-secret": secret}))


def test_nobody_may_ask_where_no_secret_is_set() -> None:
    for given in ({}, {"x-health-secret": ""}):
        with pytest.raises(Http404):
            deep(RequestFactory().get("/healthz/deep", headers=given))


@pytest.mark.usefixtures("watched")
def test_nothing_is_posted_there() -> None:
    assert Client().post("/healthz/deep", headers={"x-health-secret": SECRET}).status_code == 405


def test_it_opens_no_transaction_before_it_looks() -> None:
    assert deep._non_atomic_requests == {"default"}  # type: ignore[attr-defined]

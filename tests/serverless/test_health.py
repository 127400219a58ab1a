from typing import Any

import pytest
from django.test import Client

from serverless.events import build
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

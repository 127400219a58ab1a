"""What is said where something broke: a database that is away is not the project's mistake."""

import json
from typing import Any

import psycopg
import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory

from app.api.problems import server_error
from serverless.db import RETRY_AFTER_S

LOST = psycopg.OperationalError("the connection is lost")
FULL = psycopg.errors.TooManyConnections("sorry, too many clients already")


def said(request: Any, cause: BaseException) -> HttpResponse:
    """Call the handler as Django does, where the exception is being handled."""
    try:
        raise OperationalError(*cause.args) from cause
    except OperationalError:
        return server_error(request)


@pytest.mark.parametrize("cause", [LOST, FULL])
def test_a_page_says_when_to_come_back(rf: RequestFactory, cause: BaseException) -> None:
    response = said(rf.get("/studio/"), cause)
    assert (response.status_code, response.headers["Retry-After"]) == (503, str(RETRY_AFTER_S))
    assert response.headers["Cache-Control"] == "private, no-store"
    assert b"Please try again in a minute." in response.content


def test_whoever_sent_something_is_told_what_is_known(rf: RequestFactory) -> None:
    in_doubt = said(rf.post("/studio/"), LOST).content
    assert b"We cannot tell whether what you sent was saved." in in_doubt
    assert b"Try again" not in in_doubt
    assert b"Please try again in a minute." in said(rf.post("/studio/"), FULL).content


def test_the_api_answers_with_a_problem(rf: RequestFactory) -> None:
    response = said(rf.get("/api/v1/galleries/"), FULL)
    assert (response.status_code, response.headers["Content-Type"]) == (503, "application/problem+json")
    assert response.headers["Retry-After"] == str(RETRY_AFTER_S)
    problem = json.loads(response.content)
    assert (problem["status"], problem["type"].rpartition("/")[2]) == (503, "ServiceUnavailable")


@pytest.mark.parametrize("cause", [psycopg.errors.UndefinedTable("nowhere"), psycopg.errors.DeadlockDetected("x")])
def test_mistakes_stay_mistakes(rf: RequestFactory, cause: BaseException) -> None:
    assert said(rf.get("/studio/"), cause).status_code == 500
    assert said(rf.get("/api/v1/galleries/"), cause).status_code == 500


def test_without_an_exception_it_is_a_500(rf: RequestFactory) -> None:
    assert server_error(rf.get("/")).status_code == 500

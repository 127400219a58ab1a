from typing import Any

import pytest
from django.core import checks
from pytest_django.fixtures import Settings

from serverless.db.replicas.checks import check_replicas

# Two databases of settings: nothing is asked of them here.
SOUND: dict[str, Any] = {"OF": {"default": ["other"]}, "MODELS": ["galleries.Photo", "Tasks.pause"]}
MIDDLEWARE = "serverless.db.replicas.middleware.ReadYourWrites"
ROUTER = "serverless.db.replicas.Router"


@pytest.fixture(autouse=True)
def sound(settings: Settings) -> None:
    settings.SERVERLESS = {"REPLICAS": SOUND}
    settings.DATABASE_ROUTERS = [ROUTER]
    settings.MIDDLEWARE = [MIDDLEWARE, *settings.MIDDLEWARE]


def test_what_is_sound_is_not_spoken_of() -> None:
    assert check_replicas() == []


def test_nothing_is_checked_where_there_are_none(settings: Settings) -> None:
    settings.SERVERLESS = {}
    settings.DATABASE_ROUTERS = []
    assert check_replicas() == []


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        ({"OF": {"default": ["away"]}}, ["serverless.E020"]),
        ({"OF": {"away": ["other"]}}, ["serverless.E020"]),
        ({"OF": {"default": ["default"]}}, ["serverless.E020"]),
        ({"MODELS": ["galleries.Foto", "Photo"]}, ["serverless.E021", "serverless.E021"]),
        ({"MODELS": ["sessions.Session"]}, ["serverless.E022"]),
        ({"MODELS": ["accounts.User"]}, ["serverless.E022"]),
        ({"MODELS": ["auth.Permission"]}, ["serverless.E022"]),
    ],
)
def test_names_that_mean_nothing_or_let_people_in(settings: Settings, given: dict[str, Any], ids: list[str]) -> None:
    settings.SERVERLESS = {"REPLICAS": SOUND | given}
    found = check_replicas()
    assert [message.id for message in found] == ids
    assert all(message.hint for message in found)


@pytest.mark.parametrize("routers", [[], ["tests.serverless.db.replicas.conftest.ToPair", ROUTER]])
def test_a_router_that_is_not_the_first(settings: Settings, routers: list[str]) -> None:
    settings.DATABASE_ROUTERS = routers
    assert [message.id for message in check_replicas()] == ["serverless.E023"]


def test_a_middleware_that_is_missing(settings: Settings) -> None:
    settings.MIDDLEWARE = []
    (message,) = check_replicas()
    assert (message.id, message.level) == ("serverless.W024", checks.WARNING)

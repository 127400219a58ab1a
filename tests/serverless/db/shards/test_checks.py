from typing import Any

import pytest
from django.apps.registry import Apps
from django.core.checks import CheckMessage
from django.db import models
from pytest_django.fixtures import Settings

from app.accounts.models import Studio, User
from app.galleries.models import Gallery
from serverless.db.shards import checks
from serverless.db.shards.checks import check_shards
from serverless.db.shards.keys import sharded_models

_APPS = Apps()


def ids(problems: list[CheckMessage]) -> list[str]:
    return [str(problem.id) for problem in problems]


def change(settings: Settings, **changes: Any) -> None:
    settings.SERVERLESS = {"SHARDS": settings.SERVERLESS["SHARDS"] | changes}


def test_loupe_is_in_order() -> None:
    assert check_shards() == []


def test_nothing_is_asked_without_shards(settings: Settings) -> None:
    settings.SERVERLESS, settings.DATABASE_ROUTERS = {}, []
    assert check_shards() == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"ALIASES": ["default", "gone"]}, "serverless.E050"),
        ({"ALIASES": ["default", "default"]}, "serverless.E050"),
        ({"LOCAL": ["tasks", "notification.OutboxEmail"]}, "serverless.E051"),
        ({"KEY": "accounts.Company", "MODELS": []}, "serverless.E052"),
        ({"KEY": "accounts.User", "MODELS": []}, "serverless.E052"),
        ({"DIRECTORY": "app.nothing.Here"}, "serverless.E052"),
    ],
)
def test_settings_that_name_nothing(settings: Settings, changes: dict[str, Any], expected: str) -> None:
    change(settings, **changes)
    assert expected in ids(check_shards())


def test_key_itself_is_not_spread(settings: Settings) -> None:
    change(settings, MODELS=["accounts.Studio", *settings.SERVERLESS["SHARDS"]["MODELS"]])
    assert "serverless.E053" in ids(check_shards())


def test_models_on_both_sides_of_a_relation(settings: Settings) -> None:
    """Links on shards, their galleries not: both would look for each other where they are not."""
    change(settings, MODELS=["sharing.ShareLink"])
    problems = check_shards()
    assert set(ids(problems)) == {"serverless.E057"}
    assert "sharing.ShareLink refers to galleries.Gallery (gallery), which lies in another database." in [
        problem.msg for problem in problems
    ]
    assert any("sharing.AccessEvent refers to sharing.ShareLink" in problem.msg for problem in problems)


def test_what_a_model_may_not_be(monkeypatch: pytest.MonkeyPatch) -> None:
    class Numbered(models.Model):  # noqa: DJ008 - never shown
        studio = models.ForeignKey(Studio, models.CASCADE, related_name="+")
        author = models.ForeignKey(User, models.CASCADE, related_name="+")
        reader = models.ForeignKey(User, models.CASCADE, related_name="+", db_constraint=False)
        readers = models.ManyToManyField(User, related_name="+")

        class Meta:
            app_label = "galleries"
            apps = _APPS

    class Loose(models.Model):  # noqa: DJ008
        id = models.UUIDField(primary_key=True)
        gallery = models.ForeignKey(Gallery, models.CASCADE, related_name="+")

        class Meta:
            app_label = "galleries"
            apps = _APPS

    monkeypatch.setattr(checks, "_models", lambda: [Numbered, Loose])
    problems = [problem for problem in check_shards() if problem.id != "serverless.E051"]
    assert sorted((problem.id, problem.msg) for problem in problems) == [
        ("serverless.E054", "galleries.Loose has no foreign key to the key."),
        ("serverless.E055", "galleries.Numbered numbers its rows."),
        ("serverless.E056", "galleries.Numbered is many-to-many with accounts.User (readers)."),
        ("serverless.E057", "galleries.Numbered refers to accounts.User (author), which lies in another database."),
    ]


@pytest.mark.parametrize("missing", ["DATABASE_ROUTERS", "MIDDLEWARE"])
def test_router_and_middleware_belong_together(settings: Settings, missing: str) -> None:
    setattr(settings, missing, [name for name in getattr(settings, missing) if "shards" not in name])
    assert ids(check_shards()) == ["serverless.E058"]


@pytest.mark.parametrize("missing", ["app", "command"])
def test_releases_migrate_shards(settings: Settings, missing: str) -> None:
    if missing == "app":
        settings.INSTALLED_APPS = [name for name in settings.INSTALLED_APPS if name != "serverless.db.shards"]
    else:
        settings.SERVERLESS = settings.SERVERLESS | {"MANAGE": {"COMMANDS": ["migrate"]}}
    assert ids(check_shards()) == ["serverless.E059"]


def test_tables_come_after_those_that_they_refer_to() -> None:
    order = [model._meta.label for model in sharded_models()]
    assert order == [
        "galleries.Gallery", "galleries.Section", "galleries.Photo", "reports.Report", "sharing.ShareLink",
        "sharing.AccessEvent", "uploads.Multipart",
    ]  # fmt: skip


def test_local_rows_refer_to_no_directory(settings: Settings) -> None:
    change(settings, LOCAL=[*settings.SERVERLESS["SHARDS"]["LOCAL"], "accounts.Membership"])
    (problem,) = check_shards()
    assert problem.msg == "accounts.Membership refers to accounts.User (user), which lies in another database."


def test_the_keys_copies_refer_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Company(models.Model):  # noqa: DJ008 - never shown
        owner = models.ForeignKey(User, models.CASCADE, related_name="+")

        class Meta:
            app_label = "accounts"
            apps = _APPS

    Company._meta.model_name, Company._meta.object_name = "studio", "Studio"
    monkeypatch.setattr(checks, "_models", lambda: [Company])
    problems = [problem for problem in check_shards() if problem.id != "serverless.E051"]
    assert [problem.id for problem in problems] == ["serverless.E057"]

"""An earlier release serves again as it was, or what serves goes on."""

from dataclasses import replace
from pathlib import Path

import pytest

from serverless.deploy.__main__ import main
from serverless.deploy.exceptions import DeployError
from serverless.deploy.failures import AwsDenied
from serverless.deploy.release import Release, Stage, open_stage, roll_back
from serverless.deploy.release.ask import manage
from serverless.deploy.release.exceptions import NotPossible, VerifyFailed
from serverless.stack import names
from serverless.stack.config import StackConfig
from tests.deploy.cloud import Cloud, ctrl_c, first, refusal
from tests.deploy.conftest import PROJECT, Zips, release

MIGRATION = """
from django.db import migrations

class Migration(migrations.Migration):
    while_serving = "it changes nothing"
    operations = [migrations.RunSQL("SELECT 1", "SELECT 1")]
"""


@pytest.fixture(scope="module")
def two(cloud: Cloud, config: StackConfig, zips: Zips, static_folder: Path) -> tuple[Release, Release]:
    """Two releases, of which the later serves and has migrated."""
    stage = open_stage(config, log=lambda _: None)
    files = {"tiny/migrations/__init__.py": "", "tiny/migrations/0001_more.py": MIGRATION}
    return release(stage, zips("old"), static_folder), release(stage, zips("new", files), static_folder)


@pytest.fixture(autouse=True)
def new(two: tuple[Release, Release], stage: Stage) -> Release:
    """The later one, which serves when a test begins."""
    if stage.live() != two[1].versions:
        roll_back(stage, two[1].id, anyway=True)
    return two[1]


@pytest.fixture
def old(two: tuple[Release, Release]) -> Release:
    return two[0]


def _serves(stage: Stage, wanted: Release) -> None:
    assert stage.live() == wanted.versions
    for which in names.FUNCTIONS:
        answer = manage(stage, which, names.ALIAS, "check", "--list-tags")
        assert (answer.release, answer.version) == (wanted.id, wanted.versions[which])
        variables = stage.functions.describe(stage.name(which), names.ALIAS)["Environment"]["Variables"]
        assert variables == dict(wanted.configurations[which].variables)
    assert stage.lock().break_open() == ""


def test_a_release_that_the_database_is_ahead_of_is_refused(stage: Stage, old: Release, new: Release) -> None:
    with pytest.raises(NotPossible, match=rf"tiny\.0001_more.*make rollback STAGE=test RELEASE={old.id} ANYWAY=1"):
        roll_back(stage, old.id)
    _serves(stage, new)


def test_the_command_restores_code_configuration_and_proves_it(
    stage: Stage, old: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rollback", "test", old.id, "--anyway", "--pyproject", str(PROJECT / "pyproject.toml")]) == 0
    said = capsys.readouterr().out
    assert f"tiny-test:live is {old.id}, version {old.versions['web']}" in said
    assert f"{old.id} serves test" in said
    _serves(stage, old)
    assert stage.records.list()[0].id == old.id


def test_a_later_release_again_needs_no_word_more(stage: Stage, old: Release, new: Release) -> None:
    roll_back(stage, old.id, anyway=True)
    roll_back(stage, new.id)
    _serves(stage, new)


def test_the_edge_forgets_the_pages_of_the_release_that_served(
    stage: Stage, old: Release, cloud: Cloud, said: list[str]
) -> None:
    cloud.calls.clear()
    roll_back(stage, old.id, anyway=True)
    assert cloud.forgotten == 1
    assert "CloudFront forgets /, /blog/*" in said


def test_an_edge_that_does_not_forget_fails_no_rollback(
    stage: Stage, old: Release, cloud: Cloud, said: list[str]
) -> None:
    with cloud.failing("/invalidation", refusal(403, "AccessDenied")):
        roll_back(stage, old.id, anyway=True)
    _serves(stage, old)
    assert any(line.startswith("warning: Having CloudFront forget") for line in said)


def test_a_release_that_there_is_none_of(stage: Stage, old: Release, new: Release) -> None:
    with pytest.raises(NotPossible, match=rf"There is no release 2020.*{old.id}"):
        roll_back(stage, "20200101-000000-0000000")
    _serves(stage, new)


@pytest.mark.parametrize("answer", [refusal(403, "AccessDeniedException"), ctrl_c], ids=["refused", "ctrl-c"])
@pytest.mark.parametrize(
    "call",
    [
        "PUT .*/functions/tiny-test/aliases/live",
        "PUT .*/functions/tiny-test-worker/aliases/live",
        r"POST .*/functions/tiny-test-worker/invocations\?Qualifier=live",
    ],
)
def test_what_served_serves_on_when_it_fails(
    call: str, answer: object, stage: Stage, cloud: Cloud, old: Release, new: Release
) -> None:
    cloud.calls.clear()
    with cloud.failing(call, first(1, answer)), pytest.raises((AwsDenied, KeyboardInterrupt)):  # type: ignore[arg-type]
        roll_back(stage, old.id, anyway=True)
    assert cloud.forgotten == 1  # it may have kept pages of the one that served for a moment
    _serves(stage, new)


def test_a_release_whose_static_files_are_gone_is_refused(stage: Stage, old: Release, new: Release) -> None:
    key = old.static[0]
    body = stage.s3.get_object(Bucket=stage.static_bucket, Key=key)["Body"].read()
    stage.s3.delete_object(Bucket=stage.static_bucket, Key=key)
    try:
        with pytest.raises(NotPossible, match="static files"):
            roll_back(stage, old.id, anyway=True)
    finally:
        stage.s3.put_object(Bucket=stage.static_bucket, Key=key, Body=body)
    _serves(stage, new)


def test_a_release_that_answers_under_another_name_is_no_success(
    stage: Stage, old: Release, new: Release, cloud: Cloud
) -> None:
    stage.records.write(replace(stage.records.read(old.id), id="20260101-000000-fffffff"))
    try:
        with pytest.raises(VerifyFailed, match=old.id):
            roll_back(stage, "20260101-000000-fffffff", anyway=True)
    finally:
        stage.records.delete("20260101-000000-fffffff")
    _serves(stage, new)


def test_a_version_that_is_gone_is_refused_before_anything_moves(stage: Stage, old: Release, new: Release) -> None:
    record = stage.records.read(old.id)
    stage.records.write(replace(record, id="20260101-000000-0000000", versions={**record.versions, "web": "77"}))
    try:
        with pytest.raises(DeployError, match="Version 77 of tiny-test is gone"):
            roll_back(stage, "20260101-000000-0000000", anyway=True)
    finally:
        stage.records.delete("20260101-000000-0000000")
    _serves(stage, new)

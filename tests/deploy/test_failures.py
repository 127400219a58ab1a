"""Whatever fails, wherever: the release before serves on, as it was."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import SplitResult

import psycopg
import pytest

from serverless.deploy.exceptions import DeployError
from serverless.deploy.failures import AwsDenied
from serverless.deploy.release import Release, Stage, Train, begin, open_stage
from serverless.deploy.release.ask import manage
from serverless.deploy.release.exceptions import LockHeld, LockLost, MigrationFailed, SmokeFailed
from serverless.stack import names
from serverless.stack.config import StackConfig
from tests.deploy.cloud import Cloud, ctrl_c, first, refusal
from tests.deploy.conftest import PROJECT, SETTINGS, Zips, release

DENIED = refusal(403, "AccessDeniedException")
DENIED_S3 = refusal(403, "AccessDenied")

BROKEN_MIGRATION = """
from django.db import migrations

class Migration(migrations.Migration):
    while_serving = "it changes nothing"
    operations = [migrations.RunSQL("SELECT 1 / 0")]
"""
PAGE = """
from django.http import HttpResponse
from django.urls import include, path

def page(request):
    return HttpResponse({body!r}, status={status})

urlpatterns = [path("", page), path("", include("serverless.health"))]
"""


@pytest.fixture(scope="module")
def served(cloud: Cloud, config: StackConfig, zips: Zips, static_folder: Path) -> Release:
    """The release that serves, and has to go on serving."""
    return release(open_stage(config, log=lambda _: None), zips("served"), static_folder)


@pytest.fixture
def later(config: StackConfig, said: list[str]) -> Stage:
    """The stage as later releases would have it: other reservations, another timeout."""
    other = replace(config, web_concurrency=3, worker_concurrency=1, worker=replace(config.worker, timeout_s=60))
    return open_stage(other, log=said.append)


@pytest.fixture
def unharmed(served: Release, stage: Stage, said: list[str], database_server: SplitResult) -> Iterator[None]:
    """After the test the release that served serves, untouched, and nobody holds the lock."""
    yield
    assert stage.live() == served.versions
    for which in names.FUNCTIONS:
        found = stage.functions.describe(stage.name(which), names.ALIAS)
        assert found["Environment"]["Variables"] == dict(served.configurations[which].variables)
        assert stage.functions.reserved(stage.name(which)) == served.configurations[which].concurrency
        answer = manage(stage, which, names.ALIAS, "check", "--list-tags")
        assert (answer.release, answer.version) == (served.id, served.versions[which])
    with psycopg.connect(database_server._replace(path="/postgres").geturl()) as owner:
        (settings,) = owner.execute("SELECT rolconfig FROM pg_roles WHERE rolname = 'worker'").fetchone() or ([],)
    assert "statement_timeout=120s" in settings
    assert "Contents" not in stage.s3.list_objects_v2(Bucket=stage.bucket, Prefix="lock")
    assert [record.id for record in stage.records.list()] == [served.id]
    assert stage.records.read(served.id).served
    there = {item["Key"] for item in stage.s3.list_objects_v2(Bucket=stage.static_bucket)["Contents"]}
    assert set(served.static) <= there
    assert said[-1].startswith(f"Release {served.id} serves as before.")


# A call of each stage, and what it is refused with.
CALLS = {
    "the beginning": ("PUT /tiny-test-releases/lock", DENIED_S3),
    "upload": ("PUT /tiny-test-releases/packages/", DENIED_S3),
    "static files": ("PUT /tiny-test-static/static/", DENIED_S3),
    "functions": ("PUT .*/functions/tiny-test-worker/code", DENIED),
    "functions, configuration": ("PUT .*/functions/tiny-test-migrator/configuration", DENIED),
    "versions": ("POST .*/functions/tiny-test-migrator/versions", DENIED),
    "migrations judged": (r"POST .*/functions/tiny-test-migrator/invocations\?Qualifier=1$", DENIED),
    "migrations before the switch": (r"POST .*/functions/tiny-test-migrator/invocations\?Qualifier=(?!1$)", DENIED),
    "warm": ("POST .*/functions/tiny-test/invocations", DENIED),
    "smoke test": ("POST .*/functions/tiny-test-worker/invocations", DENIED),
    "record": ("PUT /tiny-test-releases/releases/", DENIED_S3),
    "switch": ("PUT .*/functions/tiny-test/aliases/live", first(1, DENIED)),
    "switch, the first": ("PUT .*/functions/tiny-test-migrator/aliases/live", first(1, DENIED)),
    "verify": (r"POST .*/functions/tiny-test/invocations\?Qualifier=live", first(1, DENIED)),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.usefixtures("unharmed")
def test_a_stage_that_aws_refuses(
    call: str, later: Stage, cloud: Cloud, zips: Zips, tmp_path: Path, static_folder: Path, said: list[str]
) -> None:
    pattern, answer = CALLS[call]
    with cloud.failing(pattern, answer), pytest.raises(AwsDenied):
        release(later, zips("refused"), _other_static(tmp_path, static_folder))
    assert any(f"ends at {call.partition(',')[0]}:" in line for line in said)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.usefixtures("unharmed")
def test_ctrl_c_at_a_stage(
    call: str, later: Stage, cloud: Cloud, zips: Zips, tmp_path: Path, static_folder: Path, said: list[str]
) -> None:
    with cloud.failing(CALLS[call][0], first(1, ctrl_c)), pytest.raises(KeyboardInterrupt):
        release(later, zips("interrupted"), _other_static(tmp_path, static_folder))
    assert any(line.endswith("interrupted") for line in said)


@pytest.mark.parametrize(
    ("files", "expected", "words"),
    [
        ({"tiny/migrations/__init__.py": "", "tiny/migrations/0001.py": BROKEN_MIGRATION}, MigrationFailed, "division"),
        ({"tiny/urls.py": "raise RuntimeError('no page')"}, DeployError, "no page"),
        ({"tiny/urls.py": PAGE.format(body="bad", status=500)}, SmokeFailed, "answers 500"),
        ({"tiny/urls.py": PAGE.format(body="<a href='/static/gone.css'>", status=200)}, SmokeFailed, "gone.css"),
        ({"tiny/urls.py": "urlpatterns = []"}, SmokeFailed, "serverless.health"),
        ({"serverless/tasks/smoke.py": "raise RuntimeError('no task')"}, SmokeFailed, "no task"),
    ],
    ids=["migration", "init", "page", "static file", "health", "task"],
)
@pytest.mark.usefixtures("unharmed")
def test_code_that_does_not_work(
    files: dict[str, str], expected: type[Exception], words: str, stage: Stage, zips: Zips, static_folder: Path
) -> None:
    with pytest.raises(expected, match=words):
        release(stage, zips("bad", files), static_folder)


@pytest.mark.usefixtures("unharmed")
def test_a_migration_that_would_break_what_serves(stage: Stage, cloud: Cloud, zips: Zips, static_folder: Path) -> None:
    careless = BROKEN_MIGRATION.replace('    while_serving = "it changes nothing"\n', "")
    cloud.calls.clear()
    with pytest.raises(MigrationFailed, match="0001"):
        release(
            stage,
            zips("careless", {"tiny/migrations/__init__.py": "", "tiny/migrations/0001.py": careless}),
            static_folder,
        )
    assert not [call for call in cloud.calls if call.startswith("PUT /tiny-test-releases/packages/")]


@pytest.mark.usefixtures("unharmed")
def test_a_package_that_cannot_be_made(stage: Stage) -> None:
    def package(_: Release) -> None:
        raise DeployError("No package.")

    train = Train(begin(stage, PROJECT, settings=SETTINGS), what="a test")
    with pytest.raises(DeployError, match="No package"), train.guarded():
        train.prepare(package)


def test_two_releases_at_once(served: Release, stage: Stage, zips: Zips, static_folder: Path, said: list[str]) -> None:
    with stage.lock().held("the other one"), pytest.raises(LockHeld, match=r"the other one.*unlock test"):
        release(stage, zips("second"), static_folder)
    assert stage.live() == served.versions


def test_a_lock_that_somebody_took_over_ends_the_release(
    served: Release, stage: Stage, zips: Zips, static_folder: Path, said: list[str]
) -> None:
    train = Train(begin(stage, PROJECT, settings=SETTINGS), what="a test")

    def package(it: Release) -> None:
        it.zip, it.static_folder = zips("slow"), static_folder
        stage.s3.put_object(Bucket=stage.bucket, Key="lock", Body=json.dumps({"owner": "another"}).encode())

    with pytest.raises(LockLost, match="Somebody else may have it"), train.guarded():
        train.prepare(package)
    assert json.loads(stage.s3.get_object(Bucket=stage.bucket, Key="lock")["Body"].read()) == {"owner": "another"}
    assert stage.lock().break_open().startswith("another")
    assert stage.live() == served.versions


def _other_static(folder: Path, staged: Path) -> Path:
    """Static files that the bucket does not have yet."""
    manifest = json.loads((staged / "staticfiles.json").read_text())
    for name in manifest["paths"].values():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((staged / name).read_bytes())
    new = f"new.{uuid.uuid4().hex[:12]}.css"
    (folder / new).write_text("p { color: red }")
    manifest["paths"]["new.css"] = new
    (folder / "staticfiles.json").write_text(json.dumps(manifest))
    return folder

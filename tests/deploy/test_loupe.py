"""The product itself: packaged, released, and each published version run from the zip that it was made of."""

import json
from pathlib import Path

import pytest

from serverless.deploy import package as packages
from serverless.deploy.release import Record, Release, Stage, Train, begin
from serverless.events.build import http_v2
from serverless.stack import config as configs
from serverless.stack import names
from serverless.stack.config import StackConfig
from tests.deploy.conftest import ROOT
from tests.deploy.made import ORIGIN_SECRET, SITE


@pytest.fixture(scope="module")
def config() -> StackConfig:
    return configs.load(ROOT / "pyproject.toml", stage="dev")


def test_loupe_is_released_and_serves_from_its_own_zip(stage: Stage, tmp_path: Path, said: list[str]) -> None:
    settings = json.loads((ROOT / "zappa_settings.json").read_text())["base"] | {"architecture": packages.MACHINE}

    def package(release: Release) -> None:
        options = packages.Options(project=ROOT, to=tmp_path / "release", architecture=packages.MACHINE)
        made = packages.make(options, log=said.append)
        release.zip, release.static_folder = made.path, made.static

    train = Train(begin(stage, ROOT, settings=settings), what="a test")
    with train.guarded():
        train.prepare(package)
        train.finish()

    record: Record = stage.records.list()[0]
    assert stage.live() == record.versions
    assert len(record.static) > 20
    headers = {
        "x-origin-secret": ORIGIN_SECRET,
        "x-viewer-host": SITE.removeprefix("https://"),
        "x-viewer-address": "192.0.2.1",
        "cloudfront-forwarded-proto": "https",
    }
    event = http_v2(raw_path="/sign-in/", headers=list(headers.items()))
    answer = stage.functions.invoke(stage.name("web"), names.ALIAS, event)
    assert answer["statusCode"] == 200
    assert "Loupe" in answer["body"]

"""What Zappa itself makes of zappa_settings.json."""

import tomllib
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from zappa.cli import ZappaCLI

from serverless.stack import config as configs
from serverless.stack import names

ROOT = Path(__file__).resolve().parent.parent
STAGES = tuple(tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["serverless"]["stack"]["stages"])


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ZappaCLI:
    monkeypatch.delenv("AWS_DEFAULT_REGION")  # Zappa follows it, not the file
    cli = ZappaCLI()
    cli.api_stage = request.param
    cli.load_settings(str(ROOT / "zappa_settings.json"))
    return cli


def test_zappa_uploads_code_and_leaves_traffic_roles_and_versions_alone(stage: ZappaCLI) -> None:
    assert stage.use_apigateway is False
    assert stage.manage_roles is False
    assert stage.stage_config["keep_warm"] is False
    assert stage.num_retained_versions is None


def test_the_function_runs_our_handler_with_production_settings(stage: ZappaCLI) -> None:
    module, _, name = stage.lambda_handler.rpartition(".")
    assert (module, name) == ("serverless.handlers.main", "handler")
    assert find_spec("settings.production") is not None
    assert stage.django_settings == "settings.production"


def test_zappa_and_the_stacks_mean_the_same_function_in_the_same_region(stage: ZappaCLI) -> None:
    config = configs.load(ROOT / "pyproject.toml", stage=stage.api_stage)
    assert stage.lambda_name == names.function(config.prefix, "web")
    assert stage.zappa.boto_session.region_name == config.region


def test_the_hooks_are_there(stage: ZappaCLI) -> None:
    for hook in ("settings", "post"):
        module, _, name = stage.stage_config["callbacks"][hook].rpartition(".")
        assert callable(getattr(import_module(module), name))


def test_the_file_holds_no_secret_and_no_account() -> None:
    text = (ROOT / "zappa_settings.json").read_text()
    assert not any(word in text.lower() for word in ("secret", "password", "arn:aws", "environment_variables"))

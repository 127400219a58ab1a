"""What Zappa itself makes of zappa_settings.json."""

from importlib.util import find_spec
from pathlib import Path

import pytest
from zappa.cli import ZappaCLI

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def stage() -> ZappaCLI:
    cli = ZappaCLI()
    cli.api_stage = "production"
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


def test_the_file_holds_no_secret_and_no_account() -> None:
    text = (ROOT / "zappa_settings.json").read_text()
    assert not any(word in text.lower() for word in ("secret", "password", "arn:aws", "environment_variables"))

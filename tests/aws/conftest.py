"""``--stage``: which stage of the project is looked at. Without it nothing here leaves this machine."""

from pathlib import Path

import pytest

from serverless.deploy.release import Record, Stage, open_stage
from serverless.exceptions import ServerlessError
from serverless.stack import config as configs

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def stage(pytestconfig: pytest.Config) -> Stage:
    name: str | None = pytestconfig.getoption("--stage")
    if name is None:
        pytest.skip("looks at AWS: pytest tests/aws --stage dev")
    try:
        config = configs.load(ROOT / "pyproject.toml", stage=name)
        if config.protected and not pytestconfig.getoption("--protected"):
            pytest.exit(f"{name} is protected, and a task would be written to it: add --protected if you mean it.", 2)
        return open_stage(config, log=lambda _: None)
    except ServerlessError as problem:
        pytest.exit(str(problem), 2)


@pytest.fixture(scope="session")
def record(stage: Stage) -> Record:
    """The release that serves."""
    found = stage.records.serving(stage.live())
    assert found is not None, f"No release serves {stage.config.stage}: zappa deploy {stage.config.stage}"
    return found


@pytest.fixture
def local(pytestconfig: pytest.Config) -> None:
    """Services of this machine, which are not there while AWS is looked at."""
    if pytestconfig.getoption("--stage") is not None:
        pytest.skip("looks at this machine: leave --stage out")

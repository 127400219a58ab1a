"""A stage of its own for each test, in moto: with its stacks where a test asks for ``stage``."""

import uuid

import pytest

from serverless.stack.config import StackConfig
from tests.serverless.deploy.stacks.conftest import _cloud, cloud, stage

__all__ = ["_cloud", "cloud", "config", "stage"]


@pytest.fixture
def config() -> StackConfig:
    return StackConfig(project=f"p{uuid.uuid4().hex[:12]}", stage="dev", region="us-east-1", profile="frugal")

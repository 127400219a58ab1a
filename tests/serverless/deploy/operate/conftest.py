"""A stage of its own for each test, in moto."""

import uuid

import pytest

from serverless.stack.config import StackConfig


@pytest.fixture
def config() -> StackConfig:
    return StackConfig(project=f"p{uuid.uuid4().hex[:12]}", stage="dev", region="us-east-1", profile="frugal")

import time

import pytest

from serverless import context
from tests.serverless.lambda_context import FakeContext


def test_outside_an_invocation_nothing_is_known() -> None:
    assert context.current() is None
    assert context.remaining() is None


def test_inside_an_invocation() -> None:
    with context.invocation(FakeContext(seconds=30)) as entered:
        assert context.current() is entered
        assert entered.request_id == "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
        left = context.remaining()
        assert left is not None
        assert 29 < left <= 30
        time.sleep(0.02)
        later = context.remaining()
        assert later is not None
        assert later < left - 0.015


def test_the_invocation_ends_with_its_block_even_on_an_error() -> None:
    with pytest.raises(LookupError), context.invocation(FakeContext()):
        raise LookupError
    assert context.current() is None

"""Import `samples` where photos are needed: ``from tests.samples.fixtures import samples``."""

import os

import pytest

from tests.samples import missing
from tests.samples.photos import Samples


@pytest.fixture(scope="session")
def samples() -> Samples:
    """The sample photographs. Where they could not be fetched the test is skipped, and fails with CI set."""
    if absent := missing():
        reason = f"sample photographs are missing ({', '.join(absent)}): `python -m tests.samples` says why"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return Samples()

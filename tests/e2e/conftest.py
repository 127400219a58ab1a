"""One running cloud and one Chromium for the end-to-end tests of a process."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.cloud import Cloud, running
from tests.samples.fixtures import samples
from tests.setup import browser

__all__ = ["samples"]

# Chromium's own services look for hosts on the internet; none of them is wanted here.
_ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    with state_directory() as state, running(state) as started:
        yield started


@pytest.fixture
def state_dir() -> Iterator[Path]:
    with state_directory() as state:
        yield state


@contextmanager
def state_directory() -> Iterator[Path]:
    """Make a directory that PostgreSQL can reach, which runs as another user when this is root.

    pytest's own temporary directories are closed to others, and closed again by every run that starts.
    """
    state = Path(tempfile.mkdtemp(prefix="loupe-e2e-"))
    state.chmod(0o755)
    yield state
    shutil.rmtree(state)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Chromium of the system. Skips where there is none, and fails with CI set."""
    path = browser()
    if path is None:
        reason = "Chromium is missing: `python -m tests.setup` installs it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    # Ends with the module: Playwright's event loop in this thread would make Django refuse database calls.
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        yield launched
        launched.close()

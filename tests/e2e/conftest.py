"""One running cloud and one Chromium for the end-to-end tests of a process."""

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from benchmarks.processes import command, tree
from tests.e2e.cloud import Cloud, running
from tests.samples.fixtures import samples
from tests.setup import browser

__all__ = ["samples"]

# Chromium's own services look for hosts on the internet; none of them is wanted here.
_ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
# The longest test takes half a minute on a busy machine.
_PATIENCE_S = 240


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


@pytest.fixture(autouse=True)
def _patience() -> Iterator[None]:
    """End a browser that has stopped answering, so that the test fails where it waits instead of holding up the run.

    Some of Playwright's calls (resizing, emulation, closing) know no time limit; once in some twenty runs of the whole
    suite, one of them never came back.
    """
    timer = threading.Timer(_PATIENCE_S, _end_browsers)
    timer.start()
    yield
    timer.cancel()


def _end_browsers() -> None:
    for pid in list(tree(os.getpid())):
        if "chromium" in command(pid).partition(" ")[0]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

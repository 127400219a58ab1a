"""One running cloud and one Chromium for the end-to-end tests of a process."""

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
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
_HERE = Path(__file__).parent
# Playwright's name for it: https://playwright.dev/python/docs/api/class-error
_ENDED = "TargetClosedError"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run a test whose browser ended under it once more: see ``_patience``."""
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=[_ENDED]))


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


@pytest.fixture
def chromium(_connected: Callable[[], Browser]) -> Browser:
    """Chromium of the system, the one of the test before if it still answers."""
    return _connected()


@pytest.fixture(scope="module")
def _connected() -> Iterator[Callable[[], Browser]]:
    """Launch Chromium, and again once it has gone. Skips where there is none, and fails with CI set."""
    path = browser()
    if path is None:
        reason = "Chromium is missing: `python -m tests.setup` installs it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    launched: list[Browser] = []
    # Ends with the module: Playwright's event loop in this thread would make Django refuse database calls.
    with sync_playwright() as playwright:

        def connected() -> Browser:
            if not launched or not launched[-1].is_connected():
                launched.append(playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS)))
            return launched[-1]

        yield connected
        for one in launched:
            one.close()


@pytest.fixture(autouse=True)
def _patience() -> Iterator[None]:
    """End a browser that has stopped answering, so that the test ends where it waits and is run again.

    Some of Playwright's calls (resizing, emulation, closing) know no time limit; once in some twenty runs of the whole
    suite, one of them never came back. What the browser's end raises is therefore no verdict on what is tested; a page
    that hangs every browser hangs the second as well, and the test fails.
    """
    timer = threading.Timer(_PATIENCE_S, end_browsers)
    timer.start()
    yield
    timer.cancel()


def end_browsers() -> None:
    for pid in list(tree(os.getpid())):
        if "chromium" in command(pid).partition(" ")[0]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

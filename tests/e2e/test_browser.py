"""A browser that ends under a test decides nothing: the test is run again, with another."""

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import end_browsers


def test_a_test_whose_browser_ended_is_run_again(chromium: Browser, request: pytest.FixtureRequest) -> None:
    page = chromium.new_page()
    if request.node.execution_count == 1:
        end_browsers()
    page.set_content("<h1>Here again</h1>")
    assert page.inner_text("h1") == "Here again"
    page.close()
    assert request.node.execution_count == 2

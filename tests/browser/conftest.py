"""The page of a fresh browser, for every test here."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.kit import browser_page


@pytest.fixture
def page() -> Iterator[Page]:
    with browser_page() as opened:
        yield opened

"""The browser starts, has fonts, and runs scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.engines.browser import CHROMIUM

pytestmark = pytest.mark.browser

AXE = CHROMIUM.parent / "axe.min.js"


def test_text_has_a_width(browser: Browser) -> None:
    page = browser.new_page()

    page.goto("data:text/html,<title>Window</title><span>Next patient</span>")

    box = page.get_by_text("Next patient").bounding_box()
    assert page.title() == "Window"
    assert box is not None
    assert box["width"] > 0
    page.close()


def test_axe_finds_an_image_without_words(browser: Browser) -> None:
    page = browser.new_page()
    page.goto("data:text/html,<html lang=en><title>Photo</title><main><img src='data:,'></main>")

    page.add_script_tag(path=AXE)
    broken = page.evaluate("axe.run().then(found => found.violations.map(one => one.id))")

    assert "image-alt" in broken
    page.close()

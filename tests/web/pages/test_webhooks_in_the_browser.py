"""The pages of webhooks in Chromium: accessible in both languages, and whole on a narrow screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from engine import Actor
from tests.browser import violations
from tests.web.pages.conftest import Visit, Year
from tests.web.pages.test_in_the_browser import _settled
from webhooks.outgoing import Chosen

pytestmark = pytest.mark.browser

ADMINISTRATOR = Actor("administrator", frozenset({"administrator"}), "Administrator")
ADDRESS = "https://1.1.1.1/hooks/" + "a-long-address/" * 12


@pytest.mark.parametrize(("width", "locale"), [(1280, "en-GB"), (390, "zh-TW"), (390, "en-GB")])
def test_the_pages_of_webhooks_are_accessible_and_whole(
    year: Year, visit: Visit, width: int, locale: str
) -> None:
    hooks = year.container.webhooks
    made, _secret = hooks.create(ADMINISTRATOR, Chosen("ERP of the northern warehouses", "standard", ADDRESS))
    number = hooks.test(ADMINISTRATOR, made.id)
    try:
        page = visit("administrator", width=width, locale=locale).new_page()
        for path in (
            "/webhooks",
            "/webhooks/new",
            f"/webhooks/{made.id}",
            f"/webhooks/{made.id}/edit",
            f"/webhooks/deliveries/{number}",
        ):
            _settled(page, path)
            assert violations(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    finally:
        hooks.delete(ADMINISTRATOR, made.id)


def test_a_webhook_is_made_and_its_secret_shown_once(year: Year, visit: Visit) -> None:
    page = visit("administrator").new_page()
    _settled(page, "/webhooks/new")
    page.get_by_label("Name", exact=True).fill("ERP")
    page.get_by_label("Address").fill("https://1.1.1.1/hooks")
    page.get_by_label("Task created").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Copy the secret now; it is not shown again.")).to_be_visible()
    expect(page.locator("code").filter(has_text="whsec_")).to_be_visible()
    page.get_by_text("Delete this webhook and its deliveries").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The webhook was deleted.")).to_be_visible()

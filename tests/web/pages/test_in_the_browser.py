"""The pages in Chromium: accessible in both themes, whole on a narrow screen, light, and usable by keyboard."""

from __future__ import annotations

import gzip
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from engine import heartbeats
from engine.jobs import enqueue
from engine.jobs.rows import change
from engine.storage.tables import job, worker
from tests.browser import violations
from tests.web.pages.conftest import Visit, Year

pytestmark = pytest.mark.browser

SUPERVISOR = "operations_supervisor"
LIGHT_ENOUGH = 60 * 1024


def _paths(year: Year) -> list[str]:
    return [
        "/inbox",
        f"/inbox?task={year.task('Review the last quarter')}",
        f"/tasks/{year.task('Review the last quarter')}",
        "/start",
        "/start/annual_plan",
        "/processes/annual_plan",
        "/instances",
        f"/instances/{year.instance('Annual operating plan 2026')}",
        "/plans",
        f"/plans/{year.plan('2026')}",
        "/notices",
        "/profile",
        "/about",
        "/nowhere",
    ]


def _settled(page: Page, path: str) -> None:
    page.goto(path)
    if page.locator("[data-island]").count():  # forms and diagrams come in afterwards
        page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_every_page_is_accessible(year: Year, visit: Visit, locale: str) -> None:
    page = visit(SUPERVISOR, locale=locale).new_page()
    problems = {}
    for path in _paths(year):
        _settled(page, path)
        if found := violations(page):
            problems[path] = found
    assert problems == {}


def test_the_sign_in_page_and_the_operators_page_are_accessible(visit: Visit) -> None:
    stranger = visit(None).new_page()
    _settled(stranger, "/sign-in")
    assert violations(stranger) == []
    administrator = visit("administrator").new_page()
    _settled(administrator, "/incidents")
    assert violations(administrator) == []


@pytest.mark.parametrize(("width", "locale"), [(1440, "en-GB"), (390, "zh-TW")])
def test_the_page_of_jobs_is_accessible_and_as_wide_as_the_screen(
    year: Year, visit: Visit, width: int, locale: str
) -> None:
    now = year.container.engine.clock()
    with year.container.database.write() as session:
        for status, attempts in (("due", 0), ("due", 2), ("leased", 0), ("failed", 4)):
            number = enqueue(session, "letter", {}, now)
            error = "The other system did not answer in time." if attempts else None
            change(session, number, status=status, attempts=attempts, error=error)
        for kind, ago in ((heartbeats.CELERY, 0), (heartbeats.DISPATCHER, 5), (heartbeats.WORKER, 3600)):
            name, moment = f"plans-app-{ago}.example.com-4711-1b9d6bcd", now - timedelta(seconds=ago)
            heartbeats.beat(session, name, kind, moment, moment)
    try:
        page = visit("administrator", width=width, locale=locale).new_page()
        _settled(page, "/jobs")
        assert page.locator("tbody tr").count() >= 7
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    finally:
        with year.container.database.write() as session:
            session.execute(delete(job).where(job.c.kind == "letter"))
            session.execute(delete(worker))


@pytest.mark.parametrize("locale", ["en-GB", "zh-TW"])
def test_nothing_scrolls_sideways_on_a_narrow_screen(year: Year, visit: Visit, locale: str) -> None:
    page = visit(SUPERVISOR, width=390, locale=locale).new_page()
    for path in [*_paths(year), "/sign-in"]:
        _settled(page, path)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path


@pytest.mark.parametrize("locale", ["en-GB", "zh-TW"])
def test_every_place_of_the_menus_is_in_sight_on_a_phone(visit: Visit, locale: str) -> None:
    page = visit("administrator", width=390, locale=locale).new_page()
    _settled(page, "/jobs")
    menu = page.locator(".masthead-nav")
    assert menu.evaluate("one => one.scrollWidth - one.clientWidth") <= 0
    page.locator("details.menu summary").first.press("Enter")
    places = page.locator("nav.menu-body a")
    expect(places).to_have_count(4)
    for place in places.all():
        expect(place).to_be_in_viewport(ratio=1)
    expect(places.nth(1)).to_have_attribute("aria-current", "page")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(places.first).not_to_be_visible()


@pytest.mark.parametrize("locale", ["en-GB", "zh-TW"])
@pytest.mark.parametrize("width", [1024, 1280, 1366])
def test_the_tables_of_a_plan_are_whole_on_a_laptop(
    year: Year, visit: Visit, width: int, locale: str
) -> None:
    page = visit(SUPERVISOR, width=width, locale=locale).new_page()
    for reference in ("2026", "2026-Q4"):
        _settled(page, f"/plans/{year.plan(reference)}")
        tables = page.locator(".table-scroll")
        assert tables.count() > 1
        assert tables.evaluate_all("all => all.filter(one => one.scrollWidth > one.clientWidth).length") == 0


def test_no_chinese_column_is_so_narrow_that_its_words_fall_apart(year: Year, visit: Visit) -> None:
    page = visit("management_1", width=1280, locale="zh-TW").new_page()
    _settled(page, f"/inbox?view=all&task={year.task('Approve the plan')}")
    cells = page.locator(".fact .table td:not(.num)")
    assert cells.count() > 0
    assert cells.evaluate_all("all => Math.min(...all.map(one => one.clientWidth))") >= 65


def test_lists_on_a_phone_scroll_with_the_page(visit: Visit) -> None:
    page = visit(SUPERVISOR, width=390).new_page()
    for path in ("/plans", "/instances"):
        _settled(page, path)
        list_ = page.locator(".table-tall")
        assert list_.evaluate("one => one.scrollHeight - one.clientHeight") <= 1, path


@pytest.mark.parametrize("path", ["/inbox", "/plans", "/instances", "/notices"])
def test_a_page_without_form_and_diagram_brings_little_script(visit: Visit, path: str) -> None:
    page = visit(SUPERVISOR).new_page()
    with page.expect_response(lambda answer: answer.request.resource_type == "script") as script:
        page.goto(path)
    assert 0 < len(gzip.compress(script.value.body())) < LIGHT_ENOUGH
    assert page.locator("script[src]").count() == 1


def test_the_inbox_is_walked_with_j_and_k(visit: Visit) -> None:
    page = visit("management_1").new_page()
    _settled(page, "/inbox?view=all")
    page.keyboard.press("j")
    expect(page.locator("a[data-task]").first).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("a[data-task]").nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**task=*")
    expect(page.locator(".task-title")).to_be_visible()


def test_the_first_tab_leads_to_the_content(visit: Visit) -> None:
    page = visit(SUPERVISOR).new_page()
    _settled(page, "/plans")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


def test_a_demo_account_signs_in_with_one_click(visit: Visit) -> None:
    page = visit(None).new_page()
    _settled(page, "/sign-in")
    page.get_by_role("button", name="Auditor").click()
    page.wait_for_url("**/inbox")
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()


def test_a_plan_prints_without_the_furniture(year: Year, visit: Visit) -> None:
    page = visit(SUPERVISOR).new_page()
    _settled(page, f"/plans/{year.plan('2026')}")
    page.emulate_media(media="print")
    expect(page.locator(".masthead")).to_be_hidden()
    expect(page.locator(".document")).to_be_visible()

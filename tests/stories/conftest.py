"""A running installation and a browser, shared by the stories that are told in one."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.browser import CHROMIUM, FLAGS
from tests.stories.browser_stage import PATIENCE, BrowserStage, Installation
from web import build

PICTURES = Path(__file__).parents[2] / ".cache" / "stories"


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The installed Chromium, with the scripts and styles built."""
    build.build()
    expect.set_options(timeout=PATIENCE * 1000)
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def demo(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """``planflow up --demo``. After the browser, so that its pages find their scripts."""
    installation = Installation(tmp_path_factory.mktemp("demo"), "--demo")
    yield installation
    installation.stop()


@pytest.fixture
def stage(demo: Installation, chromium: Browser) -> Iterator[BrowserStage]:
    """The demo's people, each in a browser of their own. No page of theirs may complain."""
    stage = BrowserStage(demo, chromium)
    yield stage
    stage.close()
    assert stage.complaints == []


@pytest.fixture
def bare_stage(chromium: Browser, tmp_path: Path) -> Iterator[BrowserStage]:
    """A new installation without the demo, in which nobody is known yet."""
    installation = Installation(tmp_path / "home")
    stage = BrowserStage(installation, chromium, looks=False)  # these are the demo's pages again
    yield stage
    stage.close()
    installation.stop()
    assert stage.complaints == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Keep a picture of every page that was open when a story failed."""
    report = yield
    stages = [one for one in getattr(item, "funcargs", {}).values() if isinstance(one, BrowserStage)]
    if report.when == "call" and report.failed:
        folder = PICTURES / item.name
        for number, page in enumerate((page for stage in stages for page in stage.open_pages()), start=1):
            page.screenshot(path=folder / f"{number}.png", full_page=True)
            report.sections.append((f"page {number}", f"{page.url} as in {folder}/{number}.png"))
    return report

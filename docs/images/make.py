"""Makes the pictures of the README from a demo installation of its own: ``python -m docs.images.make``.

Run it from the root of the project, in the environment that ``make test`` has made (``.venv/bin/python``). The
pictures show today's demo, so every run changes them: commit them when what they show has changed.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser import CHROMIUM, FLAGS
from tests.stories.browser_stage import BrowserStage, Installation
from web import build

FOLDER = Path(__file__).parent
WIDTH, HEIGHT = 1440, 900
LOW = 760  # of a window in which the diagram leaves room for the history


def main() -> None:
    """Make every picture."""
    build.build()
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        installation = Installation(Path(home), "--demo")
        stage = BrowserStage(installation, playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS))
        try:
            inbox(stage.page("management_1"))
            instance(stage.page("operations_supervisor"))
        finally:
            stage.close()
            installation.stop()


def inbox(page: Page) -> None:
    """All that is open, with the plan that management has to approve."""
    page.goto("/inbox?view=all")
    page.locator("a[data-task]", has_text="Approve the plan").click()
    page.locator(".fjs-form").wait_for()
    take(page, "inbox")


def instance(page: Page) -> None:
    """A monthly plan on its way: where it stands in the diagram, the way it went, and its history."""
    page.set_viewport_size({"width": WIDTH, "height": LOW})
    page.goto("/instances")
    page.get_by_role("link", name="Monthly operating plan").first.click()
    page.locator("[data-drawn=true]").wait_for()
    take(page, "instance")


def take(page: Page, name: str) -> None:
    """Keep the upper part of the page, as much as a usual window shows."""
    page.wait_for_load_state("networkidle")
    page.mouse.move(0, HEIGHT)  # away from what it pointed at
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT}
    page.screenshot(path=FOLDER / f"{name}.png", clip=clip, full_page=True, animations="disabled")


if __name__ == "__main__":
    main()

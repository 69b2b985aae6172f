"""The Chromium that tests drive, an ear for what its pages complain about, and an eye for whom they leave out."""

from __future__ import annotations

import shutil

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "chromium"
)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


class Complaints(list[str]):
    """Script errors, and whatever is written to the console as an error or a warning, by any page of a context.

    That also holds what the content security policy stopped, and files that could not be loaded. The answer to
    the page's own address is left out: a test that asks for what is refused says so itself.
    """

    def listen(self, context: BrowserContext) -> None:
        context.on("page", self._listen_to)

    def _listen_to(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.append(f"{page.url}: {error}"))
        page.on("console", self._hear)

    def _hear(self, said: ConsoleMessage) -> None:
        page = said.page
        if said.type not in ("error", "warning") or (page and said.location["url"] == page.url):
            return
        self.append(f"{page.url if page else ''}: {said.text} ({said.location['url']})")


COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules of axe that depend on the theme: everything else in a page is the same in both."""


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is now: all of it in the light theme, its colours in the dark too."""
    found = []
    for theme, rules in (("dark", {"runOnly": COLOURS}), ("light", {})):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # half-way colours are none
        broken = Axe().run(page, options={"resultTypes": ["violations"], **rules}).response["violations"]
        found += [f"{theme}: {rule['id']}: {node['html'][:160]}" for rule in broken for node in rule["nodes"]]
    return found


def shortcomings(page: Page) -> list[str]:
    """What keeps somebody from using the page as it is now: found by axe in both themes, or too wide for a phone."""
    found = violations(page)
    wide = page.viewport_size
    page.set_viewport_size({"width": 390, "height": 844})
    if (over := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
        found.append(f"{over} px wider than a phone")
    if wide:
        page.set_viewport_size(wide)
    return found

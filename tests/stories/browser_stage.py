"""A stage for scenarios that knows the product only as people do: by its command line, and by its pages in Chromium.

It plays any scenario in which people act. Time is real here: one with timers is not for this stage.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from lxml import etree
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from engine import FieldProblem, Invalid
from plans import demo
from plans.scenarios.stage import Ended
from tests.browser import Complaints, shortcomings
from tests.forking import Command
from tests.stories.form_filling import PageForm

People = Mapping[str, Mapping[str, Any]]
ROOT = Path(__file__).parents[2]
PLANFLOW = [sys.executable, "-m", "web.cli"]
PATIENCE = 20.0
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DONE = ".flashes .notice-positive"
REFUSED = ".form-island-notice, #comment[aria-invalid=true], .notice-negative[role=alert]"


class Installation:
    """``planflow up`` in a home of its own, in a process of its own."""

    def __init__(self, home: Path, *options: str) -> None:
        home.mkdir(exist_ok=True)
        self.people = {account.name for account in demo.ACCOUNTS} if "--demo" in options else set()
        self.address = ""
        self._log = (home / "server.log").open("w")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PLANFLOW_")}
        self._environment = {**inherited, "PLANFLOW_HOME": str(home)}
        self._start(options)

    def _start(self, options: Iterable[str]) -> None:
        self._process = subprocess.Popen(
            [*PLANFLOW, "up", *options, "--port", "0"],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        assert self._process.stdout is not None
        told = next((line for line in self._process.stdout if "http://" in line), None)
        assert told, f"the server did not start: {Path(self._log.name).read_text()}"
        self.address = told.split()[-1]

    def planflow(self, *arguments: str, typed: str = "") -> str:
        """Run another ``planflow`` command on this installation; what it prints."""
        command = Command(arguments, self._environment, Path(self._log.name), typed=typed)
        printed = command.output.read()
        assert command.wait(PATIENCE) == 0, f"{printed}{Path(self._log.name).read_text()}"
        return printed

    def hire(self, name: str, people: People, departments: People) -> None:
        """Make a person of a scenario with ``planflow user create``, after their superior; once."""
        if name in self.people:
            return
        options = [f"--role={role}" for role in people[name]["roles"]]
        options += [f"--department={key}" for key, each in departments.items() if each.get("head") == name]
        if superior := people[name].get("superior"):
            self.hire(superior, people, departments)
            options.append(f"--superior={superior}")
        self.planflow("user", "create", name, *options, "--password-stdin", typed=demo.PASSWORD)
        self.people.add(name)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=PATIENCE)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._log.close()


@dataclass(frozen=True)
class Known:
    """What the pages said of an instance: its title, who started it, and its steps' names by their ids."""

    title: str
    starter: str
    names: Mapping[str, str]


class BrowserStage:
    """Everybody in a browser of their own, signed in once.

    Gathers what any of their pages complains about, and, where it looks, what keeps somebody from using a page on
    the way.
    """

    def __init__(self, installation: Installation, chromium: Browser, looks: bool = True) -> None:
        self.installation = installation
        self._looks = looks
        self.complaints = Complaints()
        self.shortcomings: dict[str, list[str]] = {}
        self._looked_at: set[str] = set()
        self._chromium = chromium
        self._contexts: list[BrowserContext] = []
        self._pages: dict[str, Page] = {}
        self._known: dict[str, Known] = {}

    # People and their browsers -------------------------------------------------------------------------------------

    def browser(self, **options: Any) -> BrowserContext:
        """A browser in which nobody is signed in. Options are those of Playwright's contexts."""
        settings: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB", **options}
        context = self._chromium.new_context(base_url=self.installation.address, **settings)
        context.set_default_timeout(PATIENCE * 1000)
        self.complaints.listen(context)
        self._contexts.append(context)
        return context

    def sign_in(self, user: str, **options: Any) -> Page:
        """A page of a browser in which this person has just signed in."""
        page = self.browser(**options).new_page()
        page.goto("/sign-in")
        page.locator("#name").fill(user)
        page.locator("#password").fill(demo.PASSWORD)
        page.locator("#password").press("Enter")
        page.wait_for_url("**/inbox")
        return page

    def page(self, user: str) -> Page:
        """The page that this person acts on; the first time they sign in."""
        if user not in self._pages:
            self._pages[user] = self.sign_in(user)
        return self._pages[user]

    def open_pages(self) -> Iterable[Page]:
        return [page for context in self._contexts for page in context.pages]

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    # What a scenario asks for --------------------------------------------------------------------------------------

    def set_time(self, now: datetime) -> None:
        """The time is what it is."""

    def people(self, people: People, departments: People) -> None:
        """Whoever is missing is made by command."""
        for name in people:
            self.installation.hire(name, people, departments)

    def operation(self, user: str, name: str, inputs: Mapping[str, Any]) -> None:
        raise AssertionError("people in a browser do not call operations")

    def elapse(self, instance: str, element: str) -> None:
        raise AssertionError("people in a browser do not move the clock")

    def start(self, user: str, process: str, variables: Mapping[str, Any], business_key: str | None) -> str:
        page = self.page(user)
        page.goto("/start")
        page.locator(f"a[href='/start/{process}']").click()
        PageForm(page).fill(variables)
        page.get_by_role("button", name="Start", exact=True).click()
        expect(page.get_by_text("Started. The first step waits.")).to_be_visible()
        if "/tasks/" in page.url:
            page.locator(".task-of a").click()
            page.wait_for_url("**/instances/*")
        instance = page.url.rpartition("/")[2]
        self._known[instance] = Known(page.locator("h1").inner_text(), user, _names(diagram_on(page)))
        return instance

    def find_task(self, instance: str, element: str, user: str) -> str | None:
        """Open the task from the person's inbox."""
        known = self._known[instance]
        page = self.page(user)
        page.goto("/inbox")
        link = page.locator("a[data-task]").filter(has=page.get_by_text(known.names[element], exact=True))
        link = link.filter(has=page.get_by_text(known.title, exact=True))
        if link.count() == 0:
            return None
        link.first.click()
        expect(page.locator(".task-title")).to_have_text(known.names[element])
        return page.locator("[data-task-form]").get_attribute("data-task")

    def waiting(self, instance: str) -> list[str]:
        return list(diagram_on(self._at_instance(instance))["active"])

    def facts(self, task: str, user: str) -> Mapping[str, Any]:
        """What stands above the form, by its label: a text, or a table as a list of rows."""
        page = self._at_task(task, user)
        return {
            fact.locator("dt").inner_text(): _value(fact.locator("dd"))
            for fact in page.locator(".fact-list > .fact").all()
        }

    def complete(
        self, task: str, user: str, variables: Mapping[str, Any], outcome: str | None, comment: str | None
    ) -> None:
        """Fill the form, write the comment and press the button. A refusal must leave what was written."""
        page = self._at_task(task, user)
        form = PageForm(page)
        form.fill(variables)
        if page.locator("#comment").count():
            page.locator("#comment").fill(comment or "")
        self._look_at(page, page.locator(".task-title").inner_text())
        written = form.written()
        page.locator(f"[name=outcome][value='{outcome}']" if outcome else "[data-outcome-key]").click()
        page.locator(f"{DONE}, {REFUSED}").first.wait_for()
        if page.locator(DONE).count() == 0:
            assert form.written() == written, "the refusal changed what was written"
            self._look_at(page, "a refusal")
            raise Invalid("The page refuses it.", list(_refused(page, form)))

    def ended(self, instance: str) -> Ended:
        page = self._at_instance(instance)
        drawn = diagram_on(page)
        ends = {element.get("id") for element in _elements(drawn, "endEvent")}
        status = {"Completed": "completed", "Under way": "active"}[
            page.locator("h1 + .meta .state").inner_text()
        ]
        variables = self._ask(page, f"instances/{instance}/variables")["variables"]
        visited = frozenset(drawn["completed"]) | frozenset(drawn["active"])
        return Ended(status, variables, visited, tuple(ends & visited))

    def plan(self, ended: Ended) -> Mapping[str, Any]:
        page = next(iter(self._pages.values()))
        plan: Mapping[str, Any] = self._ask(page, f"plans/{ended.variables['plan_id']}")
        return plan

    def _at_instance(self, instance: str) -> Page:
        page = self.page(self._known[instance].starter)
        page.goto(f"/instances/{instance}")
        return page

    def _at_task(self, task: str, user: str) -> Page:
        page = self.page(user)
        if task not in page.url:
            page.goto(f"/tasks/{task}")
        return page

    def _look_at(self, page: Page, what: str) -> None:
        """Look at each kind of page once, in the state in which people work on it."""
        if not self._looks:
            return
        if what not in self._looked_at and (found := shortcomings(page)):
            self.shortcomings[what] = found
        self._looked_at.add(what)

    @staticmethod
    def _ask(page: Page, path: str) -> Any:
        """What no page shows exactly enough to compare: asked as the person who is signed in there."""
        return page.request.get(f"/api/v1/{path}").json()


def diagram_on(page: Page) -> Mapping[str, Any]:
    """What the page has its diagram drawn from: the model, and where the instance stands on it."""
    drawn: Mapping[str, Any] = json.loads(page.locator("script[data-diagram]").text_content() or "{}")
    return drawn


def _elements(drawn: Mapping[str, Any], kind: str) -> Iterable[Any]:
    return etree.fromstring(drawn["xml"].encode()).iter(f"{{{BPMN}}}{kind}")


def _names(drawn: Mapping[str, Any]) -> dict[str, str]:
    return {task.get("id"): task.get("name") for task in _elements(drawn, "userTask")}


def _value(fact: Locator) -> Any:
    if fact.locator("table").count() == 0:
        return fact.inner_text()
    keys = fact.locator("thead th").all_inner_texts()
    rows = [row.locator("td").all_inner_texts() for row in fact.locator("tbody tr").all()]
    return [dict(zip(keys, row, strict=True)) for row in rows]


def _refused(page: Page, form: PageForm) -> Iterable[FieldProblem]:
    for name in form.wrong():
        yield FieldProblem(name, form.complaint(name).inner_text().replace("%", "%%"))
    if page.locator("#comment[aria-invalid=true]").count():
        yield FieldProblem("comment", page.locator("#comment-hint").inner_text().replace("%", "%%"))

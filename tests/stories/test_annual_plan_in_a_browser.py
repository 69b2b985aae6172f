"""The annual plan, from the first form into force, as people see and do it in a browser."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from plans.scenarios import Scenario, Step, play, read_scenario
from tests.browser import shortcomings
from tests.stories.browser_stage import DONE, BrowserStage, diagram_on
from tests.stories.form_filling import PageForm

pytestmark = pytest.mark.slow

PROCESSES = Path(__file__).parents[2] / "processes"
LIGHT_ENOUGH = 60_000  # bytes, compressed
NEXT_YEAR = datetime.now(UTC).year + 1
SUPERVISOR, SUPERIOR, MANAGEMENT = "Operations supervisor", "Superior", "Management, operations"
DEEDS = [
    f"{SUPERVISOR} started the process.",
    f"{SUPERVISOR} completed “Collect information”.",
    f"{SUPERVISOR} completed “Assess the present”.",
    f"{SUPERVISOR} completed “Set the goals”.",
    "“Check each goal” was decided by the rules.",
    "“Check each goal” was decided by the rules.",
    "“Check each goal” was decided by the rules.",
    f"{SUPERVISOR} completed “Set the goals”.",
    f"{SUPERVISOR} completed “Set strategies and actions”.",
    f"{SUPERVISOR} completed “Compile the document”.",
    f"{SUPERVISOR} decided “Decide what to revise”: Revise strategies and actions.",
    f"{SUPERVISOR} completed “Set strategies and actions”.",
    f"{SUPERVISOR} completed “Compile the document”.",
    f"{SUPERIOR} decided “Review the plan”: Send back.",
    f"{SUPERVISOR} decided “Decide what to revise”: Revise the goals.",
    f"{SUPERVISOR} completed “Set the goals”.",
    f"{SUPERVISOR} completed “Set strategies and actions”.",
    f"{SUPERVISOR} completed “Compile the document”.",
    f"{SUPERIOR} decided “Review the plan”: Approve.",
    f"{MANAGEMENT} decided “Approve the plan”: Return for revision.",
    f"{SUPERVISOR} decided “Decide what to revise”: Revise the document.",
    f"{SUPERVISOR} completed “Compile the document”.",
    f"{SUPERIOR} decided “Review the plan”: Approve.",
    f"{MANAGEMENT} decided “Approve the plan”: Approve.",
    "The process is completed.",
]
SAID = {
    "Superior decided “Review the plan”: Send back.": "The cost goal stands on 2025 figures; use October 2026.",
    "Management, operations decided “Approve the plan”: Return for revision.": "Show the call-back post in the "
    "resource forecast as money too.",
}
DRAFT: dict[str, Any] = {
    "market_progress": "Same-day delivery is asked for more and more.",
    "problems": [
        {"problem": "Picking is slow", "cause": "One shift without a lead", "remedy": "A lead from January"},
        {"problem": "Late loading", "cause": "Picked by arrival", "remedy": "Pick by departure"},
    ],
}


def told(scenario: str, folder: Path) -> Scenario:
    """A scenario of the annual plan, moved into a year for which the demo has no plan of the supervisor."""
    original = PROCESSES / "annual_plan" / "scenarios" / f"{scenario}.yaml"
    moved = folder / original.name
    moved.write_text(original.read_text().replace("2027", str(NEXT_YEAR)))
    return read_scenario(moved)


def first_without_a_reason(scenario: Scenario) -> Scenario:
    """The scenario, in which whoever sends back tries it without a comment before."""
    steps: list[Step] = []
    for step in scenario.steps:
        if step.outcome == "return":
            steps.append(replace(step, kind="refused", comment=None, fields=("comment",)))
        steps.append(step)
    return replace(scenario, steps=tuple(steps))


# The story ---------------------------------------------------------------------------------------------------------


def test_an_annual_plan_is_sent_back_revised_approved_and_then_in_force(stage: BrowserStage, tmp_path: Path):
    instance = play(first_without_a_reason(told("sent_back_and_revised", tmp_path)), stage, PROCESSES)
    assert stage.shortcomings == {}
    page = stage.page("operations_supervisor")
    page.goto(f"/instances/{instance}")
    the_diagram_shows_the_way_it_went(page)
    the_history_tells_every_step(page)
    assert shortcomings(page) == []
    page.get_by_role("link", name="Open the plan").click()
    the_plan_is_in_force(page)
    assert shortcomings(page) == []
    assert stage.installation.planflow("history", "verify") == "Every chain holds.\n"


def the_diagram_shows_the_way_it_went(page: Page) -> None:
    expect(page.locator("[data-drawn=true]")).to_be_visible()
    for flow, colour in {
        "superior_approves_to_choose_revision": "--positive",
        "what_to_revise_to_set_goals": "--positive",
        "superior_approves_to_management_approval": "--positive",
        "plan_exists_to_already_planned": "--ink-soft",
    }.items():
        line = page.locator(f".djs-connection[data-element-id={flow}] .djs-visual > path").last
        assert f"stroke: var({colour})" in (line.get_attribute("style") or ""), flow
    for element, times in {
        "set_goals": 3, "compile_plan": 4, "superior_review": 3, "management_approval": 2,
    }.items():  # fmt: skip
        badge = page.locator(f".djs-overlays[data-container-id={element}] .diagram-badge")
        expect(badge).to_have_text(f"{times}×")
    expect(page.locator(".djs-element.is-active")).to_have_count(0)
    assert diagram_on(page)["completed"]["plan_in_force"] == 1


def the_history_tells_every_step(page: Page) -> None:
    timeline = page.locator("[data-timeline]")
    entries = timeline.locator("li:not(.day) p")
    expect(entries).to_contain_text(list(reversed(DEEDS)))
    assert entries.count() == len(DEEDS)
    for deed, why in SAID.items():
        expect(timeline.locator("li", has_text=deed).locator("blockquote")).to_have_text(why)


def the_plan_is_in_force(page: Page) -> None:
    expect(page.locator("h1")).to_have_text(f"Annual operating plan {NEXT_YEAR}")
    expect(page.locator(".page-head .state")).to_have_text("In force")
    expect(page.locator(".versions li")).to_contain_text(["Version 1"])
    expect(page.locator(".versions li")).to_contain_text(["approved by Management, operations"])
    goals = page.locator("table.goals tbody tr")
    expect(goals).to_contain_text(
        [
            "Orders grow by 12 %",
            "Satisfaction reaches 4.5",
            "Cost per order falls to 21",
            "Picking takes 30 minutes",
        ]
    )
    expect(goals.first).to_contain_text("112,000")
    expect(page.locator(".document")).to_contain_text("Rearrange the picking area and train both shifts")


def test_without_the_demo_people_are_made_by_command_and_go_the_same_way(
    bare_stage: BrowserStage, tmp_path: Path
):
    scenario = told("straight_through", tmp_path)
    people = {name: who for name, who in scenario.people.items() if "department_head" not in who["roles"]}
    play(replace(scenario, people=people, departments={}), bare_stage, PROCESSES)


# What can go wrong on the way --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "button", "needed", "summary"),
    [
        ("en-GB", "Complete", "This field is required.", "Some fields are not right yet."),
        ("zh-TW", "完成", "此欄必填。", "有些欄位還不正確。"),
    ],
    ids=["English", "Chinese"],
)
def test_what_breaks_a_rule_of_the_form_is_said_at_its_field(
    stage: BrowserStage, locale: str, button: str, needed: str, summary: str
):
    page = stage.sign_in("operations_supervisor", locale=locale)
    page.locator("a[data-task]").first.click()
    form = PageForm(page)
    page.get_by_role("button", name=button, exact=True).click()
    expect(form.complaint("goal_completion")).to_have_text(needed)
    expect(form.control("goal_completion")).to_be_focused()
    page.evaluate("document.querySelector('[data-task-form]').submit()")  # past what the browser checks
    expect(page.locator(".notice-negative[role=alert]")).to_contain_text(summary)
    expect(PageForm(page).complaint("goal_completion")).to_have_text(needed)
    assert shortcomings(page) == []


def test_a_draft_outlives_the_page(stage: BrowserStage):
    page = stage.page("operations_supervisor")
    page.locator("a[data-task]").first.click()
    PageForm(page).fill(DRAFT)
    expect(page.locator("[data-draft-status]")).to_have_text("Draft saved")
    written = PageForm(page).written()
    page.reload()
    assert PageForm(page).written() == written
    PageForm(page).fill({"problems": DRAFT["problems"][:1], "market_progress": "Said at the last moment."})
    page.goto("/plans")  # before it saved itself
    page.go_back()
    expect(PageForm(page).control("market_progress")).to_have_value("Said at the last moment.")
    expect(page.locator(".fjs-repeat-row-container")).to_have_count(1)


def test_who_decides_second_learns_who_was_first_and_loses_no_word(stage: BrowserStage):
    first, second = stage.page("management_1"), stage.page("management_2")
    for page in (first, second):
        page.locator("a[data-task]", has_text=f"Annual operating plan {NEXT_YEAR}, north").click()
        PageForm(page).fill({"instructions": f"Written by {page.locator('.menu summary').inner_text()}"})
        expect(page.locator("[data-draft-status]")).to_have_text("Draft saved")
    first.get_by_role("button", name="Approve").click()
    expect(first.locator(DONE)).to_contain_text("“Approve the plan” is done: Approve.")
    second.locator("#comment").fill("Too dear for the north.")
    second.get_by_role("button", name="Refuse").click()
    expect(second.locator(".notice-negative")).to_have_text(
        re.compile(
            r"“Approve the plan” was completed by Management, operations on \d+ \w+ 20\d\d \d\d:\d\d\."
        )
    )
    expect(second.locator("blockquote")).to_contain_text(["Too dear for the north."])
    assert "Written by Management, finance" in PageForm(second).written()
    assert shortcomings(second) == []


# Without a mouse ---------------------------------------------------------------------------------------------------


def test_the_keyboard_leads_from_the_inbox_to_the_decision(stage: BrowserStage):
    page = stage.page("superior")
    page.keyboard.press("j")
    expect(page.locator("a[data-task]").first).to_be_focused()
    page.keyboard.press("Enter")
    PageForm(page)
    page.locator("#comment").focus()
    for button in page.locator("[name=outcome]").all():
        page.keyboard.press("Tab")
        expect(button).to_be_focused()
    page.locator("body").press("1")
    expect(page.locator("[name=outcome]").first).to_be_focused()


# Everywhere --------------------------------------------------------------------------------------------------------


def test_pages_without_form_or_diagram_bring_little_script(stage: BrowserStage):
    page = stage.page("operations_supervisor")
    brought: set[str] = set()
    page.on("request", lambda asked: brought.add(asked.url) if asked.resource_type == "script" else None)
    for path in ("/inbox", "/start", "/instances", "/plans", "/notices", "/profile", "/about", "/nowhere"):
        brought.clear()
        page.goto(path, wait_until="networkidle")
        size = sum(len(gzip.compress(page.request.get(script).body())) for script in brought)
        assert 0 < size < LIGHT_ENOUGH, path

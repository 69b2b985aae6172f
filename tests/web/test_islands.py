"""The islands in a real browser, under the product's content security policy."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, Playwright, expect

from tests.browser import CHROMIUM, FLAGS
from tests.web.island_site import Site, diagram_page, form_page, serve
from web import build

pytestmark = pytest.mark.browser

TEMPLATES = Path(__file__).parents[2] / "web" / "templates"

FORM: dict[str, Any] = {
    "type": "default", "id": "f", "components": [
        {"type": "text", "id": "t", "text": "For {{who}}"},
        {"type": "textfield", "id": "title", "key": "title", "label": "Title", "validate": {"required": True}},
        {"type": "checkbox", "id": "late", "key": "late", "label": "Late"},
        {"type": "textfield", "id": "why", "key": "why", "label": "Why", "validate": {"required": True},
         "conditional": {"hide": "=not(late)"}},
        {"type": "dynamiclist", "id": "goals", "path": "goals", "label": "Goals", "allowAddRemove": True,
         "components": [{"type": "textfield", "id": "goal_name", "key": "name", "label": "Goal"}]},
    ],
}  # fmt: skip

DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="urn:test"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
  xmlns:di="http://www.omg.org/spec/DD/20100524/DI">
  <process id="p"><startEvent id="start"/><userTask id="review" name="Review the plan"/><endEvent id="end"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="review"/>
    <sequenceFlow id="f2" sourceRef="review" targetRef="end"/></process>
  <bpmndi:BPMNDiagram id="dia"><bpmndi:BPMNPlane id="plane" bpmnElement="p">
    <bpmndi:BPMNShape id="s1" bpmnElement="start">
      <dc:Bounds x="100" y="100" width="36" height="36"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="s2" bpmnElement="review">
      <dc:Bounds x="200" y="78" width="100" height="80"/></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="s3" bpmnElement="end">
      <dc:Bounds x="370" y="100" width="36" height="36"/></bpmndi:BPMNShape>
    <bpmndi:BPMNEdge id="e1" bpmnElement="f1">
      <di:waypoint x="136" y="118"/><di:waypoint x="200" y="118"/></bpmndi:BPMNEdge>
    <bpmndi:BPMNEdge id="e2" bpmnElement="f2">
      <di:waypoint x="300" y="118"/><di:waypoint x="370" y="118"/></bpmndi:BPMNEdge>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram></definitions>"""


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    build.build()
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def site() -> Iterator[Site]:
    site, server = serve()
    yield site
    server.shutdown()


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    """A page that must not complain: no script error, nothing that the security policy stopped."""
    page = chromium.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.extend([said.text] * ("Security Policy" in said.text)))
    yield page
    page.close()
    assert complaints == []


def open_form(tab: Page, site: Site, *args: Any, language: str = "en", **options: Any) -> None:
    tab.goto(site.put("/form", form_page(FORM, *args, **options), "app", "form", language=language))
    tab.wait_for_selector(".fjs-form")


# The form ----------------------------------------------------------------------------------------------------------


def test_a_positive_outcome_waits_until_the_form_is_right(tab: Page, site: Site) -> None:
    open_form(tab, site, {"who": "Ann"})
    expect(tab.get_by_text("For Ann")).to_be_visible()
    tab.get_by_role("button", name="Approve").click()
    expect(tab.get_by_text("This field is required.")).to_be_visible()
    expect(tab.get_by_label("Title")).to_be_focused()
    assert site.posts == []
    tab.get_by_label("Title").fill("Plan")
    tab.get_by_label("Goal", exact=True).fill("Grow")
    tab.get_by_role("button", name="Approve").click()
    tab.wait_for_url("**/submit")
    assert site.posts[0]["outcome"] == "approve"
    assert json.loads(site.posts[0]["data"]) == {"title": "Plan", "late": False, "goals": [{"name": "Grow"}]}


def test_a_list_with_too_few_rows_says_so_itself(tab: Page, site: Site) -> None:
    goals = {**FORM["components"][-1], "properties": {"minRows": "2"}}
    form = {**FORM, "components": [*FORM["components"][:-1], goals]}
    tab.goto(
        site.put("/form", form_page(form, {"title": "Plan", "goals": [{"name": "Grow"}]}), "app", "form")
    )
    tab.wait_for_selector(".fjs-form")
    tab.get_by_role("button", name="Approve").click()
    expect(tab.locator(".fjs-form-field-dynamiclist .list-problem")).to_have_text("Enter at least 2 rows.")
    assert site.posts == []
    tab.get_by_role("button", name="Add a row").click()
    tab.get_by_role("button", name="Approve").click()
    tab.wait_for_url("**/submit")


def test_what_the_server_says_of_a_list_stands_at_the_list(tab: Page, site: Site) -> None:
    open_form(tab, site, {}, {"goals": ["Enter at least 3 rows."]})
    said = tab.locator(".fjs-form-field-dynamiclist .list-problem")
    expect(said).to_have_text("Enter at least 3 rows.")
    expect(said).to_have_count(1)


def test_nothing_typed_is_lost_when_a_number_goes_before(tab: Page, site: Site) -> None:
    number = {"type": "number", "id": "amount", "key": "amount", "label": "Amount"}
    form = {**FORM, "components": [number, *FORM["components"]]}
    tab.goto(site.put("/form", form_page(form), "app", "form"))
    tab.get_by_label("Amount").focus()
    tab.keyboard.type("112000", delay=60)
    tab.keyboard.press("Tab")
    tab.keyboard.type("Orders grow", delay=60)
    expect(tab.get_by_label("Title")).to_have_value("Orders grow")
    expect(tab.get_by_label("Amount")).to_have_value("112000")


def test_a_negative_outcome_asks_for_its_reason_but_not_for_the_form(tab: Page, site: Site) -> None:
    open_form(tab, site)
    tab.get_by_role("button", name="Send back").click()
    expect(tab.get_by_label("Comment")).to_be_focused()
    assert site.posts == []
    tab.get_by_label("Comment").fill("Say more.")
    tab.get_by_role("button", name="Send back").click()
    tab.wait_for_url("**/submit")
    assert (site.posts[0]["outcome"], site.posts[0]["comment"]) == ("return", "Say more.")


def test_a_hidden_field_appears_when_its_condition_says_so(tab: Page, site: Site) -> None:
    open_form(tab, site)
    expect(tab.get_by_label("Why")).to_have_count(0)
    tab.get_by_label("Late").check()
    expect(tab.get_by_label("Why")).to_be_visible()


def test_a_draft_saves_itself_with_the_token_of_the_page(tab: Page, site: Site) -> None:
    open_form(tab, site)
    tab.get_by_label("Title").fill("Half")
    expect(tab.get_by_role("status")).to_have_text("Draft saved")
    assert site.drafts[-1]["title"] == "Half"
    assert site.tokens[-1] == "token-of-the-page"


def test_a_draft_that_cannot_be_saved_is_said(tab: Page, site: Site) -> None:
    site.draft_status = 503
    open_form(tab, site)
    tab.get_by_label("Title").fill("Half")
    expect(tab.get_by_role("status")).to_contain_text("could not be saved")


def test_leaving_a_form_without_a_draft_asks_first(tab: Page, site: Site) -> None:
    open_form(tab, site, draft=False)
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    tab.on("dialog", accept)
    tab.get_by_label("Title").fill("Half")
    tab.get_by_label("Title").blur()
    tab.goto(site.put("/elsewhere", "<p>elsewhere</p>"))
    assert asked == ["beforeunload"]


def test_what_the_server_refused_is_shown_at_its_field(tab: Page, site: Site) -> None:
    data = {"title": "Plan", "goals": [{"name": "a"}, {"name": "b"}]}
    open_form(tab, site, data, {"goals.1.name": ["Two goals say the same."]})
    wrong = tab.locator(".fjs-has-errors")
    expect(wrong).to_have_count(1)
    expect(wrong).to_contain_text("Two goals say the same.")
    expect(wrong.locator("input")).to_have_value("b")


@pytest.mark.parametrize(
    ("language", "required", "add"),
    [("zh-Hant", "此欄必填。", "新增一列"), ("zh-Hans", "此项必填。", "新增一行")],
)
def test_the_form_speaks_the_readers_language(
    tab: Page, site: Site, language: str, required: str, add: str
) -> None:
    open_form(tab, site, language=language)
    tab.get_by_role("button", name="Approve").click()
    expect(tab.get_by_text(required)).to_be_visible()
    expect(tab.get_by_role("button", name=add)).to_be_visible()


def test_markup_in_a_variable_stays_text(tab: Page, site: Site) -> None:
    open_form(tab, site, {"who": '<img src="x" onerror="document.title=1"> ![x](/static/mark.svg)'})
    expect(tab.get_by_text("For <img")).to_be_visible()
    assert tab.locator(".fjs-form img").count() == 0


def test_a_read_only_form_offers_nothing_to_change(tab: Page, site: Site) -> None:
    open_form(tab, site, {"title": "Plan"}, readonly=True)
    expect(tab.get_by_label("Title")).to_have_attribute("readonly", "")
    expect(tab.get_by_role("button", name="Add a row")).to_be_hidden()


def test_the_mark_of_bpmn_io_stays_in_sight(tab: Page, site: Site) -> None:
    open_form(tab, site)
    expect(tab.get_by_title("Powered by bpmn.io")).to_be_visible()
    tab.goto(site.put("/diagram", diagram_page({"xml": DIAGRAM}), "viewer"))
    expect(tab.locator(".bjs-powered-by")).to_be_visible()


# The diagram -------------------------------------------------------------------------------------------------------


def open_diagram(tab: Page, site: Site, theme: str = "light", **state: Any) -> None:
    body = diagram_page({"xml": DIAGRAM, **state})
    tab.goto(site.put("/diagram", body, "app", "viewer", theme=theme))
    tab.wait_for_selector("[data-drawn]")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_diagram_shows_where_it_stands_and_the_way_it_went(tab: Page, site: Site, theme: str) -> None:
    open_diagram(tab, site, theme, completed={"start": 1}, active={"review": 3}, taken_flows=["f1"])
    expect(tab.locator('[data-element-id="review"].is-active')).to_have_count(1)
    expect(tab.locator(".diagram-badge.is-active")).to_have_text("3")
    expect(tab.locator(".diagram-badge.is-active")).to_have_attribute("title", "waiting here, 3 times")
    drawn = "document.querySelector(`[data-element-id=${id}] .djs-visual > :not(defs)`)"
    strokes = f"id => getComputedStyle({drawn}).stroke"
    assert tab.evaluate(strokes, "start") == tab.evaluate(strokes, "f1") != tab.evaluate(strokes, "f2")


def test_an_incident_is_marked_in_shape_and_word(tab: Page, site: Site) -> None:
    open_diagram(tab, site, active={"review": 1}, incidents=["review"])
    expect(tab.locator(".diagram-badge.is-stopped")).to_have_attribute("title", "stopped")


def test_a_step_that_is_clicked_is_found_in_the_history(tab: Page, site: Site) -> None:
    open_diagram(tab, site, completed={"start": 1, "review": 2})
    tab.evaluate("addEventListener('planflow:element', event => { window.told = event.detail })")
    tab.locator('[data-element-id="review"] .djs-hit').first.click()
    expect(tab.locator('[data-timeline] [data-element="review"]')).to_have_class("is-linked")
    assert tab.evaluate("told") == {"id": "review", "name": "Review the plan"}
    expect(tab.locator(".diagram-said")).to_have_text("Review the plan: done 2 times")


def test_the_history_shows_its_step_in_the_diagram(tab: Page, site: Site) -> None:
    open_diagram(tab, site, completed={"start": 1, "review": 2})
    tab.locator('[data-show-element="review"]').click()
    expect(tab.locator('[data-element-id="review"]')).to_have_class(re.compile("is-chosen"))


def test_the_diagram_works_without_a_mouse(tab: Page, site: Site) -> None:
    open_diagram(tab, site, completed={"start": 1}, active={"review": 1})
    tab.get_by_role("region", name="Diagram").focus()
    tab.keyboard.press("n")
    tab.keyboard.press("n")
    expect(tab.locator(".diagram-said")).to_have_text("Review the plan: waiting here")
    zoom = "document.querySelector('[data-island]').planflow.viewer.get('canvas').zoom()"
    before = tab.evaluate(zoom)
    tab.keyboard.press("+")
    assert tab.evaluate(zoom) > before
    expect(tab.get_by_role("button", name="Show all of it")).to_be_visible()


def _wide(steps: int) -> str:
    """A row of tasks, wider than any screen shows legibly."""
    at = range(steps)
    nodes = "".join(f'<userTask id="t{n}" name="Step {n}"/>' for n in at)
    shapes = "".join(
        f'<bpmndi:BPMNShape id="d{n}" bpmnElement="t{n}">'
        f'<dc:Bounds x="{100 + 150 * n}" y="78" width="100" height="80"/></bpmndi:BPMNShape>'
        for n in at
    )
    head = DIAGRAM.partition("<process")[0]
    plane = '<bpmndi:BPMNDiagram id="dia"><bpmndi:BPMNPlane id="plane" bpmnElement="p">'
    return (
        f'{head}<process id="p">{nodes}</process>{plane}{shapes}'
        "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></definitions>"
    )


def test_a_wide_diagram_opens_where_it_stands_and_can_be_seen_whole(tab: Page, site: Site) -> None:
    state = {"completed": {f"t{n}": 1 for n in range(30)}, "active": {"t30": 1}}
    tab.goto(site.put("/diagram", diagram_page({"xml": _wide(40), **state}), "app", "viewer"))
    tab.wait_for_selector("[data-drawn]")
    expect(tab.locator('[data-element-id="t30"]')).to_be_in_viewport()
    expect(tab.locator('[data-element-id="t0"]')).not_to_be_in_viewport()
    scale = "document.querySelector('[data-island]').planflow.viewer.get('canvas').zoom()"
    assert tab.evaluate(scale) >= 0.75
    tab.get_by_role("button", name="Show all of it").click()
    expect(tab.locator('[data-element-id="t0"]')).to_be_in_viewport()
    tab.get_by_role("button", name="Where it stands").click()
    expect(tab.locator('[data-element-id="t30"]')).to_be_in_viewport()


def test_what_was_not_reached_steps_back(tab: Page, site: Site) -> None:
    open_diagram(tab, site, completed={"start": 1}, active={"review": 1}, taken_flows=["f1"])
    pale = "id => getComputedStyle(document.querySelector(`[data-element-id=${id}] > .djs-visual`)).opacity"
    assert float(tab.evaluate(pale, "end")) < float(tab.evaluate(pale, "review")) == 1


def test_a_diagram_that_cannot_be_drawn_says_so(chromium: Browser, site: Site) -> None:
    tab = chromium.new_page()
    tab.goto(site.put("/broken", diagram_page({"xml": "no xml"}), "viewer"))
    expect(tab.get_by_text("The diagram could not be drawn.")).to_be_visible()
    tab.close()


# Every page --------------------------------------------------------------------------------------------------------

INBOX = """<ul data-task-list><li><a href="#1" data-task="1">One</a></li><li><a href="#2" data-task="2">Two</a></li>
</ul><input aria-label="Search"><button data-outcome-key="1">Approve</button><button data-key="c">Claim</button>"""


def test_the_inbox_is_walked_with_j_and_k(tab: Page, site: Site) -> None:
    tab.goto(site.put("/inbox", INBOX, "app"))
    tab.keyboard.press("j")
    expect(tab.get_by_role("link", name="One")).to_be_focused()
    tab.keyboard.press("j")
    expect(tab.get_by_role("link", name="Two")).to_be_focused()
    tab.keyboard.press("k")
    expect(tab.get_by_role("link", name="One")).to_be_focused()


def test_keys_act_on_the_task_but_not_while_someone_writes(tab: Page, site: Site) -> None:
    tab.goto(site.put("/inbox", INBOX, "app"))
    tab.evaluate(
        "document.querySelector('[data-key]').addEventListener('click', () => { window.claimed = true })"
    )
    tab.get_by_label("Search").focus()
    tab.keyboard.press("c")
    assert tab.evaluate("window.claimed") is None
    tab.get_by_label("Search").blur()
    tab.keyboard.press("1")
    expect(tab.get_by_role("button", name="Approve")).to_be_focused()
    tab.keyboard.press("c")
    assert tab.evaluate("window.claimed") is True
    tab.keyboard.press("?")
    expect(tab.get_by_role("dialog", name="Keys")).to_be_visible()


def test_every_icon_of_the_templates_is_in_the_sprite(chromium: Browser) -> None:
    manifest = json.loads((build.BUILT / "manifest.json").read_text())
    sprite = (build.BUILT / manifest["icons.svg"]).read_text()
    drawn = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    wanted = {
        name
        for template in TEMPLATES.rglob("*.html")
        for name in re.findall(r'\bicon\("([a-z0-9-]+)"', template.read_text(encoding="utf-8"))
    }
    assert wanted - drawn == set()


def test_the_build_is_left_alone_while_its_sources_are_the_same(chromium: Browser) -> None:
    assert build.up_to_date()
    assert build.build() is False


def test_every_package_in_the_bundles_is_named_with_its_licence(chromium: Browser) -> None:
    manifest = json.loads((build.BUILT / "manifest.json").read_text())
    shipped = re.findall(
        r"^=+\n(\S+) (\S+) \(", (build.BUILT / manifest["licenses.txt"]).read_text(), re.MULTILINE
    )
    told = (build.ROOT / "docs" / "third-party.md").read_text(encoding="utf-8")
    assert len(shipped) > 10
    assert [package for package in shipped if package[0] not in told or package[1] not in told] == []


def test_the_lock_names_no_registry() -> None:
    lock = json.loads((build.ROOT / "package-lock.json").read_text())
    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []

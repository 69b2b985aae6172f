"""What makes pages read well: natural order, nothing empty, the reader's language, what was done and what is next."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime

import pytest

from tests.web.conftest import Office, csrf_token
from tests.web.pages.conftest import Year
from web.pages.display import columns_of, in_natural_order, is_blank, said

SUPERVISOR = "operations_supervisor"
STORED_RISK = {"impact": "high", "likelihood": "low", "owner": "a", "response": "b", "risk": "c"}


def test_a_table_out_of_storage_has_the_order_of_its_form() -> None:
    assert columns_of([STORED_RISK]) == ["risk", "likelihood", "impact", "response", "owner"]
    stored = sorted(("kind", "item", "quantity", "unit", "purpose"))
    assert in_natural_order(stored) == ["kind", "item", "quantity", "unit", "purpose"]
    stored = sorted(("Resource", "Needed", "Available", "Missing", "Unit", "Why"))
    assert in_natural_order(stored) == ["Resource", "Needed", "Available", "Missing", "Unit", "Why"]


def test_an_order_that_somebody_chose_is_kept() -> None:
    assert in_natural_order(["owner", "risk", "impact"]) == ["owner", "risk", "impact"]


def test_columns_without_anything_and_internal_ids_are_left_out() -> None:
    assert columns_of([{"id": 1, "plan_id": 2, "goal": "", "task": "x"}, {"task": "y"}]) == ["task"]


@pytest.mark.parametrize(
    ("value", "blank"), [("", True), (None, True), ([], True), (0, False), (False, False)]
)
def test_zero_and_no_are_something(value: object, blank: bool) -> None:
    assert is_blank(value) is blank


def test_a_finding_is_told_in_the_language_of_the_reader(year: Year) -> None:
    finding = {
        "template": "%(target)s is below where the year began, %(floor)s %(unit)s.",
        "params": {"target": "84", "floor": "86", "unit": "%"},
    }
    with year.app.test_request_context(headers={"Accept-Language": "zh-TW"}):
        assert said(finding) == "84 低於年初的 86 %。"
    with year.app.test_request_context():
        assert said(finding) == "84 is below where the year began, 86 %."


def test_a_finding_fills_plain_places_only(year: Year) -> None:
    with year.app.test_request_context():
        assert said({"template": "%(a)999999s %(b)s %", "params": {"a": "x"}}) == "%(a)999999s %(b)s %"


def test_facts_without_anything_are_not_shown(year: Year) -> None:
    page = year.client("team_member_4").get(f"/tasks/{year.task('Confirm the month')}").get_data(as_text=True)
    assert "Key reminders" in page
    assert "Your tasks" not in page


def test_processes_are_offered_in_the_order_of_the_policy(year: Year) -> None:
    page = year.client(SUPERVISOR).get("/start").get_data(as_text=True)
    offered = re.findall(r'href="/start/(\w+)"', page)
    assert offered == ["annual_plan", "quarterly_plan", "monthly_plan", "quarterly_review", "plan_adjustment"]


def test_the_inbox_offers_what_can_be_begun_while_no_task_is_open(year: Year) -> None:
    assert 'href="/start/annual_plan"' in year.client(SUPERVISOR).get("/inbox").get_data(as_text=True)
    assert 'href="/start/annual_plan"' not in year.client("superior").get("/inbox").get_data(as_text=True)


def test_a_start_form_suggests_the_coming_year(year: Year) -> None:
    page = year.client(SUPERVISOR).get("/start/annual_plan").get_data(as_text=True)
    data = re.search(r"<script[^>]*data-form-data>(.*?)</script>", page, re.DOTALL)
    assert data is not None
    assert json.loads(data[1])["year"] == datetime.now(UTC).year + 1


def test_an_adjusted_plan_shows_what_changed_and_keeps_the_old_version(year: Year) -> None:
    path = f"/plans/{year.plan('2026')}"
    client = year.client(SUPERVISOR)
    assert "Version 2" in client.get(path).get_data(as_text=True)
    assert "This is an earlier version" in client.get(f"{path}?version=1").get_data(as_text=True)
    compared = client.get(f"{path}?version=2&compare=1").get_data(as_text=True)
    assert "<del>" in compared
    assert "86" in compared


def test_a_plan_whose_period_has_passed_is_not_shown_as_in_force(
    year: Year, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown(day: date) -> list[str]:
        monkeypatch.setattr("web.pages.plans.today", lambda: day)
        pages = [client.get(path).get_data(as_text=True) for path in ("/plans?kind=annual&year=2026", one)]
        return [re.findall(r'class="state[^>]*>.*?</svg>([^<]+)<', page, re.S)[0].strip() for page in pages]

    client, one = year.client(SUPERVISOR), f"/plans/{year.plan('2026')}"
    assert shown(date(2026, 12, 31)) == ["In force"] * 2
    assert shown(date(2027, 1, 1)) == ["Period over"] * 2


def test_readings_are_drawn_and_told(year: Year) -> None:
    page = year.client(SUPERVISOR).get(f"/plans/{year.plan('2026')}").get_data(as_text=True)
    assert len(re.findall(r'<svg class="line"[^>]*role="img" aria-label="22 readings from', page)) == 7


def test_what_was_done_is_told_with_the_way_to_the_process(office: Office) -> None:
    task = office.open_task()
    client = office.browser("manager")
    form = {"outcome": "approve", "data": '{"opinion": "Good."}', "csrf_token": csrf_token(client)}
    page = client.post(f"/tasks/{task}/complete", data=form, follow_redirects=True).get_data(as_text=True)
    assert "“Decide” is done: Approve." in page
    assert re.search(r'<a href="/instances/[^"]+">See where it stands</a>', page)

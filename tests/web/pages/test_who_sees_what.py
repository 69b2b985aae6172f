"""Each page is there for the right person, and refused to others."""

from __future__ import annotations

import re

import pytest

from tests.web.pages.conftest import Year

SUPERVISOR = "operations_supervisor"


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/inbox", "Inbox"),
        ("/start", "Start a process"),
        ("/start/annual_plan", "Annual operating plan"),
        ("/instances", "Processes"),
        ("/plans", "Plans"),
        ("/notices", "Notices"),
        ("/profile", "Operations supervisor"),
        ("/about", "About PlanFlow"),
    ],
)
def test_a_page_renders_for_the_operations_supervisor(year: Year, path: str, heading: str) -> None:
    answer = year.client(SUPERVISOR).get(path)
    assert answer.status_code == 200
    assert f"{heading}</h1>" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "path", ["/inbox", "/start", "/instances", "/plans", "/notices", "/profile", "/incidents", "/jobs"]
)
def test_nobody_gets_past_the_sign_in_page_unknown(year: Year, path: str) -> None:
    answer = year.client().get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in")


def test_the_about_page_is_open_to_everybody_and_names_bpmn_io(year: Year) -> None:
    page = year.client().get("/about").get_data(as_text=True)
    assert "https://bpmn.io" in page
    assert "SpiffWorkflow" in page


def test_a_task_shows_what_decides_before_its_form(year: Year) -> None:
    page = year.client("management_1").get(f"/tasks/{year.task('Approve the plan')}").get_data(as_text=True)
    facts, form, decision = (
        page.index(mark) for mark in ('class="facts"', "data-form-schema", 'id="decide"')
    )
    assert facts < form < decision


def test_a_task_of_somebody_else_is_refused(year: Year) -> None:
    answer = year.client("team_member_1").get(f"/tasks/{year.task('Approve the plan')}")
    assert answer.status_code == 403
    assert "This is not yours to do" in answer.get_data(as_text=True)


def test_an_auditor_reads_a_task_but_is_offered_no_decision(year: Year) -> None:
    page = year.client("auditor").get(f"/tasks/{year.task('Approve the plan')}").get_data(as_text=True)
    assert "You can read this task." in page
    assert 'id="decide"' not in page


def test_an_instance_is_refused_to_who_has_no_part_in_it(year: Year) -> None:
    path = f"/instances/{year.instance('Annual operating plan 2026')}"
    assert year.client(SUPERVISOR).get(path).status_code == 200
    assert year.client("team_member_5").get(path).status_code == 403


def test_an_instance_tells_its_history_in_sentences(year: Year) -> None:
    path = f"/instances/{year.instance('Annual operating plan 2026')}"
    page = year.client(SUPERVISOR).get(path).get_data(as_text=True)
    assert "<strong>Superior</strong> decided “Review the plan”: Approve." in page
    assert "<strong>Operations supervisor</strong> started the process." in page
    assert "mark-negative" in page  # the review that sent it back


def test_every_event_shows_values_before_and_after(year: Year) -> None:
    path = f"/instances/{year.instance('Annual operating plan 2026')}?history=all"
    page = year.client(SUPERVISOR).get(path).get_data(as_text=True)
    assert ">Before</th>" in page
    assert ">After</th>" in page


def test_only_who_may_end_a_process_is_offered_to(year: Year) -> None:
    path = f"/instances/{year.instance('Adjustment of the plan')}"
    assert "End the process</button>" in year.client(SUPERVISOR).get(path).get_data(as_text=True)
    assert "End the process</button>" not in year.client("auditor").get(path).get_data(as_text=True)


def test_a_process_is_offered_only_to_who_may_start_it(year: Year) -> None:
    page = year.client("team_member_1").get("/start").get_data(as_text=True)
    assert "You start none of these processes yourself." in page
    assert year.client("team_member_1").get("/start/annual_plan").status_code == 403


def test_incidents_are_for_those_who_keep_it_running(year: Year) -> None:
    assert year.client("administrator").get("/incidents").status_code == 200
    assert year.client("team_member_1").get("/incidents").status_code == 403


def test_a_plan_shows_its_goals_with_target_warning_and_status(year: Year) -> None:
    page = year.client(SUPERVISOR).get(f"/plans/{year.plan('2026')}").get_data(as_text=True)
    for wanted in ("Target value", "warning at", "Achievement rate", "On target", "Action plan"):
        assert wanted in page


def test_a_draft_of_another_is_not_found_by_a_team_member(year: Year) -> None:
    assert year.client("team_member_6").get(f"/plans/{year.plan('2027-Q1')}").status_code == 404


@pytest.mark.parametrize("path", ["/tasks/none", "/instances/none", "/plans/none", "/start/none", "/nowhere"])
def test_what_is_not_there_is_said_to_be_not_found(year: Year, path: str) -> None:
    answer = year.client(SUPERVISOR).get(path)
    assert answer.status_code == 404
    assert "Not found</h1>" in answer.get_data(as_text=True)


def test_the_inbox_keeps_its_filters_in_the_address(year: Year) -> None:
    superior = year.client("superior")
    overdue = superior.get("/inbox?view=overdue").get_data(as_text=True)
    assert "Decide on the shortage" in overdue
    assert re.search(r"\d+ (hours?|days?) overdue", overdue)
    other = superior.get("/inbox?view=overdue&process=annual_plan").get_data(as_text=True)
    assert "Nothing fits this choice" in other


def test_an_empty_inbox_says_what_to_do_next(year: Year) -> None:
    page = year.client("process_designer").get("/inbox").get_data(as_text=True)
    assert "Nothing waits for you" in page
    assert 'href="/inbox?view=all"' in page
    page = year.client("team_member_1").get("/inbox").get_data(as_text=True)
    assert "Read the plans" in page


def test_the_demo_accounts_are_offered_only_by_a_demonstration(year: Year) -> None:
    page = year.client().get("/sign-in").get_data(as_text=True)
    assert "Demo accounts" in page
    assert "operations_supervisor" in page

"""What people do on pages: claim, decide, start, end, and choose for themselves."""

from __future__ import annotations

import json
import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.directory import SYSTEM
from plans import notices
from tests.web.conftest import NOW, Office, csrf_token

OPINION = json.dumps({"opinion": "It fits the plan."})


def send(client: FlaskClient, path: str, **form: Any) -> TestResponse:
    return client.post(path, data={"csrf_token": csrf_token(client), **form})


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def test_a_decision_completes_the_task_and_returns_to_the_inbox(office: Office) -> None:
    task = office.open_task()
    answer = send(
        office.browser("manager"),
        f"/tasks/{task}/complete",
        outcome="approve",
        data=OPINION,
        next="/inbox",
    )
    assert answer.headers["Location"] == "/inbox"
    done = office.browser("manager").get(f"/tasks/{task}")
    assert "Manager completed this task" in text(done)
    assert "<strong>Approve</strong>" in text(done)


def test_sending_back_without_a_reason_is_refused_and_keeps_what_was_written(office: Office) -> None:
    task = office.open_task()
    written = json.dumps({"note": "half a thought"})
    answer = send(office.browser("manager"), f"/tasks/{task}/complete", outcome="return", data=written)
    assert answer.status_code == 422
    assert "Say why: this outcome needs a comment." in text(answer)
    assert "half a thought" in text(answer)


def test_who_comes_second_reads_who_decided_and_keeps_the_comment(office: Office) -> None:
    task = office.open_task()
    second = office.browser("manager")
    assert (
        office.post(
            "manager", f"tasks/{task}/complete", {"outcome": "approve", "variables": {"opinion": "Good."}}
        ).status_code
        == 200
    )
    answer = send(second, f"/tasks/{task}/complete", outcome="return", comment="Too dear.", data="{}")
    assert answer.status_code == 409
    assert "was completed by Manager on" in text(answer)
    assert "Too dear." in text(answer)


def test_a_form_that_is_not_json_is_refused(office: Office) -> None:
    task = office.open_task()
    answer = send(office.browser("manager"), f"/tasks/{task}/complete", outcome="approve", data="[")
    assert answer.status_code == 422


def test_claiming_and_giving_back_show_who_has_the_task(office: Office) -> None:
    task = office.open_task()
    client = office.browser("manager")
    assert send(client, f"/tasks/{task}/claim").status_code == 302
    assert "Give back to the group" in text(client.get(f"/tasks/{task}"))
    assert (
        send(client, f"/tasks/{task}/release", next=f"/inbox?task={task}").headers["Location"]
        == f"/inbox?task={task}"
    )
    assert "Claim" in text(client.get(f"/tasks/{task}"))


def test_nothing_is_done_without_the_token_of_the_page(office: Office) -> None:
    task = office.open_task()
    answer = office.browser("manager").post(f"/tasks/{task}/complete", data={"outcome": "approve"})
    assert answer.status_code == 400
    assert "open for too long" in text(answer)


def test_starting_leads_to_the_instance_when_the_first_task_is_of_another(office: Office) -> None:
    answer = send(office.browser("supervisor"), "/start/request", data=json.dumps({"amount": 7}))
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/instances/")


def test_a_start_form_that_breaks_a_rule_comes_back_with_the_field_named(office: Office) -> None:
    answer = send(office.browser("supervisor"), "/start/request", data=json.dumps({"amount": "many"}))
    assert answer.status_code == 422
    assert "Some fields are not right yet." in text(answer)


def test_ending_a_process_needs_a_reason(office: Office) -> None:
    instance = office.start(amount=7)["instance_id"]
    client = office.browser("supervisor")
    assert send(client, f"/instances/{instance}/terminate", reason=" ").status_code == 422
    assert send(client, f"/instances/{instance}/terminate", reason="Asked twice.").status_code == 302
    page = text(client.get(f"/instances/{instance}"))
    assert "ended the process early" in page
    assert "Asked twice." in page


def test_a_token_is_shown_once_and_can_be_revoked(office: Office) -> None:
    client = office.browser("supervisor")
    made = text(send(client, "/profile/tokens", label="Report"))
    assert "data-copy>pf_" in made
    page = text(client.get("/profile"))
    assert "data-copy" not in page
    token = page.split("/profile/tokens/")[1].split("/revoke")[0]
    assert send(client, f"/profile/tokens/{token}/revoke").status_code == 302
    assert "revoked" in text(client.get("/profile"))


def test_the_language_is_kept_with_the_person_and_the_appearance_with_the_browser(office: Office) -> None:
    client = office.browser("supervisor")
    send(client, "/profile", language="zh_Hant", theme="dark")
    assert '<html lang="zh-Hant" data-theme="dark">' in text(client.get("/inbox"))
    assert '<html lang="zh-Hant">' in text(office.browser("supervisor").get("/inbox"))


def test_whoever_is_not_signed_in_can_change_the_language_too(office: Office) -> None:
    client = office.browser()
    answer = send(client, "/language", language="zh_Hans", next="/about")
    assert answer.headers["Location"] == "/about"
    assert '<html lang="zh-Hans">' in text(client.get("/about"))


def test_the_language_switch_leads_nowhere_else(office: Office) -> None:
    answer = send(office.browser(), "/language", language="en", next="https://elsewhere.example/")
    assert answer.headers["Location"] == "/"


def test_an_administrator_sees_what_stopped_and_tries_it_again(office: Office) -> None:
    office.start("failing")
    client = office.browser("admin")
    page = text(client.get("/incidents"))
    assert "Try again" in page
    incident = page.split("/incidents/")[1].split("/retry")[0]
    assert send(client, f"/incidents/{incident}/retry").status_code in (302, 409, 422)


def test_an_administrator_sees_a_message_that_nobody_takes_and_throws_it_away(office: Office) -> None:
    office.post("machine", "messages", {"name": "<b>ready</b>", "correlation": {"quarter": 9}})
    assert "Throw away" not in text(office.browser("auditor").get("/incidents"))
    client = office.browser("admin")
    page = text(client.get("/incidents"))
    assert "&lt;b&gt;ready&lt;/b&gt;" in page
    message = page.split("/messages/")[1].split("/forget")[0]
    assert send(office.browser("auditor"), f"/messages/{message}/forget").status_code == 403
    assert send(client, f"/messages/{message}/forget").status_code == 302
    assert "The message was thrown away." in text(client.get("/incidents"))
    assert office.get("admin", "messages").get_json()["items"] == []


def test_those_who_see_no_messages_see_the_incidents_without_them(office: Office) -> None:
    office.post("machine", "messages", {"name": "ready"})
    assert "Messages that nobody has taken" not in text(office.browser("designer").get("/incidents"))


def test_history_says_that_a_message_started_the_process(office: Office) -> None:
    from tests.engine.messaging.models import file, message, on_message, process
    from tests.engine.xml_text import node, way

    start = node("startEvent", "s", on_message("order"))
    work = node("userTask", "work", planflow_candidateGroups="management")
    content = file(message("order"), process("ordering", start + work + way("s", "work")))
    office.container.engine.deploy({"process.bpmn": content}, SYSTEM, "ordering")
    began = office.post("machine", "messages", {"name": "order"}).get_json()["instance_id"]
    assert "The message “order” started the process." in text(
        office.browser("manager").get(f"/instances/{began}")
    )


def deploy_condition(office: Office, condition: str) -> None:
    from tests.engine.xml_text import bpmn, conditional, node, way

    content = bpmn(
        node("startEvent", "low", conditional(condition)) + node("task", "t") + way("low", "t"), key="watch"
    )
    office.container.engine.deploy({"process.bpmn": content}, SYSTEM, "watch")
    office.container.engine.fire_due_timers()


def test_what_could_not_start_a_process_is_shown_where_operators_look(office: Office) -> None:
    deploy_condition(office, "1 // 0 == 1")
    for path in ("/processes/watch", "/incidents"):
        page = text(office.browser("admin").get(path))
        assert "division" in page, path
    assert "could not be started by its condition “low”" in text(
        office.browser("admin").get("/processes/watch")
    )
    assert "division" not in text(office.browser("supervisor").get("/processes/watch"))
    [told] = office.get("admin", "processes/watch").get_json()["failed_starts"]
    assert (told["element"], told["kind"]) == ("low", "condition")
    assert told["tried_at"] < told["next_try_at"]
    assert office.get("supervisor", "processes/watch").get_json()["failed_starts"] == []


def test_history_says_that_a_condition_started_the_process(office: Office) -> None:
    deploy_condition(office, "True")
    [begun] = office.get("admin", "instances?process=watch").get_json()["items"]
    page = text(office.browser("admin").get(f"/instances/{begun['id']}"))
    assert "Its condition came true, and the process started by itself." in page


def test_a_notice_is_read_once_and_then_is_old(office: Office) -> None:
    with office.container.database.write() as session:
        notices.send(session, notices.Draft("The plan is out", "Read it.", "supervisor"), ["member"], NOW)
    client = office.browser("member")
    page = text(client.get("/notices"))
    assert "The plan is out" in page
    found = re.search(r"/notices/[0-9a-f-]{36}/read", page)
    assert found
    send(client, found.group())
    assert "Mark all as read" not in text(client.get("/notices"))


def test_all_notices_are_read_with_one_click(office: Office) -> None:
    with office.container.database.write() as session:
        for subject in ("First", "Second"):
            notices.send(session, notices.Draft(subject, "Read it.", "supervisor"), ["member"], NOW)
    client = office.browser("member")
    send(client, "/notices/read")
    assert 'class="count"' not in text(client.get("/notices"))

"""The REST API as a program meets it."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest

from tests.web.conftest import MODELS, NOW, Office

NOBODY = "00000000-0000-4000-8000-000000000000"
GOOD = {"variables": {"opinion": "Clear."}, "outcome": "approve"}


def files(**changed: bytes) -> list[tuple[BytesIO, str]]:
    contents = {file.name: file.read_bytes() for file in sorted(MODELS.iterdir())}
    contents.update({name.replace("__", "."): content for name, content in changed.items()})
    return [(BytesIO(content), name) for name, content in contents.items()]


def test_a_program_starts_a_process_and_finds_the_task(office: Office) -> None:
    started = office.post(
        "supervisor", "processes/request/instances", {"variables": {"amount": 7}, "business_key": "R-1"}
    )
    assert started.status_code == 201
    instance = started.get_json()["instance_id"]
    assert started.headers["Location"] == f"/api/v1/instances/{instance}"
    shown = office.get("supervisor", f"instances/{instance}").get_json()
    assert (shown["title"], shown["business_key"], shown["status"]) == ("Request 7", "R-1", "active")
    assert shown["waiting_at"] == ["Decide"]
    [task] = office.get("manager", "tasks?mine=true").get_json()["items"]
    assert task["id"] == started.get_json()["task_ids"][0]
    assert office.get("supervisor", "tasks?mine=true").get_json()["items"] == []
    assert office.get("member", "tasks").get_json()["items"] == []


def test_a_task_shows_what_decides_the_matter_and_its_form(office: Office) -> None:
    task = office.open_task()
    shown = office.get("manager", f"tasks/{task}").get_json()
    assert shown["facts"] == [{"label": "Amount", "value": 7}]
    assert [outcome["id"] for outcome in shown["outcomes"]] == ["approve", "return"]
    assert shown["may_complete"] is True
    form = office.get("manager", f"tasks/{task}/form").get_json()
    assert form["schema"]["id"] == "decide"
    assert form["data"]["amount"] == 7


def test_a_draft_is_kept_and_shown_again_to_whoever_completes_the_task(office: Office) -> None:
    task = office.open_task()
    saved = office.call("manager", "PUT", f"tasks/{task}/draft", json={"data": {"opinion": "Almo"}})
    assert saved.status_code == 204
    assert office.get("manager", f"tasks/{task}/form").get_json()["data"]["opinion"] == "Almo"
    assert office.get("manager", f"tasks/{task}").get_json()["draft"] == {"opinion": "Almo"}
    assert office.get("auditor", f"tasks/{task}").get_json()["draft"] is None


def test_completing_a_task_ends_the_process_and_history_tells_it(office: Office) -> None:
    task = office.open_task()
    done = office.post("manager", f"tasks/{task}/complete", {**GOOD, "comment": "Go on."})
    assert done.status_code == 200
    assert done.get_json()["status"] == "completed"
    instance = done.get_json()["instance_id"]
    variables = office.get("supervisor", f"instances/{instance}/variables").get_json()["variables"]
    assert variables["opinion"] == "Clear."
    events = office.get("auditor", f"instances/{instance}/history?limit=200").get_json()["items"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["actor"] for event in events if event["kind"] == "task.completed"] == ["manager"]
    diagram = office.get("supervisor", f"instances/{instance}/diagram").get_json()
    assert diagram["active"] == {}
    assert set(diagram["taken_flows"]) == {"to_decide", "to_done"}
    assert 'id="decide"' in diagram["xml"]


def test_a_submission_that_breaks_the_form_names_the_field(office: Office) -> None:
    task = office.open_task()
    refused = office.post("manager", f"tasks/{task}/complete", {"variables": {}, "outcome": "approve"})
    assert refused.status_code == 422
    assert refused.mimetype == "application/problem+json"
    problem = refused.get_json()
    assert problem["code"] == "invalid"
    assert [error["field"] for error in problem["errors"]] == ["opinion"]
    assert office.get("manager", f"tasks/{task}").get_json()["status"] == "open"


def test_a_refusal_is_told_in_the_readers_language(office: Office) -> None:
    task = office.open_task()
    path = f"tasks/{task}/complete"
    told = {
        language: office.post("manager", path, {}, headers={"Accept-Language": language}).get_json()["title"]
        for language in ("en", "zh-TW", "zh-CN", "fr")
    }
    assert told["en"] == told["fr"] == "Something is not right yet"
    assert len({told["en"], told["zh-TW"], told["zh-CN"]}) == 3


def test_sending_back_needs_a_comment(office: Office) -> None:
    task = office.open_task()
    body = {"variables": {"opinion": "No."}, "outcome": "return"}
    assert office.post("manager", f"tasks/{task}/complete", body).status_code == 422
    assert office.post("manager", f"tasks/{task}/complete", {**body, "comment": "Why?"}).status_code == 200


def test_an_outcome_that_the_task_does_not_have_is_refused(office: Office) -> None:
    task = office.open_task()
    answer = office.post("manager", f"tasks/{task}/complete", {**GOOD, "outcome": "explode"})
    assert answer.status_code == 422


def test_the_loser_of_a_race_learns_who_was_first_and_when(office: Office) -> None:
    task = office.open_task()
    assert office.post("manager", f"tasks/{task}/complete", GOOD).status_code == 200
    late = office.post("manager", f"tasks/{task}/complete", GOOD)
    assert late.status_code == 409
    assert late.get_json()["code"] == "conflict"
    assert "manager" in late.get_json()["detail"].lower()
    assert "20" in late.get_json()["detail"]


def test_a_task_that_changed_since_it_was_seen_is_not_completed(office: Office) -> None:
    task = office.open_task()
    seen = office.get("manager", f"tasks/{task}").headers["ETag"]
    assert office.post("manager", f"tasks/{task}/claim").status_code == 200
    path = f"tasks/{task}/complete"
    assert office.post("manager", path, GOOD, headers={"If-Match": seen}).status_code == 409
    assert office.post("manager", path, {**GOOD, "revision": int(seen.strip('"'))}).status_code == 409
    now = office.get("manager", f"tasks/{task}").headers["ETag"]
    assert office.post("manager", path, GOOD, headers={"If-Match": now}).status_code == 200


@pytest.mark.parametrize("value", ["3", '"x"', '"1", "2"', '"-1"'])
def test_an_if_match_that_is_no_revision_is_refused(office: Office, value: str) -> None:
    task = office.open_task()
    answer = office.post("manager", f"tasks/{task}/complete", GOOD, headers={"If-Match": value})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == "If-Match"


def test_a_task_is_claimed_and_given_back(office: Office) -> None:
    task = office.open_task()
    assert office.post("manager", f"tasks/{task}/claim").status_code == 200
    assert office.get("manager", f"tasks/{task}").get_json()["assignee"] == "manager"
    assert office.post("manager", f"tasks/{task}/release").status_code == 200
    assert office.get("manager", f"tasks/{task}").get_json()["assignee"] is None


def test_a_command_said_twice_with_its_key_is_done_once(office: Office) -> None:
    headers = {"Idempotency-Key": "order-66"}
    body = {"variables": {"amount": 7}}
    path = "processes/request/instances"
    first = office.post("supervisor", path, body, headers=headers)
    second = office.post("supervisor", path, body, headers=headers)
    assert first.status_code == second.status_code == 201
    assert first.get_json() == second.get_json()
    assert first.headers["Location"] == second.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(office.get("supervisor", "instances").get_json()["items"]) == 1
    other = office.post("supervisor", path, {"variables": {"amount": 8}}, headers=headers)
    assert other.status_code == 422


@pytest.mark.parametrize("key", ["", "two words", "ä", "k" * 201])
def test_an_idempotency_key_that_cannot_be_kept_is_refused(office: Office, key: str) -> None:
    answer = office.post("supervisor", "processes/request/instances", {}, headers={"Idempotency-Key": key})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == "Idempotency-Key"


def test_lists_come_in_pages_that_lead_to_each_other(office: Office) -> None:
    made = {office.start(amount=number)["instance_id"] for number in range(1, 6)}
    seen: list[str] = []
    path = "instances?limit=2&process_key=request"
    while path:
        answer = office.get("supervisor", path)
        page = answer.get_json()
        assert len(page["items"]) <= 2
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            assert "Link" not in answer.headers
            break
        link, relation = answer.headers["Link"].split("; ")
        assert relation == 'rel="next"'
        assert "process_key=request" in link
        path = link.strip("<>")
    assert len(seen) == 5
    assert set(seen) == made


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=many",
        "limit=" + "9" * 5000,
        "cursor=nonsense",
        "status=odd",
        "mine=perhaps",
    ],
)
def test_a_query_that_makes_no_sense_is_refused_with_its_field(office: Office, query: str) -> None:
    answer = office.get("supervisor", f"tasks?{query}")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.get_json()["errors"]] == [query.split("=")[0]]


@pytest.mark.parametrize(
    "path",
    [
        f"tasks/{NOBODY}",
        f"tasks/{NOBODY}/form",
        f"instances/{NOBODY}",
        f"instances/{NOBODY}/history",
        f"instances/{NOBODY}/variables",
        f"instances/{NOBODY}/tasks",
        f"instances/{NOBODY}/diagram",
        "processes/none",
        "plans/none",
    ],
)
def test_an_unknown_id_is_not_found(office: Office, path: str) -> None:
    answer = office.get("admin", path)
    assert answer.status_code == 404
    assert answer.get_json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"tasks/{NOBODY}/complete", GOOD),
        (f"tasks/{NOBODY}/claim", None),
        (f"tasks/{NOBODY}/release", None),
        (f"instances/{NOBODY}/terminate", {"reason": "None."}),
        (f"incidents/{NOBODY}/retry", None),
        ("processes/none/instances", {}),
    ],
)
def test_a_command_for_an_unknown_id_is_not_found(office: Office, path: str, body: Any) -> None:
    assert office.post("admin", path, body).status_code == 404


def test_an_unknown_incident_is_called_one(office: Office) -> None:
    answer = office.post("admin", f"incidents/{NOBODY}/retry")
    assert answer.get_json()["detail"] == "There is no such incident."


def test_a_misspelt_field_is_told_rather_than_ignored(office: Office) -> None:
    answer = office.post("supervisor", "processes/request/instances", {"variable": {"amount": 7}})
    assert answer.status_code == 422
    assert answer.get_json()["errors"] == [{"field": "variable", "message": "Unknown field."}]


@pytest.mark.parametrize(
    "body", [[], "text", 7, None, {"variables": []}, {"variables": {"": 1}}, {"version": "1"}]
)
def test_a_body_of_the_wrong_shape_is_refused(office: Office, body: Any) -> None:
    answer = office.post("supervisor", "processes/request/instances", body)
    assert answer.status_code == 422, answer.get_json()


def test_a_deployment_makes_a_version_and_the_same_again_makes_none(office: Office) -> None:
    changed = (MODELS / "decide.form").read_bytes().replace(b'"Opinion"', b'"Your opinion"')
    data = {"name": "request", "files": files(decide__form=changed)}
    made = office.call("designer", "POST", "deployments", data=data)
    assert made.status_code == 201, made.get_json()
    assert {"key": "request", "version": 2} in made.get_json()["processes"]
    again = office.call(
        "designer", "POST", "deployments", data={"name": "request", "files": files(decide__form=changed)}
    )
    assert again.status_code == 200
    assert again.get_json()["unchanged"] is True


def test_a_model_in_another_encoding_is_read_as_text(office: Office) -> None:
    text = (MODELS / "request.bpmn").read_text().replace('"Request"', '"Anträge"')
    for encoding in ("utf-16", "iso-8859-1"):
        content = text.replace("UTF-8", encoding).encode(encoding)
        data = {"name": "request", "files": files(request__bpmn=content)}
        made = office.call("designer", "POST", "deployments", data=data)
        assert made.status_code == 201, made.get_json()
        shown = office.get("supervisor", "processes/request").get_json()
        assert 'name="Anträge"' in shown["xml"]


def test_a_process_shows_the_form_that_starts_it(office: Office) -> None:
    form = office.get("supervisor", "processes/request/form").get_json()
    assert form["schema"]["id"] == "start"
    assert office.get("supervisor", "processes/waiting/form").status_code == 404


def test_running_instances_stay_on_their_version(office: Office) -> None:
    task = office.open_task()
    changed = (MODELS / "decide.form").read_bytes().replace(b'"opinion"', b'"view"')
    assert (
        office.call(
            "designer", "POST", "deployments", data={"name": "request", "files": files(decide__form=changed)}
        ).status_code
        == 201
    )
    form = office.get("manager", f"tasks/{task}/form").get_json()["schema"]
    assert form["components"][1]["key"] == "opinion"


def test_a_model_that_cannot_run_is_refused_with_every_reason(office: Office) -> None:
    broken = (MODELS / "request.bpmn").read_bytes()
    broken = broken.replace(b"decide.form", b"missing.form").replace(b"1 // divisor", b"import os")
    answer = office.call(
        "designer", "POST", "deployments", data={"name": "request", "files": files(request__bpmn=broken)}
    )
    assert answer.status_code == 422
    problem = answer.get_json()
    assert problem["code"] == "not_deployable"
    assert {one["element"] for one in problem["problems"]} == {"decide", "divide"}
    for one in problem["problems"]:
        assert one["resource"] == "request.bpmn"
        assert one["name"]
        assert one["reason"]
    assert office.get("designer", "processes/request").get_json()["version"] == 1


ENTITY = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'


@pytest.mark.parametrize(
    "content", [b"", b"<", ENTITY, b"\x00\xff\xfe", b"<a>" * 200, b"<a/>", b"\xef\xbb\xbf{}"]
)
@pytest.mark.parametrize("name", ["bad.bpmn", "bad.dmn", "bad.form"])
def test_a_file_that_cannot_be_read_is_refused_and_nothing_is_deployed(
    office: Office, name: str, content: bytes
) -> None:
    sent = [*files(), (BytesIO(content), name)]
    answer = office.call("designer", "POST", "deployments", data={"name": "request", "files": sent})
    assert answer.status_code == 422, answer.get_json()
    assert {one["resource"] for one in answer.get_json()["problems"]} == {name}
    assert office.get("designer", "processes/request").get_json()["version"] == 1


@pytest.mark.parametrize(
    "name", ["../up.bpmn", "/etc/x.bpmn", "a/../../b.bpmn", "C:\\x.bpmn", "a" * 300 + ".bpmn"]
)
def test_a_file_name_that_leaves_the_bundle_is_refused(office: Office, name: str) -> None:
    sent = [*files(), (BytesIO(b"<a/>"), name)]
    answer = office.call("designer", "POST", "deployments", data={"name": "request", "files": sent})
    assert answer.status_code == 422


def test_a_file_sent_twice_is_refused(office: Office) -> None:
    answer = office.call(
        "designer", "POST", "deployments", data={"name": "request", "files": files() + files()}
    )
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == "files"


def test_a_deployment_without_files_is_refused(office: Office) -> None:
    assert office.call("designer", "POST", "deployments", data={"name": "x"}).status_code == 422
    assert office.post("designer", "deployments", {"files": []}).status_code == 422


def test_a_message_reaches_the_one_that_waits_for_it(office: Office) -> None:
    first, second = office.start("waiting", quarter=1), office.start("waiting", quarter=2)
    sent = office.post(
        "machine",
        "messages",
        {"name": "figures_ready", "correlation": {"quarter": 2}, "payload": {"sales": 5}},
    )
    assert sent.status_code == 200
    assert sent.get_json()["instance_id"] == second["instance_id"]
    status = {
        one["instance_id"]: office.get("supervisor", f"instances/{one['instance_id']}").get_json()["status"]
        for one in (first, second)
    }
    assert status == {first["instance_id"]: "active", second["instance_id"]: "completed"}


@pytest.mark.parametrize("time_to_live", [None, "PT0S"])
def test_a_message_that_is_not_to_be_kept_and_that_nobody_waits_for_is_told(
    office: Office, time_to_live: str | None
) -> None:
    body = {"name": "figures_ready", "correlation": {"quarter": 9}, "time_to_live": time_to_live}
    assert office.post("machine", "messages", body).status_code == 404
    assert office.get("machine", "messages").get_json()["items"] == []


def test_a_message_that_nobody_waits_for_is_kept_until_somebody_does(office: Office) -> None:
    body = {"name": "figures_ready", "correlation": {"quarter": 9}, "payload": {"sales": 5}}
    answer = office.post("machine", "messages", body)
    assert (answer.status_code, answer.get_json()["status"], answer.get_json()["instance_id"]) == (
        200,
        "kept",
        "",
    )
    [kept] = office.get("auditor", "messages").get_json()["items"]
    assert (kept["name"], kept["correlation"], kept["attempts"]) == ("figures_ready", {"quarter": 9}, 0)
    between = datetime.fromisoformat(kept["expires_at"]) - datetime.fromisoformat(kept["sent_at"])
    assert between == timedelta(hours=1)  # the setting's
    waiting = office.start("waiting", quarter=9)
    shown = office.get("supervisor", f"instances/{waiting['instance_id']}").get_json()
    assert shown["status"] == "completed"
    assert office.get("auditor", "messages").get_json()["items"] == []


@pytest.mark.parametrize("text", ["", "1h", "P2Y", "-PT1H", 5, "P" * 200])
def test_a_time_to_live_that_is_none_is_refused_by_its_field(office: Office, text: object) -> None:
    answer = office.post("machine", "messages", {"name": "figures_ready", "time_to_live": text})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.get_json()["errors"]] == ["time_to_live"]


def test_kept_messages_come_in_pages(office: Office) -> None:
    for quarter in range(5):
        office.post("machine", "messages", {"name": "figures_ready", "correlation": {"quarter": quarter}})
    found, cursor = [], ""
    while True:
        answer = office.get("admin", f"messages?limit=2{cursor}").get_json()
        found += [each["correlation"]["quarter"] for each in answer["items"]]
        if answer["next_cursor"] is None:
            break
        cursor = f"&cursor={answer['next_cursor']}"
    assert found == [0, 1, 2, 3, 4]


def test_a_message_is_thrown_away_once(office: Office) -> None:
    office.post("machine", "messages", {"name": "figures_ready"})
    [kept] = office.get("admin", "messages").get_json()["items"]
    assert office.call("admin", "DELETE", f"messages/{kept['id']}").status_code == 204
    for number in (kept["id"], "x", "²", "9" * 30):
        assert office.call("admin", "DELETE", f"messages/{number}").status_code == 404


def test_a_signal_that_nobody_waits_for_is_thrown_all_the_same(office: Office) -> None:
    answer = office.post("machine", "signals", {"name": "year_closed", "payload": {"year": 2027}})
    assert (answer.status_code, answer.get_json()["status"]) == (200, "thrown")
    assert office.post("machine", "signals", {"payload": {}}).status_code == 422


def test_an_instance_is_ended_with_a_reason(office: Office) -> None:
    instance = office.start(amount=7)["instance_id"]
    assert office.post("supervisor", f"instances/{instance}/terminate", {}).status_code == 422
    ended = office.post("supervisor", f"instances/{instance}/terminate", {"reason": "Twice."})
    assert ended.get_json()["status"] == "terminated"
    again = office.post("supervisor", f"instances/{instance}/terminate", {"reason": "Twice."})
    assert again.status_code == 409


def test_a_script_that_fails_becomes_an_incident_that_names_the_element(office: Office) -> None:
    instance = office.start("failing", divisor=0)["instance_id"]
    [incident] = office.get("admin", "incidents").get_json()["items"]
    assert incident["instance_id"] == instance
    assert (incident["element"], incident["element_name"]) == ("divide", "Divide")
    assert office.get("supervisor", f"instances/{instance}").get_json()["incidents"] == [incident]


def test_a_person_reads_who_they_are(office: Office) -> None:
    assert office.get("manager", "me").get_json() == {
        "name": "manager",
        "display_name": "Manager",
        "groups": ["management"],
        "superior": None,
        "language": None,
    }


def test_plans_are_listed_and_read(office: Office) -> None:
    from plans import plans as register
    from plans.periods import Period

    with office.container.database.write() as session:
        made = register.draft(
            session, Period("annual", 2027, None, None), "Annual plan 2027", "supervisor", None, NOW
        )
    [listed] = office.get("supervisor", "plans?kind=annual&year=2027").get_json()["items"]
    assert (listed["id"], listed["status"], listed["owner"]) == (made.id, "draft", "supervisor")
    assert office.get("member", "plans").get_json()["items"] == []
    assert office.get("member", f"plans/{made.id}").status_code == 404
    shown = office.get("supervisor", f"plans/{made.id}").get_json()
    assert (shown["title"], shown["goal_count"], shown["goals"]) == ("Annual plan 2027", 0, [])
    assert office.get("supervisor", f"plans/{made.id}?version=9").status_code == 404


def test_naming_a_flag_means_yes(office: Office) -> None:
    office.open_task()
    named = office.get("manager", "/tasks?mine").json
    assert named == office.get("manager", "/tasks?mine=true").json


def test_a_started_instance_answers_with_its_id(office: Office) -> None:
    answer = office.start(amount=7)
    assert answer["id"] == answer["instance_id"]

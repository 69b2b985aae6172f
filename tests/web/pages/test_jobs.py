"""Jobs for those who keep the installation running: the page, and the same over REST."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import Engine, PermanentFailure, StartInstance, heartbeats, outside
from engine.directory import SYSTEM
from engine.engine import utc_now
from engine.jobs import enqueue
from plans.organisation.directory import OrganisationDirectory
from tests.engine.jobs.calling import END, START, call
from tests.engine.xml_text import bpmn, catch, timer, way
from tests.web.conftest import NOW, Office
from tests.web.pages.test_acting import send, text

STRANGERS = ("supervisor", "manager", "member", "designer", "auditor", "machine")


def refuse(_whose: Any, _inputs: Any) -> dict[str, Any]:
    raise PermanentFailure("<b>closed</b>")


def refuse_once(_whose: Any, _inputs: Any) -> dict[str, Any]:
    raise OSError("away")


@pytest.fixture
def engine(office: Office) -> Engine:
    """Another server on the same database, whose operations call other systems."""
    operations = {"post": outside(refuse), "ask": outside(refuse_once)}
    return Engine(office.container.database, OrganisationDirectory, operations)


def begin(engine: Engine, operation: str) -> str:
    body = START + call(planflow_operation=operation) + END + way("s", "call", "e")
    engine.deploy({"process.bpmn": bpmn(body, key="posting")}, SYSTEM, "posting")
    started = engine.execute(StartInstance("posting", {"amount": 1}), SYSTEM).instance_id
    engine.work_off()
    return started


def listed(office: Office, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office.get("admin", f"jobs{query}").get_json()["items"]
    return found


def test_an_administrator_sees_what_has_stopped_and_tries_it_again(office: Office, engine: Engine) -> None:
    began = begin(engine, "post")
    client = office.browser("admin")
    page = text(client.get("/jobs"))
    assert "&lt;b&gt;closed&lt;/b&gt;" in page
    assert "Call of another system" in page
    assert f"/instances/{began}" in page
    number = page.split("/jobs/")[1].split("/retry")[0]
    assert send(client, f"/jobs/{number}/retry").status_code == 302
    page = text(client.get("/jobs"))
    assert "The job is due now and will be done by a worker." in page
    assert "closed" not in page
    assert [(job["status"], job["attempts"]) for job in listed(office)] == [("due", 0)]
    assert office.get("admin", "incidents").get_json()["items"] == []


def test_one_that_waits_to_be_tried_again_can_be_run_now(office: Office, engine: Engine) -> None:
    begin(engine, "ask")
    assert "Run now" in text(office.browser("admin").get("/jobs?status=due"))
    assert "Run now" not in text(office.browser("admin").get("/jobs?status=failed"))


def test_a_deadline_has_no_button(office: Office, engine: Engine) -> None:
    body = START + catch("t", timer("timeDuration", "PT1H")) + END + way("s", "t", "e")
    engine.deploy({"process.bpmn": bpmn(body, key="waiting")}, SYSTEM, "waiting")
    engine.execute(StartInstance("waiting"), SYSTEM)
    page = text(office.browser("admin").get("/jobs"))
    assert "Timer" in page
    assert "/retry" not in page
    [waiting] = listed(office)
    assert (waiting["kind"], waiting["element"], waiting["may_retry"]) == ("timer", "t", False)
    assert office.post("admin", f"jobs/{waiting['id']}/retry").status_code == 409


def test_a_job_of_no_process_is_listed_by_its_kind(office: Office) -> None:
    with office.container.database.write() as session:
        enqueue(session, "parcel", {"n": 1}, NOW)
    assert "parcel" in text(office.browser("admin").get("/jobs"))
    [one] = listed(office)
    assert (one["kind"], one["instance_id"], one["process_key"]) == ("parcel", None, None)


def test_the_list_is_filtered_and_paged(office: Office, engine: Engine) -> None:
    begin(engine, "post")
    with office.container.database.write() as session:
        for _number in range(3):
            enqueue(session, "letter", {}, NOW)
    assert [job["kind"] for job in listed(office, "?status=failed")] == ["service"]
    assert len(listed(office, "?status=due")) == 3
    assert listed(office, "?status=running") == []
    first = office.get("admin", "jobs?limit=3").get_json()
    rest = listed(office, f"?limit=3&cursor={first['next_cursor']}")
    assert (len(first["items"]), len(rest)) == (3, 1)
    assert office.get("admin", "jobs?status=lost").status_code == 422


def test_a_job_is_retried_over_rest(office: Office, engine: Engine) -> None:
    began = begin(engine, "post")
    [stopped] = listed(office)
    assert (stopped["status"], stopped["attempts"], stopped["error"]) == ("failed", 1, "<b>closed</b>")
    assert (stopped["instance_id"], stopped["process_key"]) == (began, "posting")
    assert office.post("admin", f"jobs/{stopped['id']}/retry").status_code == 200
    assert [job["status"] for job in listed(office)] == ["due"]


@pytest.mark.parametrize("number", ["0", "99", "x", "9" * 30])
def test_a_job_that_is_not_there_is_not_found(office: Office, number: str) -> None:
    assert office.post("admin", f"jobs/{number}/retry").status_code == 404


@pytest.mark.parametrize("user", STRANGERS)
def test_others_neither_see_jobs_nor_have_them_done(office: Office, engine: Engine, user: str) -> None:
    begin(engine, "post")
    [stopped] = listed(office)
    assert office.get(user, "jobs").status_code == 403
    assert office.post(user, f"jobs/{stopped['id']}/retry").status_code == 403
    client = office.browser(user)
    assert client.get("/jobs").status_code == 403
    assert send(client, f"/jobs/{stopped['id']}/retry").status_code == 403
    assert 'href="/jobs"' not in text(client.get("/inbox"))
    assert [job["status"] for job in listed(office)] == ["failed"]


def test_strangers_are_asked_to_sign_in(office: Office) -> None:
    assert office.get(None, "jobs").status_code == 401
    assert office.browser().get("/jobs").status_code == 302


def test_the_page_speaks_chinese(office: Office, engine: Engine) -> None:
    begin(engine, "post")
    client = office.browser("admin")
    client.set_cookie("language", "zh-Hant")
    page = text(client.get("/jobs"))
    assert "呼叫其他系統" in page
    assert "已停止" in page
    assert "工作程序" in page


def heard_of(office: Office, name: str, kind: str, ago: timedelta) -> None:
    moment = utc_now() - ago
    with office.container.database.write() as session:
        heartbeats.beat(session, name, kind, moment, moment)


def test_an_administrator_sees_who_does_jobs_and_who_is_gone(office: Office) -> None:
    heard_of(office, "b<1>-7-c", heartbeats.WORKER, timedelta(hours=2))
    heard_of(office, "a-6-d", heartbeats.CELERY, timedelta(seconds=3))
    page = text(office.browser("admin").get("/jobs"))
    assert "b&lt;1&gt;-7-c" in page
    assert page.index("a-6-d") < page.index("b&lt;1&gt;-7-c")
    assert ("At work" in page, "Gone" in page, "Nobody does jobs" in page) == (True, True, False)
    found = office.get("admin", "workers").get_json()["items"]
    assert [(each["name"], each["kind"], each["alive"]) for each in found] == [
        ("a-6-d", "celery", True),
        ("b<1>-7-c", "worker", False),
    ]


@pytest.mark.parametrize("kind", [None, heartbeats.DISPATCHER])
def test_an_administrator_is_warned_when_nobody_does_jobs(office: Office, kind: str | None) -> None:
    if kind is not None:
        heard_of(office, "a-6-d", kind, timedelta())
    assert "Nobody does jobs at this moment." in text(office.browser("admin").get("/jobs"))


@pytest.mark.parametrize("user", STRANGERS)
def test_others_do_not_see_who_does_jobs(office: Office, user: str) -> None:
    answer = office.get(user, "workers")
    assert answer.status_code == 403
    assert "Workers are for administrators." in answer.get_data(as_text=True)

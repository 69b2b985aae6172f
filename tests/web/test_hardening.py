"""What every answer carries, and what no request gets past."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
import structlog
from sqlalchemy.exc import DataError, InterfaceError, OperationalError, TimeoutError

from engine.queries import Queries
from plans.organisation import tokens
from plans.queries import PlanQueries
from tests.web.conftest import MODELS, PASSWORD, Office, csrf_token, open_office
from web import logs
from web.container import build_container
from web.settings import LOOPBACK_HOSTS, Settings

PATHS = [
    "/sign-in",
    "/healthz",
    "/api/v1/docs",
    "/api/v1/openapi.json",
    "/api/v1/me",
    "/nowhere",
    "/api/nowhere",
]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_carries_the_secure_headers(office: Office, path: str) -> None:
    headers = office.get(None, path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["object-src"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers


@pytest.mark.parametrize("path", ["/sign-in", "/api/v1/docs", "/about", "/nowhere"])
def test_no_page_holds_a_script_or_style_that_its_policy_would_refuse(office: Office, path: str) -> None:
    page = office.get(None, path).get_data(as_text=True)
    assert "<style" not in page
    assert " onclick=" not in page
    for tag in page.split("<script")[1:]:
        opening = tag.split(">", 1)[0]
        assert " src=" in opening or 'type="application/json"' in opening


@pytest.fixture
def behind_https(settings: Settings, office_template: tuple[Path, dict[str, str]]) -> Iterator[Office]:
    """An office that people reach over HTTPS, through one proxy."""
    public = replace(
        settings, public_url="https://plans.example.com", trusted_hosts=("plans.example.com",), proxies=1
    )
    container = build_container(public)
    yield open_office(public, container, office_template[1])
    container.close()


def test_over_https_browsers_are_told_to_stay_there(behind_https: Office) -> None:
    headers = {"X-Forwarded-Host": "plans.example.com", "X-Forwarded-Proto": "https"}
    answer = behind_https.get(None, "/sign-in", headers=headers)
    assert answer.status_code == 200
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    assert "Secure" in answer.headers["Set-Cookie"]


def test_a_request_for_another_host_is_refused(behind_https: Office) -> None:
    answer = behind_https.get(None, "/sign-in", headers={"X-Forwarded-Host": "evil.example"})
    assert answer.status_code == 400


def test_on_loopback_a_rebound_name_is_refused(
    settings: Settings, office_template: tuple[Path, dict[str, str]]
) -> None:
    local = settings.serving_on("127.0.0.1")
    assert local.trusted_hosts == LOOPBACK_HOSTS
    container = build_container(local)
    office = open_office(local, container, office_template[1])
    assert office.get(None, "/sign-in", headers={"Host": "127.0.0.1:8000"}).status_code == 200
    assert office.get(None, "/sign-in", headers={"Host": "evil.example:8000"}).status_code == 400
    container.close()


def test_every_request_has_a_number_and_keeps_a_decent_one(office: Office) -> None:
    assert office.get(None, "/healthz", headers={"X-Request-ID": "a-1"}).headers["X-Request-ID"] == "a-1"
    made = office.get(None, "/healthz", headers={"X-Request-ID": "no spaces <please>"}).headers[
        "X-Request-ID"
    ]
    assert len(made) == 32


def test_a_body_over_the_limit_is_refused(office: Office) -> None:
    body = json.dumps({"variables": {"amount": 7, "text": "x" * 1_100_000}})
    answer = office.call(
        "supervisor", "POST", "processes/request/instances", data=body, content_type="application/json"
    )
    assert answer.status_code == 413
    assert answer.get_json()["code"] == "too_large"


def test_a_form_over_the_limit_is_refused(office: Office) -> None:
    assert office.browser().post("/sign-in", data={"name": "x" * 1_100_000}).status_code == 413


def test_a_body_that_is_not_json_is_refused(office: Office) -> None:
    answer = office.call("supervisor", "POST", "processes/request/instances", data="amount=7")
    assert answer.status_code == 415
    broken = office.call(
        "supervisor", "POST", "processes/request/instances", data="{", content_type="application/json"
    )
    assert broken.status_code == 400
    assert broken.get_json()["detail"] == "The request body is not valid JSON."


def test_a_wrong_method_says_which_are_right(office: Office) -> None:
    answer = office.call("supervisor", "DELETE", "processes")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_head_and_options_are_answered(office: Office) -> None:
    assert office.call("supervisor", "HEAD", "processes").status_code == 200
    assert "GET" in office.call("supervisor", "OPTIONS", "processes").headers["Allow"]


def test_an_unknown_address_is_a_page_for_people_and_a_problem_for_programs(office: Office) -> None:
    assert office.get(None, "/nowhere").mimetype == "text/html"
    problem = office.get(None, "/api/v1/nowhere")
    assert problem.mimetype == "application/problem+json"
    assert problem.get_json() == {
        "type": "urn:planflow:problem:not_found",
        "title": "Not found",
        "status": 404,
        "detail": "There is nothing at this address.",
        "instance": "/api/v1/nowhere",
        "code": "not_found",
        "request_id": problem.headers["X-Request-ID"],
    }


def test_an_error_of_ours_tells_strangers_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the secret cause")

    monkeypatch.setattr(type(office.container.engine), "execute", fail)
    answer = office.post("supervisor", "processes/request/instances", {})
    assert answer.status_code == 500
    assert "secret" not in answer.get_data(as_text=True)


def test_a_database_that_is_away_is_told_as_such(office: Office, settings: Settings) -> None:
    away = replace(settings, database_url="sqlite:////nowhere/at/all.db")
    container = build_container(away)
    lost = open_office(away, container, office.tokens)
    assert lost.get(None, "/healthz").status_code == 503
    assert lost.get("supervisor", "me").status_code == 503
    container.close()


@pytest.mark.parametrize(
    "path",
    ["/inbox?process=%00", "/instances?search=a%00", "/inbox?%00=1", "/api/v1/tasks?group=%00", "/tasks/%00"],
)
def test_an_address_that_no_database_could_look_for_is_refused(office: Office, path: str) -> None:
    client = office.browser("supervisor")
    assert client.get(path).status_code == 400


def test_what_the_database_refuses_as_data_is_the_requests_fault(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_arguments: object, **_options: object) -> None:
        raise DataError("SELECT", {}, ValueError("out of range"))

    monkeypatch.setattr(Queries, "tasks", refuses)
    assert office.get("supervisor", "tasks").status_code == 400
    assert office.browser("supervisor").get("/inbox").status_code == 400


def lost_database(office: Office) -> None:
    """Let the database go away while the office is open."""
    office.container.database.close()
    Path(office.container.settings.home / "planflow.db").rename(office.container.settings.home / "away.db")
    (office.container.settings.home / "planflow.db").mkdir()


def test_a_person_is_told_when_the_database_goes_away(office: Office) -> None:
    client = office.browser("supervisor")
    lost_database(office)
    for path in ("/inbox", "/plans", "/profile", "/api/v1/me", "/api/v1/tasks"):
        answer = client.get(path)
        assert answer.status_code == 503, path
        assert answer.headers["Retry-After"] == "1", path
    assert "Busy just now" in client.get("/inbox").get_data(as_text=True)
    shutil.rmtree(office.container.settings.home / "planflow.db")
    (office.container.settings.home / "away.db").rename(office.container.settings.home / "planflow.db")
    assert client.get("/inbox").status_code == 200


@pytest.mark.parametrize(
    "trouble",
    [
        OperationalError("SELECT", {}, sqlite3.OperationalError("database is locked")),
        InterfaceError("SELECT", {}, sqlite3.InterfaceError("the connection is closed")),
        TimeoutError("QueuePool limit reached"),
    ],
    ids=lambda trouble: type(trouble).__name__,
)
def test_trouble_with_the_database_in_the_middle_of_a_page_is_told_as_such(
    office: Office, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    def fails(*_arguments: object, **_options: object) -> None:
        raise trouble

    client = office.browser("supervisor")
    monkeypatch.setattr(Queries, "tasks", fails)
    monkeypatch.setattr(PlanQueries, "unread_notices", fails)
    for path in ("/inbox", "/api/v1/tasks"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "1"


def test_reading_goes_on_while_the_use_of_a_token_cannot_be_noted(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_arguments: object) -> None:
        raise OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked"))

    monkeypatch.setattr(tokens, "note_use", busy)
    assert office.get("supervisor", "me").status_code == 200


def test_a_line_of_the_log_is_one_line_and_holds_nothing_unprintable(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    structlog.reset_defaults()
    logs.configure("text")
    path = "/tasks/%00%1b%5b31m%0d%0aforged%e2%80%ae%c2%9b" + "x" * 5000
    office.app.test_client().get(path)
    told = capsys.readouterr().err
    assert "forged" in told
    assert all(line.isprintable() for line in told.splitlines())
    assert len(told.splitlines()) == 1
    assert len(told) < 2000
    structlog.reset_defaults()


def test_a_deployment_is_named_only_with_what_can_be_stored(office: Office) -> None:
    for name, said in (("\x00", 422), ("x" * 201, 422), ("\x1b[31m", 422), ("Plans", 200)):
        files = [(BytesIO(file.read_bytes()), file.name) for file in sorted(MODELS.iterdir())]
        answer = office.call("designer", "POST", "deployments", data={"name": name, "files": files})
        assert answer.status_code == said, name


def test_the_log_of_requests_holds_no_secret(office: Office) -> None:
    with structlog.testing.capture_logs() as events:
        client = office.browser("supervisor")
        client.post(
            "/sign-in", data={"name": "supervisor", "password": "wrong", "csrf_token": csrf_token(client)}
        )
        office.get("supervisor", "tasks?group=confidential")
    told = str(events)
    assert [event["path"] for event in events if event["event"] == "request"][-1] == "/api/v1/tasks"
    for secret in (PASSWORD, "wrong", "confidential", office.tokens["supervisor"]):
        assert secret not in told


def test_settings_do_not_print_their_secrets(settings: Settings) -> None:
    assert settings.secret_key not in repr(settings)

"""Signing in and out: sessions, CSRF, redirects and rate limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from plans.organisation import credentials, people
from tests.brokers import free_port
from tests.web.conftest import PASSWORD, Office, csrf_token, open_office
from web.auth import safe_next
from web.container import build_container
from web.settings import Settings


def sign_in(client: FlaskClient, name: str, password: str = PASSWORD, **more: str) -> TestResponse:
    return client.post(
        "/sign-in", data={"name": name, "password": password, "csrf_token": csrf_token(client), **more}
    )


def test_a_person_signs_in_and_reads_who_they_are(office: Office) -> None:
    client = office.browser("supervisor")
    assert client.get("/api/v1/me").get_json()["name"] == "supervisor"


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(office: Office) -> None:
    answers = [
        sign_in(office.browser(), name, password)
        for name, password in (("supervisor", "something else"), ("nobody", PASSWORD), ("", ""))
    ]
    assert {answer.status_code for answer in answers} == {422}
    messages = {
        "The name or the password is not right." in answer.get_data(as_text=True) for answer in answers
    }
    assert messages == {True}


def test_a_person_who_left_cannot_sign_in_and_is_signed_out_at_once(office: Office) -> None:
    client = office.browser("member")
    with office.container.database.write() as session:
        people.set_active(session, "member", False)
    assert client.get("/api/v1/me").status_code == 401
    assert office.get("member", "me").status_code == 401
    assert sign_in(office.browser(), "member").status_code == 422


def test_signing_in_begins_a_fresh_session(office: Office) -> None:
    client = office.browser()
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    before = csrf_token(client)
    sign_in(client, "supervisor")
    with client.session_transaction() as session:
        assert "planted" not in session
    assert csrf_token(client) != before


def test_signing_out_ends_the_session(office: Office) -> None:
    client = office.browser("supervisor")
    answer = client.post("/sign-out", data={"csrf_token": csrf_token(client)})
    assert answer.status_code == 302
    assert client.get("/api/v1/me").status_code == 401


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("planflow_session")
    assert cookie is not None
    return cookie.value


def holder_of(office: Office, cookie: str) -> FlaskClient:
    """Another browser with a copy of somebody's session cookie."""
    other = office.browser()
    other.set_cookie("planflow_session", cookie)
    return other


def test_a_copy_of_the_cookie_ends_with_the_session(office: Office) -> None:
    client = office.browser("supervisor")
    copy = holder_of(office, cookie_of(client))
    elsewhere = office.browser("supervisor")
    assert copy.get("/api/v1/me").status_code == 200
    client.post("/sign-out", data={"csrf_token": csrf_token(client)})
    assert copy.get("/api/v1/me").status_code == 401
    assert elsewhere.get("/api/v1/me").status_code == 200


def test_a_changed_password_ends_the_sessions_that_began_with_the_old_one(office: Office) -> None:
    client = office.browser("supervisor")
    with office.container.database.write() as session:
        credentials.set_password(session, "supervisor", "another password for tests")
    assert client.get("/api/v1/me").status_code == 401
    assert client.get("/inbox").headers["Location"].startswith("/sign-in")


def test_a_session_does_not_outlive_its_hours_however_often_it_is_used(office: Office) -> None:
    client = office.browser("supervisor")
    with client.session_transaction() as session:
        session["since"] -= 13 * 3600
    assert client.get("/api/v1/me").status_code == 401


def test_a_session_of_an_earlier_version_is_asked_to_sign_in_again(office: Office) -> None:
    client = office.browser("supervisor")
    with client.session_transaction() as session:
        for name in ("since", "stamp", "sign_in"):
            del session[name]
    assert client.get("/api/v1/me").status_code == 401


def test_signing_in_needs_the_csrf_token(office: Office) -> None:
    answer = office.browser().post("/sign-in", data={"name": "supervisor", "password": PASSWORD})
    assert answer.status_code == 400


def test_signing_in_returns_to_where_one_was_going(office: Office) -> None:
    client = office.browser()
    first = client.get("/instances?status=active")
    assert first.headers["Location"] == "/sign-in?next=/instances?status%3Dactive"
    assert sign_in(client, "supervisor", next="/instances?status=active").headers["Location"] == (
        "/instances?status=active"
    )


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "",
    ],
)
def test_signing_in_leads_nowhere_else(office: Office, target: str) -> None:
    assert safe_next(target) is None
    assert sign_in(office.browser(), "supervisor", next=target).headers["Location"] in ("/", "/inbox")


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(office: Office) -> None:
    answer = sign_in(office.browser(), "supervisor")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


@pytest.fixture
def strict(settings: Settings, office_template: tuple[Path, dict[str, str]]) -> Iterator[Office]:
    """An office that lets few attempts through."""
    few = replace(settings, sign_in_failures="3 per minute", api_rate="5 per minute")
    container = build_container(few)
    yield open_office(few, container, office_template[1])
    container.close()


def wait_after_failures(office: Office) -> int:
    """Seconds that somebody has to wait after three wrong passwords, even with the right one."""
    for _attempt in range(3):
        assert sign_in(office.browser(), "supervisor", "wrong").status_code == 422
    answer = sign_in(office.browser(), "supervisor")
    assert answer.status_code == 429
    return int(answer.headers["Retry-After"])


def test_after_some_failures_even_the_right_password_has_to_wait(strict: Office) -> None:
    assert wait_after_failures(strict) > 0


def test_attempts_are_counted_in_the_process_while_their_storage_is_away(
    settings: Settings, office_template: tuple[Path, dict[str, str]]
) -> None:
    away = f"redis://127.0.0.1:{free_port()}"
    few = replace(settings, sign_in_failures="3 per minute", rate_limit_storage=away)
    with closing(build_container(few)) as container:
        office = open_office(few, container, office_template[1])
        assert wait_after_failures(office) > 0


@pytest.mark.parametrize("spelling", [" supervisor", "supervisor\t", "SUPERVISOR", "\u2003supervisor"])
def test_spaces_around_a_name_are_no_fresh_attempts(strict: Office, spelling: str) -> None:
    proxied = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}}
    for _attempt in range(3):
        client = strict.browser()
        form = {"name": spelling, "password": "wrong", "csrf_token": csrf_token(client)}
        assert client.post("/sign-in", data=form, **proxied).status_code == 422
    assert sign_in(strict.browser(), "supervisor").status_code == 429


def test_signing_in_well_is_not_held_against_anybody(strict: Office) -> None:
    for _attempt in range(5):
        assert sign_in(strict.browser(), "supervisor").status_code == 302


def test_the_api_is_limited_for_each_person(strict: Office) -> None:
    for _attempt in range(5):
        assert strict.get("supervisor", "me").status_code == 200
    refused = strict.get("supervisor", "processes")
    assert refused.status_code == 429
    assert refused.get_json()["code"] == "too_many_requests"
    assert strict.get("manager", "me").status_code == 200


def test_with_a_session_the_api_wants_the_csrf_token(office: Office) -> None:
    client = office.browser("supervisor")
    body = {"variables": {"amount": 7}}
    refused = client.post("/api/v1/processes/request/instances", json=body)
    assert refused.status_code == 400
    assert refused.mimetype == "application/problem+json"
    taken = client.post(
        "/api/v1/processes/request/instances", json=body, headers={"X-CSRFToken": csrf_token(client)}
    )
    assert taken.status_code == 201


def test_a_wrong_bearer_token_does_not_borrow_the_session(office: Office) -> None:
    client = office.browser("supervisor")
    wrong = {"Authorization": "Bearer pf_wrong"}
    body = {"variables": {"amount": 7}}
    assert client.get("/api/v1/me", headers=wrong).status_code == 401
    assert client.post("/api/v1/processes/request/instances", json=body, headers=wrong).status_code == 401


def test_a_token_that_was_ended_stops_working_at_once(office: Office) -> None:
    made = office.post("member", "me/tokens", {"label": "reporting"}).get_json()["token"]
    headers = {"Authorization": f"Bearer {made}"}
    assert office.get(None, "me", headers=headers).get_json()["name"] == "member"
    [token] = [one for one in office.get("member", "me/tokens").get_json()["items"] if one["label"]]
    assert token["last_used_at"] is not None
    assert made not in str(token)
    assert office.call("member", "DELETE", f"me/tokens/{token['id']}").status_code == 204
    assert office.get(None, "me", headers=headers).status_code == 401


def test_nobody_ends_the_token_of_somebody_else(office: Office) -> None:
    [token] = office.get("member", "me/tokens").get_json()["items"]
    assert office.call("admin", "DELETE", f"me/tokens/{token['id']}").status_code == 404
    assert office.get("member", "me").status_code == 200

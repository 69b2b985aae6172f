"""Changing one's own password on the profile page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.conftest import PASSWORD, Office, csrf_token, open_office
from tests.web.test_sign_in import sign_in
from web.container import build_container
from web.settings import Settings

FRESH = "another password for tests"


def change(client: FlaskClient, current: str, fresh: str, again: str | None = None) -> TestResponse:
    fields = {"current": current, "fresh": fresh, "again": fresh if again is None else again}
    return client.post("/profile/password", data={**fields, "csrf_token": csrf_token(client)})


def test_a_person_changes_their_password_and_stays_signed_in_here_alone(office: Office) -> None:
    client, elsewhere = office.browser("supervisor"), office.browser("supervisor")
    answer = change(client, PASSWORD, FRESH)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/profile"
    assert client.get("/api/v1/me").status_code == 200
    assert elsewhere.get("/api/v1/me").status_code == 401
    assert sign_in(office.browser(), "supervisor", PASSWORD).status_code == 422
    assert sign_in(office.browser(), "supervisor", FRESH).status_code == 302


@pytest.mark.parametrize(
    ("current", "fresh", "again", "said"),
    [
        ("something else", FRESH, FRESH, "This is not your password."),
        ("", FRESH, FRESH, "This is not your password."),
        (PASSWORD, "short", "short", "A password has 12 to 1000 characters."),
        (PASSWORD, "p" * 1001, "p" * 1001, "A password has 12 to 1000 characters."),
        (
            PASSWORD,
            "supervisor-2027",
            "supervisor-2027",
            "A password is not the name with figures around it.",
        ),
        (PASSWORD, FRESH, FRESH + "!", "The two are not the same."),
    ],
)
def test_a_password_is_changed_only_by_who_knows_the_old_one_to_a_decent_one(
    office: Office, current: str, fresh: str, again: str, said: str
) -> None:
    client = office.browser("supervisor")
    answer = change(client, current, fresh, again)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert fresh not in page
    assert sign_in(office.browser(), "supervisor", PASSWORD).status_code == 302


def test_a_password_is_not_changed_without_the_csrf_token(office: Office) -> None:
    fields = {"current": PASSWORD, "fresh": FRESH, "again": FRESH}
    assert office.browser("supervisor").post("/profile/password", data=fields).status_code == 400


@pytest.fixture
def strict(settings: Settings, office_template: tuple[Path, dict[str, str]]) -> Iterator[Office]:
    """An office that lets few wrong passwords through."""
    few = replace(settings, sign_in_failures="3 per minute")
    container = build_container(few)
    yield open_office(few, container, office_template[1])
    container.close()


def test_whoever_sits_at_an_open_browser_cannot_guess_for_long(strict: Office) -> None:
    client = strict.browser("supervisor")
    for _attempt in range(3):
        assert change(client, "a guess at a password", FRESH).status_code == 422
    assert change(client, PASSWORD, FRESH).status_code == 429

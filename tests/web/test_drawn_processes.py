"""A process that is not executable is listed, shown with its diagram, and cannot be started."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from tests.web.conftest import Office

DRAWN = Path(__file__).parents[1] / "engine" / "bpmn" / "dialects" / "models" / "signavio_drawn.bpmn"


@pytest.fixture
def drawn(office: Office) -> Office:
    """The office with a process that Signavio has drawn."""
    files = [(BytesIO(DRAWN.read_bytes()), "drawn.bpmn")]
    answer = office.call("designer", "POST", "deployments", data={"name": "drawn", "files": files})
    assert answer.status_code == 201, answer.get_json()
    rules = [(warning["rule"], warning["element"]) for warning in answer.get_json()["warnings"]]
    assert rules == [("bpmn.not-executable", "sid-drawn")]
    return office


def test_the_interface_lists_it_with_its_model(drawn: Office) -> None:
    listed = {one["key"]: one for one in drawn.get("member", "processes").get_json()["items"]}
    assert (listed["sid-drawn"]["executable"], listed["sid-drawn"]["startable"]) == (False, False)
    assert drawn.get("member", "processes/sid-drawn").get_json()["xml"] == DRAWN.read_text()


def test_nobody_can_start_it(drawn: Office) -> None:
    assert drawn.post("admin", "processes/sid-drawn/instances", {"variables": {}}).status_code == 422
    assert drawn.browser("admin").get("/start/sid-drawn").status_code == 403


def test_the_pages_show_it_as_not_executable_with_its_diagram(drawn: Office) -> None:
    browser = drawn.browser("member")
    start = browser.get("/start").get_data(as_text=True)
    assert "Only to look at" in start
    assert 'href="/processes/sid-drawn"' in start
    page = browser.get("/processes/sid-drawn").get_data(as_text=True)
    assert "Drawn by consultants</h1>" in page
    assert "How it is meant to go." in page
    assert "cannot be started" in page
    assert 'data-island="viewer"' in page
    assert "Order comes in" in page
    assert 'href="/start/sid-drawn"' not in page


def test_the_page_of_a_process_offers_to_start_it_to_those_who_may(office: Office) -> None:
    for user, may in (("supervisor", True), ("member", False)):
        page = office.browser(user).get("/processes/request").get_data(as_text=True)
        assert ('href="/start/request"' in page) is may
        assert "not executable" not in page


def test_a_process_that_is_not_there_has_no_page(office: Office) -> None:
    assert office.browser("member").get("/processes/nothing").status_code == 404

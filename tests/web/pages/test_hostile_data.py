"""Pages show whatever data a process holds: nothing of it breaks them, nothing of it is taken for markup."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from engine.errors import NotFound
from tests.web.conftest import Office, csrf_token
from tests.web.hostile import ATTACK, begin, deploy, hostile_model

ODD_VALUES = [
    1e308,
    5e-324,
    2**53 - 1,
    [{"a": 1}, 5],
    [5, {"a": 1}],
    [{"a": 1}, None, "text", [1]],
    [{"items": 1, "b": 2}, {"b": 3}],
    {"items": {"keys": 1}, "get": 2},
    [{}],
    [[]],
    "2027-99-99T10:10",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "0001-01-01",
    "9999-12-31T23:59",
    {"owner": ["x"], "head": {"a": 1}, "": ""},
    "%(who)s 100% %s",
    {"plan_id": {"a": 1}},
]


@pytest.mark.parametrize("value", ODD_VALUES, ids=repr)
def test_no_value_breaks_the_page_of_a_task_or_of_an_instance(office: Office, value: Any) -> None:
    deploy(office, hostile_model())
    started = begin(office, shown=value, plan_id=value)
    for language in ("en", "zh-TW"):
        client = office.browser("supervisor")
        for path in (
            f"/tasks/{started['task_ids'][0]}",
            f"/instances/{started['instance_id']}",
            f"/instances/{started['instance_id']}?history=all",
        ):
            assert client.get(path, headers={"Accept-Language": language}).status_code == 200, path


def test_what_people_and_designers_write_is_never_markup(office: Office) -> None:
    deploy(office, hostile_model())
    started = begin(office, called=ATTACK, shown=[ATTACK, {ATTACK: ATTACK}])
    client = office.browser("supervisor")
    for path in (
        "/inbox",
        "/start",
        "/start/hostile",
        "/instances",
        f"/tasks/{started['task_ids'][0]}",
        f"/instances/{started['instance_id']}?history=all",
    ):
        page = client.get(path).get_data(as_text=True)
        assert "<img src=x" not in page, path


@pytest.mark.parametrize("year", ["1" + "0" * 30, "-" + "9" * 30, "0", "10000", "x"])
def test_no_year_breaks_the_list_of_plans(office: Office, year: str) -> None:
    assert office.browser("supervisor").get(f"/plans?year={year}").status_code == 200


UNREADABLE = [
    "{",
    "[]",
    "null",
    "7",
    "[" * 100_000,
    '{"a":' * 900 + "1" + "}" * 900,
    '{"a":' + "9" * 5000 + "}",
]
UNSTORABLE = ['{"amount": NaN}', '{"amount": 1e999}', '{"reason": "\\u0000"}', '{"reason": "\\ud800"}']


@pytest.mark.parametrize("data", UNREADABLE + UNSTORABLE, ids=lambda data: data[:20])
def test_form_data_that_cannot_be_kept_is_refused_on_the_page(office: Office, data: str) -> None:
    task = office.open_task()
    for user, path, more in (
        ("supervisor", "/start/request", {}),
        ("manager", f"/tasks/{task}/complete", {"outcome": "approve"}),
    ):
        client = office.browser(user)
        answer = client.post(path, data={"data": data, "csrf_token": csrf_token(client), **more})
        assert answer.status_code == 422, path
        assert "task-form" in answer.get_data(as_text=True)


def test_what_was_written_beside_a_value_that_cannot_be_kept_comes_back(office: Office) -> None:
    client = office.browser("manager")
    data = {"data": '{"note": "kept", "score": 1e999}', "outcome": "approve", "comment": "Also kept"}
    answer = client.post(
        f"/tasks/{office.open_task()}/complete", data={**data, "csrf_token": csrf_token(client)}
    )
    page = answer.get_data(as_text=True)
    assert "Also kept" in page
    shown = page.split("data-form-data>")[1].split("</script>")[0]
    assert json.loads(shown, parse_constant=pytest.fail)["note"] == "kept"


def test_text_that_looks_like_a_moment_breaks_no_error_message(office: Office) -> None:
    client = office.browser("supervisor")
    with office.app.test_request_context("/"):
        from web.i18n import translated_error

        assert "2027-99-99T10:10" in translated_error(
            NotFound("There is no task %(id)s.", id="2027-99-99T10:10")
        )
    assert client.get("/tasks/2027-99-99T10:10").status_code == 404


def instances_of(office: Office) -> int:
    return len(office.get("supervisor", "instances").get_json()["items"])


def test_a_double_click_starts_one_instance(office: Office) -> None:
    client = office.browser("supervisor")
    once = re.search(r'name="once" value="([^"]+)"', client.get("/start/request").get_data(as_text=True))
    assert once
    form = {"data": '{"amount": 7}', "once": once[1], "csrf_token": csrf_token(client)}
    first, second = (client.post("/start/request", data=form) for _ in range(2))
    assert first.status_code == second.status_code == 302
    assert first.headers["Location"] == second.headers["Location"]
    assert instances_of(office) == 1
    client.post("/start/request", data={**form, "data": '{"amount": 8}'})
    assert instances_of(office) == 2


def test_what_does_not_come_from_a_form_shown_is_not_taken_for_a_double_click(office: Office) -> None:
    client = office.browser("supervisor")
    for _ in range(2):
        client.post("/start/request", data={"data": '{"amount": 7}', "csrf_token": csrf_token(client)})
    assert instances_of(office) == 2


def test_two_forms_filled_alike_start_two_instances(office: Office) -> None:
    client = office.browser("supervisor")
    for _ in range(2):
        page = client.get("/start/request").get_data(as_text=True)
        once = re.search(r'name="once" value="([^"]+)"', page)
        assert once
        form = {"data": '{"amount": 7}', "once": once[1], "csrf_token": csrf_token(client)}
        assert client.post("/start/request", data=form).status_code == 302
    assert instances_of(office) == 2


def test_a_double_click_on_a_decision_is_one_decision_and_no_error(office: Office) -> None:
    task = office.open_task()
    client = office.browser("manager")
    form = {
        "data": '{"opinion": "Good"}', "outcome": "approve", "revision": "1", "csrf_token": csrf_token(client)
    }  # fmt: skip
    answers = [client.post(f"/tasks/{task}/complete", data=form).status_code for _ in range(2)]
    assert answers == [302, 302]
    form["outcome"], form["comment"] = "return", "No"
    assert client.post(f"/tasks/{task}/complete", data=form).status_code == 409

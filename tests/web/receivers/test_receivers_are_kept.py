"""Receivers as administrators make them: what is refused, and what two at once do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import Office
from tests.web.receivers.sending import FIGURES, STARTING, Sender, calls, made


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "Not A Name"}, "name"),
        ({"name": "-erp"}, "name"),
        ({"authentication": "basic"}, "authentication"),
        ({"action": "format_disk"}, "action"),
        ({"target": ""}, "target"),
        ({"target": "two\nlines"}, "target"),
        ({"correlation": "{"}, "correlation"),
        ({"variables": "import os"}, "variables"),
        ({"only_when": "body["}, "only_when"),
        ({"business_key": "x" * 10_001}, "business_key"),
        ({"schema": {"type": "nothing"}}, "schema"),
        ({"schema": {"pattern": "(?=x)"}}, "schema"),
        ({"schema": {"patternProperties": {"a": {}}}}, "schema"),
        ({"schema": {"$ref": "http://127.0.0.1/schema"}}, "schema"),
        ({"time_to_live": "soon"}, "time_to_live"),
        ({"time_to_live": "P9Y"}, "time_to_live"),
        ({"groups": ["administrator"]}, "groups"),
        ({"groups": ["nobody"]}, "groups"),
        ({"id_header": "X-Id"}, "id_header"),
        ({"authentication": "bearer", "id_header": "X Id"}, "id_header"),
        ({**STARTING, "target": "nothing"}, "target"),
        ({**STARTING, "groups": []}, "groups"),
    ],
)
def test_what_cannot_work_is_refused_by_field(office: Office, wrong: dict[str, Any], field: str) -> None:
    answer = office.post("admin", "webhooks/receivers", {"name": "erp", **FIGURES, **wrong})
    assert answer.status_code == 422, answer.get_json()
    assert field in [problem["field"] for problem in answer.get_json()["errors"]]
    assert office.get("admin", "webhooks/receivers").get_json()["items"] == []


def test_a_name_is_given_once(office: Office) -> None:
    made(office)
    assert office.post("admin", "webhooks/receivers", {"name": "erp", **FIGURES}).status_code == 409


def test_who_saw_an_older_revision_is_told(office: Office) -> None:
    made(office)
    first = office.call("admin", "PUT", "webhooks/receivers/erp", json={**FIGURES, "revision": 1})
    assert (first.status_code, first.get_json()["revision"]) == (200, 2)
    second = office.call("admin", "PUT", "webhooks/receivers/erp", json={**FIGURES, "revision": 1})
    assert second.status_code == 409
    assert "admin" in second.get_json()["detail"]


def test_another_way_to_sign_in_comes_with_a_new_secret(office: Office) -> None:
    sender = made(office)
    same = office.call("admin", "PUT", "webhooks/receivers/erp", json=FIGURES)
    assert same.get_json()["secret"] is None
    assert sender.standard().status_code == 200
    other = office.call(
        "admin", "PUT", "webhooks/receivers/erp", json={**FIGURES, "authentication": "bearer"}
    )
    assert sender.standard(webhook_id="2").status_code == 401
    assert Sender(office, "erp", other.get_json()["secret"]).bearer().status_code == 200


def test_a_receiver_is_removed_with_its_calls(office: Office) -> None:
    sender = made(office)
    sender.standard()
    assert office.call("admin", "DELETE", "webhooks/receivers/erp").status_code == 204
    assert sender.standard(webhook_id="2").status_code == 401
    assert office.get("admin", "webhooks/receivers/erp").status_code == 404
    made(office)
    assert calls(office) == []

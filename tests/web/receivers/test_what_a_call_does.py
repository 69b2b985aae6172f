"""What a call does: messages, starts and readings; once, whole or not at all, and told to the operator."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from plans import indicators
from plans.indicators import Indicator
from tests.web.conftest import Office
from tests.web.receivers.sending import BODY, STARTING, calls, instances, made, outcomes
from webhooks.incoming import calls as kept
from webhooks.incoming.tables import call, seen


def history(office: Office, instance_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office.get("admin", f"instances/{instance_id}/history").get_json()["items"]
    return found


def test_a_message_reaches_the_instance_with_its_keys(office: Office) -> None:
    office.start("waiting", quarter=2)
    waiting = office.start("waiting", quarter=1)
    told = made(office).standard().get_json()
    assert told["instance_id"] == waiting["instance_id"]
    got = office.get("admin", f"instances/{told['instance_id']}/variables").get_json()["variables"]
    assert got["figures"] == [3, 4]
    assert "hook:erp" in {event["actor"] for event in history(office, told["instance_id"])}
    [shown] = calls(office)
    assert (shown["instance_id"], shown["webhook_id"], shown["bytes"]) == (told["instance_id"], "msg_1", 33)
    assert '"figures": [3, 4]' in shown["excerpt"]


def test_a_message_is_kept_while_nobody_waits(office: Office) -> None:
    told = made(office).standard().get_json()
    assert (told["status"], told["instance_id"]) == ("kept", None)
    started = office.start("waiting", quarter=1)
    assert office.get("admin", f"instances/{started['instance_id']}").get_json()["status"] == "completed"


def test_one_that_is_not_to_be_kept_is_refused_and_may_be_sent_again(office: Office) -> None:
    sender = made(office, time_to_live="PT0S")
    assert sender.standard().status_code == 404
    office.start("waiting", quarter=1)
    assert sender.standard().status_code == 200
    assert outcomes(office) == ["accepted", "refused"]


def test_what_was_done_is_not_done_again_and_answered_the_same(office: Office) -> None:
    sender = made(office, **STARTING)
    body = {"amount": 7, "key": "ORDER-1"}
    first = sender.standard(body)
    again = sender.standard(body)
    other = sender.standard({"amount": 8, "key": "ORDER-2"})
    assert first.status_code == again.status_code == 200
    assert first.get_json() == again.get_json() == other.get_json()
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(instances(office, "request")) == 1
    assert outcomes(office) == ["duplicate", "duplicate", "accepted"]


def test_ids_of_one_receiver_are_not_those_of_another(office: Office) -> None:
    for name in ("erp", "crm"):
        assert made(office, name=name, **STARTING).standard({"amount": 7, "key": "K"}).status_code == 200
    assert len(instances(office, "request")) == 2


def test_github_and_named_headers_tell_calls_apart_too(office: Office) -> None:
    body = {"amount": 7, "key": "K"}
    hub = made(office, name="hub", authentication="github", **STARTING)
    assert [hub.github(body).status_code, hub.github(body).status_code] == [200, 200]
    shop = made(office, name="shop", authentication="bearer", id_header="X-Order-Event", **STARTING)
    for _again in range(2):
        assert shop.bearer(body, **{"X-Order-Event": "77"}).status_code == 200
        assert shop.bearer(body, **{"webhook-id": "78"}).status_code == 200
    assert len(instances(office, "request")) == 3
    shop.bearer(body)
    shop.bearer(body)
    assert len(instances(office, "request")) == 5
    assert shop.bearer(body, **{"X-Order-Event": "two words"}).status_code == 422


def test_a_start_has_its_business_key_and_its_starter(office: Office) -> None:
    told = made(office, **STARTING).standard({"amount": 7, "key": "ORDER-1"}).get_json()
    started = office.get("admin", f"instances/{told['instance_id']}").get_json()
    assert (started["business_key"], started["starter"]) == ("ORDER-1", "hook:erp")
    assert history(office, told["instance_id"])[0]["actor"] == "hook:erp"


def test_what_the_start_form_refuses_is_told_and_loses_nothing(office: Office) -> None:
    sender = made(office, **STARTING)
    answer = sender.standard({"amount": 5000, "key": "K"})
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.get_json()["errors"]] == ["amount"]
    assert instances(office, "request") == []
    assert "amount" in calls(office)[0]["reason"]
    assert sender.standard({"amount": 50, "key": "K"}).status_code == 200


def test_readings_are_kept_all_or_none(office: Office) -> None:
    with office.container.database.write() as session:
        indicators.define(session, Indicator("orders", "Orders", "orders"))
    sender = made(office, action="readings", target="", correlation="", variables='{"readings": body}')
    good = {"indicator": "orders", "day": "2027-01-04", "value": 12}
    answer = sender.standard([good, {**good, "day": "yesterday"}, {**good, "indicator": "x"}, 3])
    assert answer.status_code == 422
    places = [problem["field"] for problem in answer.get_json()["errors"]]
    assert places == ["readings.1.day", "readings.2.indicator", "readings.3."]
    day = date(2027, 1, 4)
    with office.container.database.read() as session:
        assert indicators.readings(session, day, day) == {}
    assert sender.standard([good], webhook_id="msg_2").get_json()["status"] == "done"
    with office.container.database.read() as session:
        [reading] = indicators.readings(session, day, day)["orders"]
    assert (reading.value, reading.source, reading.recorded_by) == (12, "hook:erp", "hook:erp")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"a": NaN}', b"[" * 5000])
def test_what_is_not_json_is_refused(office: Office, body: bytes) -> None:
    assert made(office).standard(body).status_code in (400, 422, 401 if body == b"\xff" else 400)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_only_json_is_taken(office: Office, kind: str) -> None:
    assert made(office).standard(kind=kind).status_code == 415
    assert outcomes(office) == ["refused"]


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/cloudevents+json"])
def test_json_has_several_names(office: Office, kind: str) -> None:
    assert made(office).standard(kind=kind).status_code == 200


def test_what_is_too_large_is_refused_before_it_is_read(office: Office) -> None:
    sender = made(office)
    answer = sender.standard({"quarter": 1, "figures": "x" * (1 << 20)})
    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"
    assert outcomes(office) == ["refused"]


SCHEMA = {
    "type": "object",
    "required": ["quarter"],
    "properties": {"quarter": {"type": "integer", "maximum": 4}, "code": {"pattern": "^(a+)+$"}},
}


def test_a_schema_holds_and_names_the_place(office: Office) -> None:
    sender = made(office, schema=SCHEMA, variables="")
    answer = sender.standard({"quarter": 9})
    assert answer.status_code == 422
    assert answer.get_json()["errors"] == [
        {"field": "quarter", "message": "9 is greater than the maximum of 4"}
    ]
    assert sender.standard({"quarter": 1, "code": "a" * 10_000 + "!"}).status_code == 422
    assert sender.standard({"quarter": 1, "code": "aaa"}).status_code == 200


def test_an_expression_that_finds_nothing_is_told(office: Office) -> None:
    answer = made(office).standard({"other": 1})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == "correlation"
    assert "quarter" in calls(office)[0]["reason"]


def test_what_is_not_for_a_receiver_is_ignored(office: Office) -> None:
    only = 'headers.get("x-github-event") == "push"'
    sender = made(office, authentication="github", only_when=only)
    assert sender.github({"zen": "Speak"}, **{"X-GitHub-Event": "ping"}).get_json()["outcome"] == "ignored"
    assert sender.github(BODY, delivery="2", **{"X-GitHub-Event": "push"}).get_json()["outcome"] == "accepted"
    assert outcomes(office) == ["accepted", "ignored"]


def test_no_expression_sees_how_a_call_is_signed(office: Office) -> None:
    sender = made(office, authentication="bearer", variables='{"seen": sorted(headers.keys())}')
    office.start("waiting", quarter=1)
    told = sender.bearer(**{"Cookie": "a=b", "X-Hub-Signature-256": "x"}).get_json()
    found = office.get("admin", f"instances/{told['instance_id']}/variables").get_json()["variables"]["seen"]
    assert not {"authorization", "cookie", "x-hub-signature-256"} & set(found)
    assert "content-type" in found


def test_an_endless_expression_is_stopped(office: Office) -> None:
    slow = "len([x for x in range(100000000) for y in range(100000000)])"
    answer = made(office, variables='{"x": ' + slow + "}").standard()
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == "variables"


def test_refusals_of_one_kind_are_counted_in_one_row(office: Office) -> None:
    sender = made(office)
    for _again in range(5):
        sender.post(b"{}", {})
    [shown] = calls(office)
    assert (shown["outcome"], shown["count"]) == ("refused", 5)


def test_what_is_old_or_too_much_is_forgotten(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    sender = made(office)
    for number in range(4):
        sender.standard(webhook_id=f"msg_{number}")
    old = datetime.now(UTC) - timedelta(days=31)
    database = office.container.database
    with database.write() as session:
        session.execute(update(call).where(call.c.webhook_id == "msg_0").values(last_time=old))
        session.execute(update(seen).where(seen.c.webhook_id == "msg_0").values(created_at=old))
    monkeypatch.setattr(kept, "MOST", 2)
    office.container.engine.ensure_standing_jobs()
    assert office.container.engine.fire_due_timers() >= 1
    assert [each["webhook_id"] for each in calls(office)] == ["msg_3", "msg_2"]
    with database.read() as session:
        assert sorted(session.scalars(select(seen.c.webhook_id))) == ["msg_1", "msg_2", "msg_3"]


def test_calls_are_limited_like_the_rest_of_the_api(office: Office, settings: Any) -> None:
    from dataclasses import replace

    from tests.web.conftest import open_office

    sender = made(office)
    few = open_office(replace(settings, api_rate="3 per minute"), office.container, office.tokens)
    sender.office = few
    answers = [sender.standard(webhook_id=f"m{number}").status_code for number in range(5)]
    assert answers == [200, 200, 200, 429, 429]

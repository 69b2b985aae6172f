"""Who may post to a receiver: three ways to sign in, right and wrong, and what strangers learn."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from tests.web.conftest import Office, csrf_token
from tests.web.receivers.sending import BODY, Sender, calls, made, outcomes
from webhooks.incoming.tables import receiver


def test_a_signed_call_is_accepted(office: Office) -> None:
    office.start("waiting", quarter=1)
    answer = made(office).standard()
    assert answer.status_code == 200
    told = answer.get_json()
    assert (told["outcome"], told["id"], told["status"]) == ("accepted", "msg_1", "completed")
    assert told["instance_id"]


@pytest.mark.parametrize("wrong", ["webhook-id", "webhook-timestamp", "webhook-signature", "body", "secret"])
def test_whatever_was_not_signed_is_refused(office: Office, wrong: str) -> None:
    sender = made(office)
    content = json.dumps(BODY).encode()
    headers = sender.signature(content)
    if wrong == "body":
        content = content.replace(b"1", b"2")
    elif wrong == "secret":
        other = Sender(office, "erp", "whsec_" + "A" * 43 + "=")
        headers = other.signature(content)
    elif wrong == "webhook-timestamp":
        headers[wrong] = str(int(headers[wrong]) + 1)
    else:
        headers[wrong] = headers[wrong].replace("m", "n").replace("v1,", "v1,AAAA")
    answer = sender.post(content, headers)
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    [call] = calls(office)
    assert (call["outcome"], call["reason"], call["excerpt"]) == ("refused", "The signature is wrong.", None)


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_each_header_is_needed(office: Office, missing: str) -> None:
    sender = made(office)
    content = json.dumps(BODY).encode()
    headers = sender.signature(content)
    del headers[missing]
    assert sender.post(content, headers).status_code == 401


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("webhook-signature", "v2,abc"),
        ("webhook-signature", "v1,not base64 v1"),
        ("webhook-signature", "v1a,xyz"),
        ("webhook-timestamp", "yesterday"),
        ("webhook-timestamp", "-1"),
        ("webhook-timestamp", "9" * 12),
        ("webhook-timestamp", "٣"),
        ("webhook-id", "x" * 201),
        ("webhook-id", "two words"),
    ],
)
def test_nonsense_in_a_header_is_refused(office: Office, header: str, text: str) -> None:
    sender = made(office)
    content = json.dumps(BODY).encode()
    headers = {**sender.signature(content), header: text.encode().decode("latin-1")}
    assert sender.post(content, headers).status_code == 401


@pytest.mark.parametrize(
    ("ago", "reason"),
    [
        (timedelta(minutes=5, seconds=5), "It was signed more than five minutes ago."),
        (-timedelta(minutes=5, seconds=5), "It was signed more than five minutes in the future"),
    ],
)
def test_what_was_signed_at_another_time_is_refused(office: Office, ago: timedelta, reason: str) -> None:
    sender = made(office)
    assert sender.standard(ago=ago).status_code == 401
    assert calls(office)[0]["reason"].startswith(reason)


@pytest.mark.parametrize("ago", [timedelta(minutes=4, seconds=50), -timedelta(minutes=4, seconds=50)])
def test_clocks_may_differ_a_little(office: Office, ago: timedelta) -> None:
    assert made(office).standard(ago=ago).status_code == 200


def test_one_of_several_signatures_is_enough(office: Office) -> None:
    sender = made(office)
    content = json.dumps(BODY).encode()
    headers = sender.signature(content)
    headers["webhook-signature"] = "v1,AAAA v1a,BBBB " + headers["webhook-signature"]
    assert sender.post(content, headers).status_code == 200


def test_github_signs_the_body(office: Office) -> None:
    sender = made(office, authentication="github")
    assert sender.github().status_code == 200
    assert calls(office)[0]["webhook_id"] == "72d3162e"
    right, sender.secret = sender.secret, "another"
    assert sender.github(delivery="2").status_code == 401
    sender.secret = right
    for header in ("", "sha1=abc", "sha256=", "sha256=é"):
        written = header.encode().decode("latin-1")
        assert sender.post(b"{}", {"X-Hub-Signature-256": written}).status_code == 401


def test_who_cannot_sign_brings_a_bearer_token(office: Office) -> None:
    sender = made(office, authentication="bearer")
    assert sender.bearer().status_code == 200
    assert sender.post(b"{}", {}).status_code == 401
    for text in ("Basic abc", "Bearer", "Bearer ", "Bearer wrong", f"Bearer {sender.secret}x"):
        assert sender.post(b"{}", {"Authorization": text}).status_code == 401, text


def test_the_token_of_a_person_opens_no_receiver(office: Office) -> None:
    sender = made(office, authentication="bearer")
    sender.secret = office.tokens["admin"]
    assert sender.bearer().status_code == 401


def test_the_secret_of_a_receiver_opens_nothing_else(office: Office) -> None:
    sender = made(office, authentication="bearer")
    client = office.app.test_client()
    answer = client.get("/api/v1/me", headers={"Authorization": f"Bearer {sender.secret}"})
    assert answer.status_code == 401


def test_strangers_learn_nothing_about_which_receivers_there_are(office: Office) -> None:
    sender = made(office)
    made(office, name="closed", enabled=False)
    answers = []
    for name in ("erp", "closed", "nothing", "NOT-A-NAME", "a" * 500):
        answer = Sender(office, name, sender.secret).post(b"{}", {})
        told = answer.get_json()
        answers.append((answer.status_code, told["title"], told["detail"], told["code"]))
    assert len(set(answers)) == 1


def test_a_receiver_that_is_switched_off_takes_nothing(office: Office) -> None:
    sender = made(office, enabled=False)
    assert sender.standard().status_code == 401


def test_after_a_rotation_both_secrets_are_accepted_for_a_day(office: Office) -> None:
    sender = made(office)
    answer = office.post("admin", "webhooks/receivers/erp/rotate", {})
    fresh = Sender(office, "erp", answer.get_json()["secret"])
    assert fresh.secret != sender.secret
    assert answer.get_json()["old_secret_until"] > datetime.now(UTC).isoformat()
    assert sender.standard(webhook_id="old").status_code == 200
    assert fresh.standard(webhook_id="new").status_code == 200
    with office.container.database.write() as session:
        session.execute(receiver.update().values(old_secret_until=datetime.now(UTC) - timedelta(seconds=1)))
    assert sender.standard(webhook_id="old 2").status_code == 401
    assert sender.standard(webhook_id="old2").status_code == 401
    assert fresh.standard(webhook_id="new2").status_code == 200


def test_a_secret_that_leaked_ends_at_once(office: Office) -> None:
    sender = made(office)
    office.post("admin", "webhooks/receivers/erp/rotate", {"at_once": True})
    assert sender.standard().status_code == 401


def test_secrets_are_shown_once_and_kept_sealed(office: Office) -> None:
    sender = made(office)
    shown = office.get("admin", "webhooks/receivers/erp").get_data(as_text=True)
    assert sender.secret not in shown
    with office.container.database.read() as session:
        row = session.execute(receiver.select()).one()
    assert sender.secret.removeprefix("whsec_") not in str(row)


def test_no_secret_reaches_the_log(office: Office) -> None:
    with capture_logs() as written:
        sender = made(office, authentication="bearer")
        sender.bearer()
        sender.post(b"{}", {"Authorization": f"Bearer {sender.secret}-wrong"})
        office.post("admin", "webhooks/receivers/erp/rotate", {})
    assert sender.secret not in repr(written)
    assert "/hooks/erp" in repr(written)


def test_a_cookie_neither_helps_nor_hinders(office: Office) -> None:
    sender = made(office, authentication="bearer")
    client = office.browser("admin")
    assert client.post("/hooks/erp", json=BODY).status_code == 401
    answer = client.post("/hooks/erp", json=BODY, headers={"Authorization": f"Bearer {sender.secret}"})
    assert answer.status_code == 200
    assert outcomes(office) == ["accepted", "refused"]


def test_nothing_else_is_let_off_its_csrf_token(office: Office) -> None:
    client = office.browser("admin")
    assert client.post("/receivers/new", data={"name": "x"}).status_code == 400
    assert client.post("/api/v1/webhooks/receivers", json={"name": "x"}).status_code == 400
    token = csrf_token(client)
    answer = client.post("/api/v1/webhooks/receivers", json={"name": "x"}, headers={"X-CSRFToken": token})
    assert answer.status_code == 422


def test_only_posting_is_possible(office: Office) -> None:
    made(office)
    assert office.app.test_client().get("/hooks/erp").status_code == 405

"""Webhooks for those who keep the installation running: the pages, and the same over REST."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.outgoing import AllowList, OutgoingSettings
from plans.organisation import people
from tests.web.conftest import Office, copy_of, csrf_token, open_office
from tests.web.pages.test_acting import send, text
from tests.webhooks.receiver import Receiver, listening
from web.container import build_container
from web.speaking import say

STRANGERS = ("supervisor", "manager", "member", "designer", "machine")
EVENTS = ["org.planflow.instance.started"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


@pytest.fixture
def office(office_template: tuple[Path, dict[str, str]], tmp_path: Path) -> Iterator[Office]:
    """An installation that may reach this machine, and has a public address."""
    settings = replace(
        copy_of(office_template[0], tmp_path),
        outgoing=OutgoingSettings(allowed=AllowList.parse("127.0.0.1")),
        public_url="http://localhost",
    )
    container = build_container(settings)
    yield open_office(settings, container, office_template[1])
    container.close()


def made(office: Office, url: str, **chosen: Any) -> dict[str, Any]:
    answer = office.post("admin", "webhooks/endpoints", {"name": "ERP", "url": url, **chosen})
    assert answer.status_code == 201, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def work(office: Office) -> None:
    office.container.engine.fire_due_timers()
    office.container.engine.work_off()


def test_an_administrator_makes_a_webhook_and_is_shown_its_secret_once(
    office: Office, receiver: Receiver
) -> None:
    client = office.browser("admin")
    assert "Nobody is told" in text(client.get("/webhooks"))
    form = {"name": "<b>ERP</b>", "format": "standard", "url": receiver.url, "events": EVENTS}
    page = text(send(client, "/webhooks/new", **form))
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", page.replace("&#43;", "+"))
    assert found
    assert "&lt;b&gt;ERP&lt;/b&gt;" in page
    office.start(amount=7)
    work(office)
    assert receiver.got[0].verified(found.group())["type"] == EVENTS[0]
    [endpoint] = office.get("admin", "webhooks/endpoints").get_json()["items"]
    for path in ("/webhooks", f"/webhooks/{endpoint['id']}", f"/webhooks/{endpoint['id']}/edit"):
        assert "whsec_" not in text(client.get(path))
    assert "whsec_" not in office.get("admin", f"webhooks/endpoints/{endpoint['id']}").get_data(as_text=True)


def test_what_cannot_be_saved_is_told_at_its_field_and_nothing_typed_is_lost(office: Office) -> None:
    form = {"name": "My ERP", "format": "standard", "url": "http://10.0.0.1/", "events": EVENTS}
    answer = send(office.browser("admin"), "/webhooks/new", **form)
    assert answer.status_code == 422
    page = text(answer)
    assert "PLANFLOW_OUTGOING_ALLOW" in page
    assert 'value="My ERP"' in page
    assert f'value="{EVENTS[0]}" checked' in page


def test_a_delivery_shows_what_was_sent_and_what_came_back(office: Office, receiver: Receiver) -> None:
    endpoint = made(office, receiver.url, events=EVENTS)
    receiver.answer(500, "<script>busy</script>")
    office.start(amount=7)
    work(office)
    client = office.browser("auditor")
    page = text(client.get(f"/webhooks/{endpoint['id']}"))
    assert "Process started" in page
    assert "HTTP 500" in page
    number = re.search(r"/webhooks/deliveries/(\d+)", page)
    assert number
    page = text(client.get(number.group()))
    assert "&lt;script&gt;busy&lt;/script&gt;" in page
    assert "webhook-signature: v1,…" in page
    assert "Send again" not in page
    assert "org.planflow.instance.started" in page


def test_a_delivery_that_was_given_up_is_sent_again_from_its_page(office: Office, receiver: Receiver) -> None:
    endpoint = made(office, receiver.url, events=EVENTS)
    receiver.answer(410).then(204)
    office.start(amount=7)
    work(office)
    client = office.browser("admin")
    assert "Switched off, because the other system says that it is gone." in text(client.get("/webhooks"))
    notices = text(client.get("/notices"))
    assert "The webhook “ERP” was switched off" in notices
    page = text(client.get(f"/webhooks/{endpoint['id']}?status=failed"))
    [number] = set(re.findall(r"/webhooks/deliveries/(\d+)", page))
    assert send(client, f"/webhooks/deliveries/{number}/redeliver").status_code == 302
    work(office)
    detail = office.get("admin", f"webhooks/deliveries/{number}").get_json()
    assert detail["delivery"]["status"] == "delivered"
    assert [one["status"] for one in detail["tries"]] == [204, 410]
    assert send(client, f"/webhooks/{endpoint['id']}/switch", on="yes").status_code == 302
    assert office.get("admin", f"webhooks/endpoints/{endpoint['id']}").get_json()["enabled"]


def test_administrators_are_told_in_their_own_language(office: Office, receiver: Receiver) -> None:
    with office.container.database.write() as session:
        people.set_language(session, "admin", "zh_Hant")
    made(office, receiver.url, events=EVENTS)
    receiver.answer(410)
    office.start(amount=7)
    work(office)
    assert "Webhook「ERP」已停用" in text(office.browser("admin").get("/notices"))


def test_all_that_failed_is_sent_again(office: Office, receiver: Receiver) -> None:
    endpoint = made(office, receiver.url, events=EVENTS)
    receiver.answer(410)
    office.start(amount=7)
    work(office)
    client = office.browser("admin")
    send(client, f"/webhooks/{endpoint['id']}/switch", on="yes")
    assert "1 event is sent once more." in text(
        client.get(send(client, f"/webhooks/{endpoint['id']}/redeliver").headers["Location"])
    )


def test_a_test_event_is_sent_and_its_delivery_shown(office: Office, receiver: Receiver) -> None:
    endpoint = made(office, receiver.url)
    client = office.browser("admin")
    answer = send(client, f"/webhooks/{endpoint['id']}/test")
    work(office)
    assert "Delivered" in text(client.get(answer.headers["Location"]))
    assert receiver.types == ["test"]


def test_a_webhook_is_changed_rotated_and_deleted(office: Office, receiver: Receiver) -> None:
    endpoint = made(office, receiver.url)
    client, path = office.browser("admin"), f"/webhooks/{endpoint['id']}"
    form = {"name": "CRM", "format": "standard", "url": "", "processes": ["request"], "revision": "1"}
    assert send(client, f"{path}/edit", **form).status_code == 302
    assert send(client, f"{path}/edit", **form).status_code == 409  # somebody changed it meanwhile
    assert "whsec_" in text(send(client, f"{path}/rotate", hours="1"))
    assert "the former secret is valid until" in text(client.get(path))
    assert office.get("admin", f"webhooks/endpoints/{endpoint['id']}").get_json()["processes"] == ["request"]
    assert send(client, f"{path}/delete").status_code == 302
    assert client.get(path).status_code == 404


def test_a_robot_is_written_to_in_the_language_that_was_chosen(office: Office, receiver: Receiver) -> None:
    receiver.answer(200, '{"errcode": 0}')
    made(office, f"{receiver.url}?key=k", format="wecom", language="zh_Hant", events=EVENTS)
    office.start(amount=7)
    work(office)
    content = receiver.got[0].json["text"]["content"]
    assert content.startswith("[PlanFlow] 流程已啟動")
    assert "http://localhost/instances/" in content


def test_what_a_processs_designer_has_worded_is_told_to_groups_in_their_language() -> None:
    assert say("zh_Hant", "Review the plan", "annual_plan") != "Review the plan"
    assert say("zh_Hant", "Annual operating plan 2027", "annual_plan").startswith("年度運營計劃")
    assert say("zh_Hant", "Nobody worded this", "annual_plan") == "Nobody worded this"
    assert say("en", "Review the plan", "annual_plan") == "Review the plan"


def test_a_key_in_an_address_is_shown_to_nobody(office: Office, receiver: Receiver) -> None:
    endpoint = made(office, f"{receiver.url}/hush-hush?key=hush-hush", format="wecom")
    shown = office.get("admin", f"webhooks/endpoints/{endpoint['id']}").get_data(as_text=True)
    client = office.browser("admin")
    for page in (shown, *(text(client.get(f"/webhooks/{endpoint['id']}{end}")) for end in ("", "/edit"))):
        assert "hush-hush" not in page


@pytest.mark.parametrize("user", STRANGERS)
def test_webhooks_are_nobody_elses(office: Office, receiver: Receiver, user: str) -> None:
    endpoint = made(office, receiver.url)
    client = office.browser(user)
    for path in ("/webhooks", "/webhooks/new", f"/webhooks/{endpoint['id']}", "/webhooks/deliveries/1"):
        assert client.get(path).status_code == 403, path
    assert 'href="/webhooks"' not in text(client.get("/inbox"))


def test_an_auditor_reads_and_changes_nothing(office: Office, receiver: Receiver) -> None:
    endpoint = made(office, receiver.url)
    number = office.post("admin", f"webhooks/endpoints/{endpoint['id']}/test").get_json()["delivery_id"]
    client = office.browser("auditor")
    assert 'href="/webhooks"' in text(client.get("/inbox"))
    page = text(client.get(f"/webhooks/{endpoint['id']}"))
    assert page.count('method="post"') == text(client.get("/webhooks")).count('method="post"')
    for path in ("/webhooks/new", f"/webhooks/{endpoint['id']}/edit"):
        assert client.get(path).status_code == 403
    for path in (
        "new",
        *(f"{endpoint['id']}/{what}" for what in ("edit", "delete", "switch", "rotate", "test", "redeliver")),
        f"deliveries/{number}/redeliver",
    ):
        form = {"name": "x", "url": receiver.url, "csrf_token": csrf_token(client)}
        assert client.post(f"/webhooks/{path}", data=form).status_code == 403, path


def test_the_pages_speak_chinese(office: Office, receiver: Receiver) -> None:
    endpoint = made(office, receiver.url)
    client = office.browser("admin")
    client.set_cookie("language", "zh-Hant")
    assert "尚未試過" in text(client.get("/webhooks"))
    assert "傳送測試事件" in text(client.get(f"/webhooks/{endpoint['id']}"))

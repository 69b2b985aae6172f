"""Robots of groups get messages in their own form, signed as their makers say, and their answers are understood."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote_plus, urlsplit

import pytest

from engine import StartInstance
from tests.engine.conftest import actor
from tests.engine.xml_text import bpmn, node, way
from tests.webhooks.conftest import ADMINISTRATOR, PUBLIC, START, SUPERVISOR
from webhooks.presets import PRESETS, Message, dingtalk, feishu

CREATED = ["org.planflow.task.created"]


def send(house, receiver, form, **chosen):
    made, secret = house.endpoint(**{"url": receiver.url, "format": form, "events": CREATED, **chosen})
    assert secret is None
    started = house.start()
    house.work()
    return made, started.task_ids[0]


# The signatures, compared with what the steps of the makers' own documentation give.


def test_the_signature_of_dingtalk():
    signed = dingtalk.sign("SECabc", 1577262236757)
    assert unquote_plus(signed) == "I5TKCOTTj6fad4sJ4q9RsIffw0PAChVQZQGTdtRbNEQ="


def test_the_signature_of_feishu():
    assert feishu.sign("demo", 1599360473) == "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="


def test_dingtalk_gets_a_text_with_the_signature_in_the_query(house, receiver):
    receiver.answer(200, '{"errcode": 0, "errmsg": "ok"}')
    _made, task = send(house, receiver, "dingtalk", secret="SECabc", url=f"{receiver.url}?access_token=t")
    [got] = receiver.got
    query = parse_qs(urlsplit(got.path).query)
    assert query["access_token"] == ["t"]
    timestamp = int(query["timestamp"][0])
    assert query["sign"] == [unquote_plus(dingtalk.sign("SECabc", timestamp))]
    assert abs(timestamp / 1000 - house.clock.now.timestamp()) < 1
    content = got.json["text"]["content"]
    assert content.splitlines()[0] == "[PlanFlow] Task created"
    assert "Task: a" in content
    assert f"{PUBLIC}/tasks/{task}" in content
    assert [row.status for row in house.deliveries()] == ["delivered"]


def test_feishu_gets_a_post_signed_in_its_body(house, receiver):
    receiver.answer(200, '{"code": 0, "msg": "success", "data": {}}')
    _made, task = send(house, receiver, "feishu", secret="demo")
    [got] = receiver.got
    assert got.json["sign"] == feishu.sign("demo", int(got.json["timestamp"]))
    post = got.json["content"]["post"]["zh_cn"]
    assert post["title"] == "[PlanFlow] Task created"
    assert post["content"][-1][0] == {
        "tag": "a",
        "text": "Open in PlanFlow",
        "href": f"{PUBLIC}/tasks/{task}",
    }
    [tried] = house.webhooks.delivery(ADMINISTRATOR, house.deliveries()[0].id).tries
    assert json.loads(tried.request_body)["sign"] == "…"


def test_wecom_gets_a_text_without_a_signature(house, receiver):
    receiver.answer(200, '{"errcode": 0, "errmsg": "ok"}')
    made, task = send(house, receiver, "wecom", url=f"{receiver.url}?key=k", language="zh_Hant")
    [got] = receiver.got
    assert got.json["msgtype"] == "text"
    assert got.json["text"]["content"].startswith("[PlanFlow] zh_Hant:Task created\nzh_Hant:Task: a\n")
    assert got.json["text"]["content"].endswith(f"\n{PUBLIC}/tasks/{task}")
    assert "webhook-signature" not in got.headers
    assert made.address.endswith("/…?…")


def test_times_are_told_as_the_readers_have_them(house, receiver):
    receiver.answer(200, '{"errcode": 0}')
    send(house, receiver, "wecom")
    due = (house.clock.now + timedelta(hours=1 + 8)).strftime("%Y-%m-%d %H:%M")
    assert f"Due: {due}" in receiver.got[0].json["text"]["content"]


@pytest.mark.parametrize(
    ("form", "refusal", "good"),
    [
        ("dingtalk", '{"errcode": 310000, "errmsg": "keywords not in content"}', '{"errcode": 0}'),
        ("feishu", '{"code": 19021, "msg": "sign match fail"}', '{"code": 0}'),
        ("wecom", '{"errcode": 93000, "errmsg": "invalid webhook url"}', '{"errcode": 0}'),
        ("wecom", "<html>ok</html>", '{"errcode": 0}'),
        ("wecom", r'{"errcode": 1, "errmsg": "a\u0000b\ud800c"}', '{"errcode": 0}'),
        ("wecom", '{"errcode": true}', '{"errcode": 0}'),
    ],
)
def test_a_refusal_in_an_answer_with_status_200_is_a_failure_and_tried_again(
    house, receiver, form, refusal, good
):
    receiver.answer(200, refusal).then(200, good)
    send(house, receiver, form)
    [waiting] = house.deliveries()
    assert waiting.status == "pending"
    assert waiting.error
    house.work_for(minutes=1)
    assert [row.status for row in house.deliveries()] == ["delivered"]


@pytest.mark.parametrize(
    ("form", "answer"),
    [
        ("dingtalk", '{"errcode": 130101, "errmsg": "send too fast"}'),
        ("feishu", '{"code": 11232, "msg": "frequency limited"}'),
        ("wecom", '{"errcode": 45009, "errmsg": "api freq out of limit"}'),
    ],
)
def test_a_robot_that_is_written_to_too_often_is_left_alone_for_a_minute(house, receiver, form, answer):
    receiver.answer(200, answer).then(200, '{"errcode": 0, "code": 0}')
    send(house, receiver, form)
    house.work_for(seconds=55)
    assert len(receiver.got) == 1
    house.work_for(seconds=30)
    assert len(receiver.got) == 2


def test_a_title_can_neither_add_lines_nor_mention_everybody(house, receiver):
    title = "Budget\nTask: sign here <at user_id='all'>"
    task = node("userTask", "a", planflow_candidateGroups="operations_supervisor")
    body = START + task + node("endEvent", "e") + way("s", "a", "e")
    files = {"process.bpmn": bpmn(body, key="t", planflow_title="=about")}
    house.engine.deploy(files, actor("designer"), "t")
    receiver.answer(200, '{"code": 0}')
    house.endpoint(receiver.url, format="feishu", events=CREATED)
    house.engine.execute(StartInstance("t", {"about": title}), SUPERVISOR)
    house.work()
    lines = receiver.got[0].json["content"]["post"]["zh_cn"]["content"]
    assert all(part["tag"] in ("text", "a") for line in lines for part in line)
    assert all("\n" not in part["text"] for line in lines for part in line)


def test_a_long_message_fits_and_keeps_its_link():
    message = Message(
        "t" * 100, tuple("會" * 200 for _each in range(12)), "https://x.example/tasks/1", "Open"
    )
    posted = PRESETS["wecom"].post("https://x.example", None, message, datetime.now(UTC))
    content = posted.body["text"]["content"]
    assert len(content.encode()) <= 2048
    assert content.endswith("https://x.example/tasks/1")

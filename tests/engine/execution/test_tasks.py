"""What tasks do in BPMN's own terms, BPMN 2.0.2 §10.3.3 and §10.3.4, and whose they are."""

from __future__ import annotations

import pytest

from tests.engine.conftest import names
from tests.engine.execution.lives import Life
from tests.engine.xml_text import bpmn, in_and_out, many, node, read_from, takes, way, write_to

START, END = node("startEvent", "s"), node("endEvent", "e")
ORDER = '<bpmn:dataObject id="obj" name="order"/><bpmn:dataObjectReference id="ref" dataObjectRef="obj"/>'
INTERFACE = (
    '<bpmn:message id="ask" name="ask"/><bpmn:interface id="i" name="I">'
    '<bpmn:operation id="op" name="Pay" implementationRef="pay">'
    "<bpmn:inMessageRef>ask</bpmn:inMessageRef></bpmn:operation></bpmn:interface>"
)


def test_a_service_task_calls_the_operation_of_an_interface_with_its_data(engine, deploy, operations):
    operations["pay"] = lambda _context, given: {"receipt": given["amount"] * 2}
    body = takes("amount", gives="answer") + read_from("ref", "amount_in") + write_to("ref", "answer_out")
    deploy(
        bpmn(
            START
            + ORDER
            + node("serviceTask", "call", body, operationRef="op")
            + END
            + way("s", "call", "e"),
            definitions=INTERFACE,
        )
    )
    life = Life(engine, order=4)
    assert (life.status, life.variables()) == ("completed", {"order": 8})


def test_each_repetition_of_a_service_task_has_its_own_answer(engine, deploy, operations):
    operations["pay"] = lambda _context, given: {"receipt": given["amount"] * 2}
    given = in_and_out({"amount": "=x"})
    each = many(
        planflow_collection="=[1, 2]",
        planflow_elementVariable="x",
        planflow_outputCollection="receipts",
        planflow_outputElement="=receipt",
    )
    body = given + takes(gives="receipt") + each
    deploy(
        bpmn(
            START + node("serviceTask", "call", body, planflow_operation="pay") + END + way("s", "call", "e")
        )
    )
    assert Life(engine).variables() == {"receipts": [2, 4]}


def test_a_failing_answer_undoes_the_operation_and_the_retry_calls_it_once_more(engine, deploy, operations):
    calls = []
    operations["pay"] = lambda _context, _given: calls.append(1) or {"n": len(calls)}
    taken = in_and_out(outputs={"m": "=result[key]"})
    other = node("userTask", "other", planflow_assignee="administrator")
    deploy(
        bpmn(
            START
            + node("serviceTask", "call", taken, planflow_operation="pay")
            + other
            + way("s", "call")
            + way("s", "other")
        )
    )
    life = Life(engine)
    life.do("other", key="n")
    life.retry()
    assert (life.status, life.variables()["m"], len(calls)) == ("completed", 2, 2)


@pytest.mark.parametrize("how", ['messageRef="ask"', 'operationRef="op"'])
def test_a_send_task_sends_its_message_or_that_of_its_operation(trial, how):
    send = f'<bpmn:sendTask id="send" {how}>{takes("amount")}{read_from("ref", "amount_in")}</bpmn:sendTask>'
    receive = node("receiveTask", "receive", messageRef="ask")
    file = bpmn(
        START + ORDER + send + receive + END + way("s", "send", "receive", "e"), definitions=INTERFACE
    )
    result = trial(file, {"order": 3})
    assert (names(result), result.data["amount"]) == (["s", "send", "receive", "e"], 3)


def test_a_send_task_may_call_an_operation_that_sends(engine, deploy, operations):
    sent = []
    operations["mail"] = lambda _context, given: sent.append(dict(given)) or {}
    given = in_and_out({"to": "=order"})
    deploy(
        bpmn(
            START
            + ORDER
            + node("sendTask", "send", given, planflow_operation="mail")
            + END
            + way("s", "send", "e")
        )
    )
    assert (Life(engine, order="x").status, sent) == ("completed", [{"to": "x"}])


def test_a_receive_task_fills_its_data_output(engine, deploy):
    body = takes(gives="paid") + write_to("ref", "paid_out")
    sender = bpmn(
        START
        + node(
            "sendTask",
            "send",
            in_and_out({"n": "=7"}),
            messageRef="ask",
        )
        + END
        + way("s", "send", "e"),
        key="q",
        definitions=INTERFACE,
    )
    deploy(
        bpmn(
            START + ORDER + node("receiveTask", "wait", body, messageRef="ask") + END + way("s", "wait", "e"),
            definitions=INTERFACE,
        ),
        q__bpmn=sender,
    )
    life = Life(engine)
    Life(engine, "q")
    assert (life.variables(), life.left_over()) == ({"order": 7}, 0)


# Whose they are


def test_a_human_performer_is_the_assignee_and_potential_owners_are_candidates(engine, deploy):
    def role(kind: str, expression: str) -> str:
        text = f"<bpmn:formalExpression>{expression}</bpmn:formalExpression>"
        text = f"<bpmn:resourceAssignmentExpression>{text}</bpmn:resourceAssignmentExpression>"
        return f"<bpmn:{kind}>{text}</bpmn:{kind}>"

    tasks = (
        node("userTask", "one", role("humanPerformer", "manager"))
        + node("userTask", "two", role("potentialOwner", "user(manager), group(team_member)"))
        + node("userTask", "three", role("potentialOwner", "superior"))
        + node("userTask", "four", role("humanPerformer", "=superior(boss)"))
    )
    deploy(bpmn(START + tasks + "".join(way("s", t) for t in ("one", "two", "three", "four"))))
    life = Life(engine, boss="superior")
    assert life.offered("one") == ("manager", [])
    assert life.offered("two") == (None, ["manager", "team_member"])
    assert life.offered("three") == (None, ["superior"])
    assert life.offered("four") == ("manager", [])


def lane(group: str, *elements: str, inside: str = "", name: str = "") -> str:
    refs = "".join(f"<bpmn:flowNodeRef>{e}</bpmn:flowNodeRef>" for e in elements)
    return f'<bpmn:lane name="{name}"{group and f""" planflow:group="{group}" """}>{refs}{inside}</bpmn:lane>'


def test_the_innermost_lane_decides_the_group(engine, deploy):
    inner = f"<bpmn:childLaneSet>{lane('team_member', 'b')}{lane('', 'c')}</bpmn:childLaneSet>"
    lanes = f"<bpmn:laneSet>{lane('superior', 'a', 'b', 'c', inside=inner)}</bpmn:laneSet>"
    deploy(
        bpmn(
            lanes + START + "".join(node("userTask", t) for t in "abc") + "".join(way("s", t) for t in "abc")
        )
    )
    life = Life(engine)
    assert [life.offered(t)[1] for t in "abc"] == [["superior"], ["team_member"], ["superior"]]


def test_tasks_in_a_sub_process_belong_to_its_lane_or_to_one_inside_it(engine, deploy):
    inside = (
        f"<bpmn:laneSet>{lane('team_member', 'b')}</bpmn:laneSet>"
        + node("userTask", "a")
        + node("userTask", "b")
    )
    lanes = f"<bpmn:laneSet>{lane('superior', 'sub')}</bpmn:laneSet>"
    deploy(bpmn(lanes + START + node("subProcess", "sub", inside) + way("s", "sub")))
    life = Life(engine)
    assert (life.offered("a")[1], life.offered("b")[1]) == (["superior"], ["team_member"])

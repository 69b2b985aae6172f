"""Errors and escalations (BPMN 2.0.2 §10.5.1, §10.5.5): both travel outwards to the innermost event that catches them.

An error is critical and fails the instance if nothing catches it; an escalation that nobody catches is no harm.
"""

from __future__ import annotations

import pytest

from tests.engine.conftest import names
from tests.engine.execution.running import NOTHING, start
from tests.engine.xml_text import (
    boundary,
    bpmn,
    end,
    error,
    escalation,
    event_sub_process,
    mapped,
    node,
    root,
    script,
    throw,
    way,
    with_process,
)

S, E = node("startEvent", "s"), node("endEvent", "e")
UP = root("escalation", "up", escalationCode="UP") + root("escalation", "other", escalationCode="OTHER")
BAD = root("error", "bad", errorCode="BAD") + root("error", "worse", errorCode="WORSE")
ANY_ERROR, ANY_ESCALATION = "<bpmn:errorEventDefinition/>", "<bpmn:escalationEventDefinition/>"


def escalating(*thrown: str) -> str:
    """A sub-process that throws and goes on."""
    throws = "".join(throw(f"t{n}", definition) for n, definition in enumerate(thrown))
    steps = [f"t{n}" for n in range(len(thrown))]
    return node(
        "subProcess", "sub", node("startEvent", "is") + throws + node("task", "on") + way("is", *steps, "on")
    )


def failing(code: str = "bad", *more: str) -> str:
    return node(
        "subProcess",
        "sub",
        node("startEvent", "is") + end("ie", error(code)) + way("is", "ie") + "".join(more),
    )


def test_an_escalation_that_nobody_catches_is_no_harm(trial):
    result = trial(bpmn(S + escalating(escalation("up")) + E + way("s", "sub", "e"), definitions=UP))
    assert (result.state, names(result)) == ("completed", ["s", "is", "t0", "on", "sub", "e"])


def test_an_escalation_that_does_not_interrupt_is_handled_beside_the_activity(trial):
    file = bpmn(
        S + escalating(escalation("up")) + boundary("heard", "sub", escalation("up"), interrupting=False) + E
        + node("task", "note") + way("s", "sub", "e") + way("heard", "note"),
        definitions=UP,
    )  # fmt: skip
    result = trial(file)
    assert sorted(names(result)) == sorted(["s", "is", "t0", "heard", "on", "note", "sub", "e"])
    assert names(result, "cancelled") == []


def test_an_escalation_that_interrupts_interrupts_what_threw_it(trial):
    file = bpmn(
        S + escalating(escalation("up")) + boundary("heard", "sub", escalation("up")) + E
        + node("task", "note") + way("s", "sub", "e") + way("heard", "note"),
        definitions=UP,
    )  # fmt: skip
    result = trial(file)
    assert (names(result), names(result, "cancelled")) == (["s", "is", "t0", "heard", "note"], ["sub"])


def test_each_escalation_is_handled_however_many_there_are(trial):
    file = bpmn(
        S + escalating(*[escalation("up")] * 3) + boundary("heard", "sub", escalation("up"), interrupting=False) + E
        + script("count", "n = n + 1") + way("s", "sub", "e") + way("heard", "count"),
        definitions=UP,
    )  # fmt: skip
    assert trial(file, {"n": 0}).data["n"] == 3


def test_the_event_for_just_this_code_comes_before_the_one_for_any(trial):
    file = bpmn(
        S + escalating(escalation("up")) + boundary("any", "sub", ANY_ESCALATION, interrupting=False)
        + boundary("this", "sub", escalation("up"), interrupting=False)
        + boundary("that", "sub", escalation("other"), interrupting=False) + E + way("s", "sub", "e")
        + "".join(node("task", f"{n}_on") + way(n, f"{n}_on") for n in ("any", "this", "that")),
        definitions=UP,
    )  # fmt: skip
    result = trial(file)
    assert {n for n in names(result) if n.endswith("_on")} == {"this_on"}
    assert result.data == {"escalation_code": "UP"}


def test_an_escalation_ends_its_search_at_the_innermost_event_that_catches_it(trial):
    inner = node(
        "subProcess", "inner",
        node("startEvent", "iis") + end("iie", escalation("up")) + way("iis", "iie"),
    )  # fmt: skip
    outer = node(
        "subProcess", "outer",
        node("startEvent", "is") + inner + boundary("near", "inner", ANY_ESCALATION, interrupting=False)
        + node("task", "near_on") + way("is", "inner") + way("near", "near_on"),
    )  # fmt: skip
    file = bpmn(
        S + outer + boundary("far", "outer", escalation("up"), interrupting=False) + node("task", "far_on")
        + way("s", "outer") + way("far", "far_on"),
        definitions=UP,
    )  # fmt: skip
    result = trial(file)
    assert ("near_on" in names(result), "far_on" in names(result)) == (True, False)


def test_an_event_sub_process_that_throws_on_what_it_handles_does_not_catch_that_itself(trial):
    """It hands the escalation on to the scope outside."""
    again = event_sub_process(
        "h", escalation("up"), end("he", escalation("up")) + way("h_s", "he"), interrupting=False
    )
    body = node("startEvent", "is") + throw("t", escalation("up")) + way("is", "t") + again
    file = bpmn(
        S + node("subProcess", "sub", body) + boundary("heard", "sub", escalation("up"), interrupting=False)
        + node("task", "note") + E + way("s", "sub", "e") + way("heard", "note"),
        definitions=UP,
    )  # fmt: skip
    result = trial(file)
    assert result.state == "completed"
    assert [names(result).count(n) for n in ("h", "note")] == [1, 1]


def test_an_escalation_of_a_called_process_reaches_the_call_activity(trial):
    called = S.replace('"s"', '"qs"') + end("qe", escalation("up")) + way("qs", "qe")
    calling = (
        S + node("callActivity", "call", calledElement="q") + node("task", "note") + E
        + boundary("heard", "call", escalation("up"), interrupting=False) + way("s", "call", "e") + way("heard", "note")
    )  # fmt: skip
    file = with_process(bpmn(calling, definitions=UP), "q", called)
    result = trial(file)
    assert (result.state, "note" in names(result), names(result, "cancelled")) == ("completed", True, [])


def test_an_error_of_one_repetition_ends_them_all(engine, deploy):
    each = '<bpmn:multiInstanceLoopCharacteristics planflow:collection="=[1, 2, 3]" planflow:elementVariable="n"/>'
    body = (
        each + node("startEvent", "is") + node("userTask", "work") + node("exclusiveGateway", "ok", default="ok_fine")
        + node("endEvent", "fine") + end("broken", error("bad")) + way("is", "work", "ok", "fine")
        + '<bpmn:sequenceFlow id="ok_broken" sourceRef="ok" targetRef="broken">'
        "<bpmn:conditionExpression>n == 2</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )  # fmt: skip
    file = bpmn(
        S + node("subProcess", "sub", body) + boundary("caught", "sub", error("bad")) + end("off") + E
        + way("s", "sub", "e") + way("caught", "off"),
        definitions=BAD,
    )  # fmt: skip
    running = start(engine, deploy, file)
    running.complete("work")
    assert running.open_tasks == ["work", "work"]
    running.complete("work")
    assert (running.status, running.left_behind) == ("completed", NOTHING)
    assert running.cancelled == ["sub", "work", "sub"]
    assert running.variables == {"error_code": "BAD", "error_message": "bad"}


def test_an_error_event_sub_process_handles_what_is_thrown_in_its_scope_and_the_scope_goes_on(trial):
    handler = event_sub_process("h", error("bad"), node("task", "mend") + way("h_s", "mend"))
    result = trial(bpmn(S + failing("bad", handler) + E + way("s", "sub", "e"), definitions=BAD))
    assert names(result) == ["s", "is", "ie", "h_s", "mend", "h", "sub", "e"]


def test_an_error_thrown_by_its_own_handler_goes_on_outwards(trial):
    handler = event_sub_process("h", ANY_ERROR, end("he", error("worse")) + way("h_s", "he"))
    file = bpmn(
        S + failing("bad", handler) + boundary("caught", "sub", error("worse")) + end("off") + E
        + way("s", "sub", "e") + way("caught", "off"),
        definitions=BAD,
    )  # fmt: skip
    result = trial(file)
    assert names(result) == ["s", "is", "ie", "h_s", "he", "caught", "off"]
    assert names(result, "cancelled") == ["h", "sub"]


def test_an_error_carries_its_code_and_message_to_what_the_event_maps(trial):
    outputs = mapped(out_why="=message[&quot;error_code&quot;] + message[&quot;error_message&quot;]")
    file = bpmn(
        S + script("work", 'bpmn_error("BAD", "no figures")') + boundary("caught", "work", outputs, error("bad"))
        + end("off") + E + way("s", "work", "e") + way("caught", "off"),
        definitions=BAD,
    )  # fmt: skip
    assert trial(file).data == {"why": "BADno figures"}


@pytest.mark.parametrize("place", ["boundary", "event sub-process"])
def test_an_error_interrupts_before_anything_else_in_its_scope_moves(trial, place):
    """§10.5.4: what is beside the thrower does not take another step."""
    inside = (
        node("startEvent", "is") + node("parallelGateway", "f") + end("ie", error("bad")) + node("task", "beside")
        + way("is", "f", "ie") + way("f", "beside")
    )  # fmt: skip
    handler = event_sub_process("h", error("bad"), node("task", "mend") + way("h_s", "mend"))
    caught = boundary("caught", "sub", error("bad")) + node("task", "mend") + way("caught", "mend")
    sub = node("subProcess", "sub", inside + (handler if place == "event sub-process" else ""))
    result = trial(bpmn(S + sub + way("s", "sub") + (caught if place == "boundary" else ""), definitions=BAD))
    assert "beside" not in names(result)
    assert "beside" in names(result, "cancelled") or "beside" not in names(result, "entered")
    assert "mend" in names(result)


def test_an_instance_that_fails_leaves_nothing_behind(engine, deploy):
    file = bpmn(
        S + node("parallelGateway", "f") + node("userTask", "beside") + node("userTask", "work")
        + end("ie", error("bad")) + way("s", "f", "beside") + way("f", "work", "ie"),
        definitions=BAD,
    )  # fmt: skip
    running = start(engine, deploy, file)
    running.complete("work")
    assert (running.status, running.left_behind, running.cancelled) == ("failed", NOTHING, ["beside"])
    assert running.completed == ["s", "f", "work", "ie"]

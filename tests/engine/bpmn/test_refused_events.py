"""Events that could not do what their drawing says are refused at deployment, by element (BPMN 2.0.2 §10.5, §10.7)."""

from __future__ import annotations

import pytest

from engine import NotDeployable
from engine.bpmn.reader import read_bpmn
from tests.engine.xml_text import (
    CANCEL,
    boundary,
    bpmn,
    catch,
    compensate,
    conditional,
    end,
    error,
    event_sub_process,
    handled_by,
    link,
    node,
    root,
    throw,
    way,
)

S, E = node("startEvent", "s"), node("endEvent", "e")
INNER = node("subProcess", "inner", node("startEvent", "is") + node("task", "b") + way("is", "b"))
ON_TASK = S + node("task", "a") + E + way("s", "a", "e")


def refused(body: str) -> list[tuple[str | None, str]]:
    definitions = root("error", "bad", errorCode="BAD")
    with pytest.raises(NotDeployable) as found:
        read_bpmn(bpmn(body, definitions=definitions), "p.bpmn")
    return [(problem.element, problem.rule) for problem in found.value.problems]


@pytest.mark.parametrize(
    ("body", "element", "rule"),
    [
        (S + INNER + end("x", compensate("b")) + way("s", "inner", "x"), "x", "bpmn.compensation"),
        (ON_TASK + event_sub_process("x", compensate(), node("task", "u") + way("x_s", "u")), "x", "bpmn.compensation"),
        (ON_TASK + boundary("x", "a", CANCEL), "x", "bpmn.cancel"),
        (ON_TASK + boundary("x", "a", error("bad"), interrupting=False), "x", "bpmn.boundary"),
        (ON_TASK + event_sub_process("h", error("bad"), node("task", "u") + way("h_s", "u"), interrupting=False),
         "h_s", "bpmn.event-sub-process"),
        (ON_TASK + boundary("x", "a", compensate()), "x", "bpmn.compensation"),
        (ON_TASK + catch("x", link("l")) + catch("y", link("l")) + way("x", "e"), "x", "bpmn.link"),
        (ON_TASK + boundary("x", "a", conditional("True"), error("bad"), parallelMultiple="true"), "x", "bpmn.event"),
        (node("startEvent", "x", conditional("n &gt; 1")) + E + way("x", "e"), "x", "bpmn.start"),
    ],
    ids=[
        "what is compensated by name stands in another scope", "a process cannot be compensated as a whole",
        "only transactions are cancelled", "errors interrupt", "errors interrupt an event sub-process too",
        "a compensation event leads to its handler", "a link is caught in one place",
        "an error is not waited for together with something else", "no condition starts a process",
    ],
)  # fmt: skip
def test_an_event_that_could_not_do_what_it_says_is_refused(body, element, rule):
    assert (element, rule) in refused(body)


def test_an_event_sub_process_may_name_what_it_compensates_in_the_scope_around_it():
    handler = event_sub_process("h", error("bad"), end("he", compensate("a")) + way("h_s", "he"))
    undo = handled_by("a", "un_a") + node("task", "un_a", isForCompensation="true")
    file = bpmn(ON_TASK + undo + handler, definitions=root("error", "bad", errorCode="BAD"))
    assert read_bpmn(file, "p.bpmn")[1] == []


def test_a_repeated_activity_cannot_throw_what_can_only_be_caught():
    shared = '<bpmn:timerEventDefinition id="shared"><bpmn:timeDate>2027-01-01</bpmn:timeDate></bpmn:timerEventDefinition>'
    each = (
        '<bpmn:multiInstanceLoopCharacteristics behavior="One" oneBehaviorEventRef="shared"'
        ' planflow:collection="=[1, 2]"/>'
    )
    with pytest.raises(NotDeployable) as found:
        read_bpmn(bpmn(S + node("task", "x", each) + way("s", "x"), definitions=shared), "p.bpmn")
    assert [(p.element, p.rule) for p in found.value.problems] == [("x", "bpmn.multi-instance")]


def test_an_activity_for_compensation_that_nothing_leads_to_is_pointed_out():
    file = bpmn(ON_TASK + node("task", "un_a", isForCompensation="true"))
    assert [(p.element, p.rule) for p in read_bpmn(file, "p.bpmn")[1]] == [("un_a", "bpmn.unreachable")]


def test_what_a_handler_leads_to_by_its_boundary_event_can_be_reached():
    undo = handled_by("a", "un_a") + node("userTask", "un_a", isForCompensation="true")
    file = bpmn(
        ON_TASK + undo + boundary("failed", "un_a", error("bad")) + node("task", "mend") + way("failed", "mend")
        + throw("undo", compensate("a")) + way("a", "undo"),
        definitions=root("error", "bad", errorCode="BAD"),
    )  # fmt: skip
    assert read_bpmn(file, "p.bpmn")[1] == []

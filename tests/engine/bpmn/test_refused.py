"""What the engine does not execute is refused whole, by resource and element, with a reason."""

from __future__ import annotations

import pytest

from engine import NotDeployable
from engine.bpmn.reader import read_bpmn
from engine.bpmn.support import RULES
from tests.engine.xml_text import HEAD, bpmn, flow, node, timer, way

START, END = node("startEvent", "s"), node("endEvent", "e")


def problems(content: bytes) -> list[tuple[str | None, str]]:
    with pytest.raises(NotDeployable) as refused:
        read_bpmn(content, "plan.bpmn")
    assert {p.resource for p in refused.value.problems} == {"plan.bpmn"}
    assert all(p.reason for p in refused.value.problems)
    return [(p.element, p.rule) for p in refused.value.problems]


@pytest.mark.parametrize(
    ("element", "body"),
    [
        ("x", node("complexGateway", "x")),
        ("x", node("sendTask", "x")),
        ("x", node("adHocSubProcess", "x")),
        ("x", node("transaction", "x")),
        ("x", node("intermediateCatchEvent", "x", "<bpmn:signalEventDefinition/>")),
        ("x", node("intermediateCatchEvent", "x", "<bpmn:conditionalEventDefinition/>")),
        ("x", node("intermediateThrowEvent", "x", "<bpmn:compensateEventDefinition/>")),
        ("x", node("intermediateThrowEvent", "x", "<bpmn:linkEventDefinition/>")),
        ("x", node("endEvent", "x", "<bpmn:signalEventDefinition/>")),
        ("x", node("task", "x", "<bpmn:standardLoopCharacteristics/>")),
        ("x", node("task", "x", "<bpmn:ioSpecification/>")),
        ("x", node("task", "x", isForCompensation="true")),
        ("x", node("task", "x", startQuantity="2")),
        ("x", node("task", "x", completionQuantity="2")),
        ("x", node("receiveTask", "x", instantiate="true")),
        ("x", node("eventBasedGateway", "x", instantiate="true")),
        ("x", node("scriptTask", "x", "<bpmn:script>x = 1</bpmn:script>", scriptFormat="javascript")),
        ("x", '<bpmn:dataObject id="x"/>'),
        ("x", node("userTask", "x", planflow_asignee="typo")),
        ("x", node("userTask", "x", madeUp="1")),
        ("x", node("intermediateCatchEvent", "x", "<bpmn:eventDefinitionRef>y</bpmn:eventDefinitionRef>")),
    ],
)
def test_an_element_or_attribute_without_execution_is_named(element, body):
    assert element in [found for found, _rule in problems(bpmn(START + body + way("s", "x")))]


@pytest.mark.parametrize(
    ("rule", "content"),
    [
        ("bpmn.no-process", f"{HEAD}</bpmn:definitions>".encode()),
        ("bpmn.not-executable", bpmn(START).replace(b' isExecutable="true"', b"")),
        ("bpmn.empty", bpmn("")),
        ("bpmn.duplicate-id", bpmn(START + node("task", "s"))),
        ("bpmn.id", bpmn(START, key="p" * 201)),
        ("bpmn.flow", bpmn(START + way("s", "nowhere"))),
        ("bpmn.start", bpmn(START + node("task", "a") + way("a", "s"))),
        ("bpmn.start", bpmn(node("startEvent", "s", timer("timeCycle", "R/P1D")))),
        ("bpmn.end", bpmn(START + END + node("task", "a") + way("e", "a"))),
        ("bpmn.default", bpmn(START + node("exclusiveGateway", "g", default="s_g") + way("s", "g"))),
        ("bpmn.condition", bpmn(START + node("exclusiveGateway", "g") + node("task", "a") + node("task", "b")
                                + way("s", "g", "a") + way("g", "b"))),
        ("bpmn.condition", bpmn(START + node("parallelGateway", "g") + node("task", "a") + way("s", "g")
                                + flow("g", "a", "True"))),
        ("bpmn.event-gateway", bpmn(START + node("eventBasedGateway", "g") + node("task", "a")
                                    + way("s", "g", "a"))),
        ("bpmn.boundary", bpmn(START + node("boundaryEvent", "b", timer("timeDuration", "P1D"),
                                            attachedToRef="s"))),
        ("bpmn.timer", bpmn(START + node("intermediateCatchEvent", "t", "<bpmn:timerEventDefinition/>"))),
        ("bpmn.message", bpmn(START + node("receiveTask", "r"))),
        ("bpmn.error", bpmn(START + node("endEvent", "x", "<bpmn:errorEventDefinition/>"))),
        ("bpmn.operation", bpmn(START + node("serviceTask", "x"))),
        ("bpmn.decision", bpmn(START + node("businessRuleTask", "x"))),
        ("bpmn.called-element", bpmn(START + node("callActivity", "x"))),
        ("bpmn.script", bpmn(START + node("scriptTask", "x"))),
        ("bpmn.multi-instance", bpmn(START + node("task", "x", "<bpmn:multiInstanceLoopCharacteristics/>"))),
        ("bpmn.root", b"<html/>"),
        ("xml.doctype", b'<!DOCTYPE x [<!ENTITY y "z">]><x/>'),
    ],
)  # fmt: skip
def test_a_model_that_could_not_run_as_drawn_is_refused(rule, content):
    assert rule in [found for _element, found in problems(content)]


def test_every_problem_is_reported_at_once():
    found = problems(bpmn(START + node("sendTask", "x") + node("complexGateway", "y")))
    assert {element for element, _rule in found} >= {"x", "y"}


def test_what_other_tools_added_is_a_warning():
    content = bpmn(START + END + way("s", "e")).replace(
        b'id="definitions"',
        b'id="definitions" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" camunda:x="1"',
    )
    _model, warnings = read_bpmn(content, "plan.bpmn")
    assert [w.severity for w in warnings] == ["warning"]


def test_the_table_names_only_children_that_it_describes():
    described = set(RULES) | {"BPMNDiagram"}
    assert {child for rule in RULES.values() for child in rule.children} <= described

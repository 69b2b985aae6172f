"""What the engine does not execute is refused whole, by resource and element, with a reason."""

from __future__ import annotations

import pytest

from engine import NotDeployable
from engine.bpmn.reader import read_bpmn
from engine.bpmn.support import DOCUMENTATION_ONLY, RULES
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
        ("x", node("sendTask", "x")),
        ("x", node("implicitThrowEvent", "x")),
        ("x", node("choreographyTask", "x")),
        ("x", node("adHocSubProcess", "x", node("startEvent", "i") + node("task", "t"))),
        ("x", node("adHocSubProcess", "x")),
        ("x", node("transaction", "x", method="##Store")),
        ("x", node("transaction", "x", node("endEvent", "c", "<bpmn:cancelEventDefinition/>"))),
        ("x", node("endEvent", "x", "<bpmn:cancelEventDefinition/>")),
        ("x", node("intermediateCatchEvent", "x", "<bpmn:signalEventDefinition/>")),
        ("x", node("intermediateCatchEvent", "x", "<bpmn:conditionalEventDefinition/>")),
        ("x", node("intermediateCatchEvent", "x", "<bpmn:compensateEventDefinition/>")),
        ("x", node("intermediateThrowEvent", "x", timer("timeDuration", "P1D"))),
        ("x", node("intermediateThrowEvent", "x", "<bpmn:linkEventDefinition/>")),
        ("x", node("intermediateThrowEvent", "x", '<bpmn:linkEventDefinition name="nowhere"/>')),
        ("x", node("endEvent", "x", "<bpmn:signalEventDefinition/>")),
        ("x", node("task", "x", "<bpmn:standardLoopCharacteristics/>")),
        ("x", node("task", "x", '<bpmn:standardLoopCharacteristics loopMaximum="many"/>')),
        ("role", node("task", "x", '<bpmn:resourceRole id="role"/>')),
        ("x", node("task", "x", isForCompensation="true")),
        ("x", node("task", "x", startQuantity="0")),
        ("x", node("task", "x", completionQuantity="-2")),
        ("x", node("receiveTask", "x", instantiate="true")),
        ("x", node("eventBasedGateway", "x", instantiate="true")),
        ("x", node("eventBasedGateway", "x", eventGatewayType="Parallel")),
        ("x", node("scriptTask", "x", "<bpmn:script>x = 1</bpmn:script>", scriptFormat="javascript")),
        ("x", node("task", "x", "<bpmn:dataOutputAssociation/>")),
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
        ("bpmn.start", bpmn(node("startEvent", "s", "<bpmn:errorEventDefinition/>"))),
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
    found = problems(bpmn(START + node("sendTask", "x") + node("serviceTask", "y")))
    assert {element for element, _rule in found} >= {"x", "y"}


def test_what_other_tools_added_is_a_warning():
    content = bpmn(START + END + way("s", "e")).replace(
        b'id="definitions"',
        b'id="definitions" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" camunda:x="1"',
    )
    _model, warnings = read_bpmn(content, "plan.bpmn")
    assert [w.severity for w in warnings] == ["warning"]


def test_the_table_names_only_children_that_it_describes():
    described = set(RULES) | DOCUMENTATION_ONLY
    assert {child for rule in RULES.values() for child in rule.children} <= described

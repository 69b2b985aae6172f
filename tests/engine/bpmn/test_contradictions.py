"""Where a model says two things, neither is ignored: the file is refused, and the element named."""

from __future__ import annotations

import pytest

from engine import NotDeployable
from engine.bpmn.reader import read_bpmn
from tests.engine.bpmn.corpus import DEFINED, ITEM, MESSAGE, PAID, catch, sub, tag
from tests.engine.xml_text import bpmn, flow, node, timer, way

S, E = node("startEvent", "s"), node("endEvent", "e")
COMPENSATE = tag("compensateEventDefinition")
WITH_X = S + node("task", "x") + E + way("s", "x", "e")
ALL_OPTIONS = {"planflow_collection": "=a"}


def refused(content: bytes) -> set[tuple[str | None, str]]:
    with pytest.raises(NotDeployable) as error:
        read_bpmn(content, "plan.bpmn")
    return {(problem.element, problem.rule) for problem in error.value.problems}


def several(cardinality: str = "2", **attributes: str) -> str:
    return tag("multiInstanceLoopCharacteristics", tag("loopCardinality", cardinality), **attributes)


def io(sets: str) -> str:
    return tag("ioSpecification", tag("dataInput", id="i") + tag("dataOutput", id="o") + sets)


@pytest.mark.parametrize(
    ("element", "body"),
    [
        ("g", S + node("exclusiveGateway", "g", gatewayDirection="Converging", default="g_a") + node("task", "a")
              + node("task", "b") + way("s", "g", "a") + flow("g", "b", "True")),
        ("g", WITH_X + node("parallelGateway", "g", gatewayDirection="Diverging") + way("x", "g") + way("s", "g")),
        ("g", WITH_X + node("parallelGateway", "g", gatewayDirection="Mixed") + way("x", "g")),
        ("x", S + node("task", "x", tag("outgoing", "s_x")) + way("s", "x")),
        ("x", S + node("task", "x", tag("incoming", "gone")) + way("s", "x")),
        ("l", WITH_X + node("intermediateThrowEvent", "t", tag("linkEventDefinition", tag("target", "s"), id="l",
                                                               name="there"))),
        ("b", tag("laneSet", tag("lane", tag("flowNodeRef", "x"), id="a")
                             + tag("lane", tag("flowNodeRef", "x"), id="b")) + WITH_X),
        ("l", WITH_X + sub("y", tag("laneSet", tag("lane", tag("flowNodeRef", "x"), id="l")) + node("task", "z"))),
        ("x", S + way("s", "x") + node("userTask", "x", tag("performer", tag("resourceAssignmentExpression",
              tag("expression", "user(a)"))), planflow_assignee="b")),
        ("x", S + way("s", "x") + node("userTask", "x", 2 * tag("potentialOwner", tag("resourceAssignmentExpression",
              tag("expression", "=who"))))),
        ("x", S + way("s", "x") + node("task", "x", several(oneBehaviorEventRef="thrown"))),
        ("x", S + way("s", "x") + node("task", "x", several(behavior="None"))),
        ("x", S + way("s", "x") + node("task", "x", several(behavior="Complex"))),
        ("x", S + way("s", "x") + node("task", "x", tag("multiInstanceLoopCharacteristics",
              tag("loopDataInputRef", "a"), planflow_collection="=a"))),
        ("x", S + way("s", "x") + node("sendTask", "x", messageRef="paid", planflow_operation="o")),
        ("is", S + way("s", "x") + node("task", "x", io(tag("inputSet", tag("dataInputRefs", "o"), id="is")))),
        ("is", S + way("s", "x") + node("task", "x", io(tag("inputSet", tag("optionalInputRefs", "i"), id="is")))),
    ],
)  # fmt: skip
def test_what_contradicts_what_is_drawn_or_written_elsewhere_is_refused(element, body):
    defined = PAID + ITEM + DEFINED[len(PAID) :].replace(ITEM, "")
    defined += tag("signalEventDefinition", id="thrown", signalRef="sig")
    found = refused(bpmn(body, definitions=defined))
    assert element in {each for each, _rule in found}, found


@pytest.mark.parametrize(
    ("element", "rule", "body"),
    [
        ("s", "bpmn.condition", S + node("task", "x") + flow("s", "x", "True")),
        ("b", "bpmn.boundary", WITH_X + sub("h", node("startEvent", "hs", timer("timeDuration", "P1D")),
                                            triggeredByEvent="true")
                               + node("boundaryEvent", "b", MESSAGE, attachedToRef="h")),
        ("t", "bpmn.event", WITH_X + node("intermediateThrowEvent", "t", tag("eventDefinitionRef", "wait"))),
        ("m", "bpmn.event", WITH_X + node("task", "m", several(behavior="None", noneBehaviorEventRef="wait"))),
        ("t", "bpmn.escalation", WITH_X + node("endEvent", "t", tag("escalationEventDefinition"))),
        ("b", "bpmn.compensation", WITH_X + node("boundaryEvent", "b", tag("compensateEventDefinition",
                                                                           activityRef="x"), attachedToRef="x")),
        ("t", "bpmn.compensation", WITH_X + sub("y", node("task", "z")) + node("intermediateThrowEvent", "t", tag(
                                   "compensateEventDefinition", activityRef="z"))),
        ("h", "bpmn.compensation", WITH_X + sub("h", node("startEvent", "hs", COMPENSATE), triggeredByEvent="true")),
        ("b", "bpmn.compensation", WITH_X + node("boundaryEvent", "b", COMPENSATE, attachedToRef="x")
                                   + node("boundaryEvent", "c", COMPENSATE, attachedToRef="x")),
        ("g", "bpmn.event-gateway", S + node("eventBasedGateway", "g") + way("s", "g", "a") + way("g", "r")
                                    + catch("a", MESSAGE) + node("receiveTask", "r", messageRef="sent")),
        ("a", "bpmn.event-gateway", WITH_X + node("eventBasedGateway", "g") + way("x", "g", "a") + way("x", "a")
                                    + catch("a", MESSAGE)),
        ("g", "bpmn.condition", S + way("s", "g") + node("complexGateway", "g", tag("activationCondition", "True"))),
        ("t", "bpmn.data", WITH_X + node("endEvent", "t", tag("dataInput", id="d") + tag("terminateEventDefinition"))),
        ("t", "bpmn.data", WITH_X + catch("t", tag("dataOutput", id="d") + timer("timeDuration", "P1D"))),
        ("q", "bpmn.unknown-option", WITH_X + node("startEvent", "q", planflow_uniqueBusinessKey="true")),
        ("x", "bpmn.unknown-option", S + way("s", "x") + node("userTask", "x", planflow_assignee="")),
        ("s_x", "bpmn.expression", S + node("task", "x") + tag("sequenceFlow", tag("transformation"), id="s_x",
                                   sourceRef="s", targetRef="x")),
        ("x", "bpmn.reference", S + way("s", "x") + node("receiveTask", "x", messageRef="other:paid")),
        ("x", "bpmn.not-executed", S + way("s", "x") + node("scriptTask", "x", tag("script", "a = 1<b/>"))),
        ("x", "bpmn.not-executed", S + way("s", "x") + node("task", "x", tag("extensionElements", node("task", "in")
                                   ).replace('id="in" name="in"', ""))),
        ("x", "bpmn.data", S + way("s", "x") + tag("dataObject", id="d") + node("task", "x", tag(
                           "dataInputAssociation", tag("targetRef", "d")))),
    ],
)  # fmt: skip
def test_what_bpmn_does_not_allow_there_is_refused(element, rule, body):
    waits = tag("timerEventDefinition", tag("timeDuration", "P1D"), id="wait")
    assert (element, rule) in refused(bpmn(body, definitions=DEFINED + waits))


def test_a_message_flow_leads_between_participants_and_names_one_message():
    pools = tag("participant", id="pool", processRef="p") + tag("participant", id="other")
    body = S + node("sendTask", "x", messageRef="paid") + catch("c", MESSAGE) + way("s", "x", "c")

    def of(**flow: str) -> bytes:
        return bpmn(
            body, definitions=PAID + ITEM + tag("collaboration", pools + tag("messageFlow", id="f", **flow))
        )

    read_bpmn(of(sourceRef="x", targetRef="other", messageRef="paid"), "plan.bpmn")
    assert ("f", "bpmn.message-flow") in refused(of(sourceRef="x", targetRef="c"))
    assert ("f", "bpmn.message-flow") in refused(of(sourceRef="s", targetRef="other"))
    assert ("f", "bpmn.message-flow") in refused(of(sourceRef="x", targetRef="gone"))
    assert ("f", "bpmn.contradiction") in refused(of(sourceRef="x", targetRef="other", messageRef="sent"))


def test_between_two_elements_a_message_flow_leads_from_one_that_sends_to_one_that_waits():
    other = '<bpmn:process id="q" isExecutable="true">{}</bpmn:process></bpmn:definitions>'
    pools = tag("participant", id="one", processRef="p") + tag("participant", id="two", processRef="q")
    flows = tag("messageFlow", id="f", sourceRef="x", targetRef="y")
    file = bpmn(WITH_X, definitions=PAID + ITEM + tag("collaboration", pools + flows))
    file = file.replace(b"</bpmn:definitions>", other.format(node("task", "y")).encode())
    assert refused(file) == {("f", "bpmn.message-flow")}


def test_every_correlation_property_belongs_to_a_key_once_there_is_one():
    path = tag("correlationPropertyRetrievalExpression", tag("messagePath", "a"), messageRef="paid")
    both = "".join(tag("correlationProperty", path, id=each) for each in ("one", "two"))
    key = tag("correlationKey", tag("correlationPropertyRef", "one"), id="key")
    defined = PAID + ITEM + both
    read_bpmn(bpmn(WITH_X, definitions=defined), "plan.bpmn")
    keyed = defined + tag("collaboration", key)
    assert refused(bpmn(WITH_X, definitions=keyed)) == {("two", "bpmn.correlation")}


def test_documentation_inside_an_expression_is_no_part_of_it():
    told = flow("x", "e", "a").replace(">a<", "><bpmn:documentation>why</bpmn:documentation>a &gt; 1<")
    model, _warnings = read_bpmn(bpmn(S + node("task", "x") + E + way("s", "x") + told), "plan.bpmn")
    assert model.processes["p"].scope.flows["x_e"].condition == "a > 1"


def test_an_expression_language_that_is_not_spoken_here_is_refused():
    content = bpmn(WITH_X).replace(b'id="definitions"', b'id="definitions" expressionLanguage="urn:mvel"')
    assert refused(content) == {("definitions", "bpmn.not-executed")}

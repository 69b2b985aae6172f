"""What a file would otherwise lose in silence: it is refused, or told in a warning."""

from __future__ import annotations

import pytest

from engine import NotDeployable
from engine.bpmn.reader import read_bpmn
from tests.engine.xml_text import bpmn, flow, node, script, timer, way

START, END = node("startEvent", "s"), node("endEvent", "e")
PAID = '<bpmn:message id="paid" name="paid"/>'
ON_PAID = '<bpmn:messageEventDefinition messageRef="paid"/>'
IN = "<bpmn:extensionElements>{}</bpmn:extensionElements>"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'


def each(**options: str) -> str:
    written = "".join(f' planflow:{key}="{value}"' for key, value in options.items())
    return f"<bpmn:multiInstanceLoopCharacteristics{written}/>"


def refused(content: bytes) -> set[tuple[str | None, str]]:
    with pytest.raises(NotDeployable) as error:
        read_bpmn(content, "plan.bpmn")
    return {(problem.element, problem.rule) for problem in error.value.problems}


def warned(content: bytes) -> list[tuple[str | None, str]]:
    _model, warnings = read_bpmn(content, "plan.bpmn")
    assert {warning.severity for warning in warnings} <= {"warning"}
    return [(warning.element, warning.rule) for warning in warnings]


@pytest.mark.parametrize(
    ("element", "rule", "body"),
    [
        ("x", "bpmn.repeated", node("intermediateCatchEvent", "x", timer("timeDuration", "P1D").replace(
                                    "</bpmn:timer", "<bpmn:timeDate>2027-01-01</bpmn:timeDate></bpmn:timer"))),
        ("x", "bpmn.repeated", node("scriptTask", "x", 2 * "<bpmn:script>a = 1</bpmn:script>")),
        ("x", "bpmn.repeated", node("task", "x", each(collection="=a") + each(collection="=b"))),
        ("p", "bpmn.id", "<bpmn:task/>"),
        ("p", "bpmn.id", '<bpmn:sequenceFlow sourceRef="s" targetRef="x"/>' + node("task", "x")),
        ("x:each", "bpmn.id", node("task", "x:each")),
        ("a b", "bpmn.id", node("task", "a b")),
        ("", "bpmn.id", node("task", "")),
        ("x", "bpmn.reference", node("receiveTask", "x", messageRef="gone")),
        ("x", "bpmn.reference", node("intermediateCatchEvent", "x", '<bpmn:messageEventDefinition messageRef="s"/>')),
        ("x", "bpmn.reference", node("task", "t") + node("boundaryEvent", "x", '<bpmn:errorEventDefinition'
                                     ' errorRef="gone"/>', attachedToRef="t")),
        ("x", "bpmn.reference", node("task", "t") + node("boundaryEvent", "x", '<bpmn:escalationEventDefinition'
                                     ' escalationRef="paid"/>', attachedToRef="t")),
        ("l", "bpmn.reference", '<bpmn:laneSet id="ls"><bpmn:lane id="l"><bpmn:flowNodeRef>gone</bpmn:flowNodeRef>'
                                "</bpmn:lane></bpmn:laneSet>"),
        ("x", "bpmn.unknown-option", node("task", "x", "<planflow:inputs/>")),
        ("x", "bpmn.unknown-option", node("task", "x", IN.format('<planflow:outputs/>'))),
        ("f", "bpmn.unknown-option", '<bpmn:sequenceFlow id="f" sourceRef="s" targetRef="x">'
                                     + IN.format("<planflow:facts/>") + "</bpmn:sequenceFlow>" + node("task", "x")),
        ("x", "bpmn.unknown-option", node("intermediateCatchEvent", "x", timer("timeDuration", "P1D"),
                                          planflow_correlation="={}")),
        ("m", "bpmn.unknown-option", node("startEvent", "m", ON_PAID, planflow_correlation="={}")),
        ("x", "bpmn.expression", node("receiveTask", "x", messageRef="paid", planflow_correlation="order")),
        ("x", "bpmn.expression", node("task", "x", each(collection="departments"))),
        ("x", "bpmn.mapping", node("serviceTask", "x", IN.format('<planflow:inputs><planflow:input value="1"/>'
                                   "</planflow:inputs>"), planflow_operation="o")),
        ("x", "bpmn.mapping", node("serviceTask", "x", IN.format("<planflow:outputs>" + 2 * '<planflow:output name="a"'
                                   ' value="1"/>' + "</planflow:outputs>"), planflow_operation="o")),
        ("x", "bpmn.reserved-name", node("task", "x", each(collection="=a", elementVariable="starter"))),
        ("x", "bpmn.reserved-name", node("userTask", "x", planflow_outcomeVariable="today")),
        ("x", "bpmn.reserved-name", node("callActivity", "x", IN.format('<planflow:inputs><planflow:input'
                                         ' name="starter" value="=a"/></planflow:inputs>'), calledElement="q")),
        ("x", "bpmn.event-gateway", node("eventBasedGateway", "g") + way("s", "g", "x")
                                    + node("receiveTask", "x", each(collection="=a"), messageRef="paid")),
        ("x", "bpmn.event-gateway", node("eventBasedGateway", "g") + way("s", "g", "x")
                                    + node("receiveTask", "x", messageRef="paid")
                                    + node("boundaryEvent", "b", timer("timeDuration", "P1D"), attachedToRef="x")),
        ("x", "bpmn.not-executed", f'<bpmn:task id="x" {XSI} xsi:type="bpmn:tUserTask"/>'),
        ("s_e", "bpmn.not-executed", END + flow("s", "e", "True").replace("<bpmn:conditionExpression",
                                     '<bpmn:conditionExpression language="groovy"')),
        ("s_e", "bpmn.not-executed", END + flow("s", "e", "True").replace("<bpmn:conditionExpression",
                                     f'<bpmn:conditionExpression {XSI} xsi:type="bpmn:tExpression"')),
    ],
)  # fmt: skip
def test_what_would_be_lost_or_misread_is_refused(element, rule, body):
    assert (element, rule) in refused(bpmn(START + body, definitions=PAID))


def test_a_formal_expression_in_starlark_is_read():
    typed = f'<bpmn:conditionExpression {XSI} xsi:type="bpmn:tFormalExpression" language="starlark"'
    condition = flow("a", "e", "True").replace("<bpmn:conditionExpression", typed)
    assert warned(bpmn(START + node("task", "a") + END + way("s", "a") + condition)) == []


@pytest.mark.parametrize(
    ("element", "rule", "content"),
    [
        ("sub", "bpmn.text", bpmn(START + node("subProcess", "sub", "by and by") + way("s", "sub"))),
        ("definitions", "bpmn.language", bpmn(START).replace(b'id="definitions"',
                                         b'id="definitions" expressionLanguage="http://www.w3.org/1999/XPath"')),
    ],
)  # fmt: skip
def test_what_has_no_effect_is_told_in_a_warning(element, rule, content):
    assert warned(content) == [(element, rule)]


def test_comments_of_the_file_are_no_part_of_a_script():
    content = bpmn(START + script("a", "x = 1<!-- a note -->\ny = 2") + way("s", "a"))
    model, _warnings = read_bpmn(content, "plan.bpmn")
    assert model.processes["p"].scope.elements["a"].script == "x = 1\ny = 2"

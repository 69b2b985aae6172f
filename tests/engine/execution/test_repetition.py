"""Multi-instance activities whose children go wrong, end early or carry awkward names (BPMN 2.0.2 §13.3.7)."""

from __future__ import annotations

from tests.engine.conftest import names
from tests.engine.xml_text import bpmn, node, way

START, END = node("startEvent", "s"), node("endEvent", "e")


def each(item: str = "who", output: str = "[who, answer]", more: str = "", how: str = "") -> str:
    return (
        f'<bpmn:multiInstanceLoopCharacteristics {how} planflow:collection="=people" planflow:elementVariable="{item}"'
        f' planflow:outputCollection="answers" planflow:outputElement="={output}">{more}'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )


def test_the_variable_of_the_item_may_have_any_name(trial):
    body = node("userTask", "ask", each("task", "[task, expression, self]"))
    file = bpmn(START + body + END + way("s", "ask", "e"))
    result = trial(file, {"people": ["x"]}, {"ask": {"variables": {"expression": 1, "self": 2}}})
    assert (result.state, result.data["answers"]) == ("completed", [["x", 1, 2]])
    assert names(result) == ["s", "ask", "e"]

"""A mapping named ``*`` hands everything over: to a called process and back, from an operation, from a decision."""

from __future__ import annotations

from typing import Any

import pytest

from engine import Engine, Invalid, StartInstance
from tests.engine.conftest import actor
from tests.engine.xml_text import bpmn, node, script, way

START, END = node("startEvent", "s"), node("endEvent", "e")
ALL = '<planflow:{0}s><planflow:{0} name="*" value=""/>{1}</planflow:{0}s>'
EVERYTHING_OUT = f"<bpmn:extensionElements>{ALL.format('output', '')}</bpmn:extensionElements>"
TABLE = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:test">
<decision id="rate" name="Rate"><decisionTable id="t" hitPolicy="POLICY">
<input id="i" label="Amount"><inputExpression id="ie" typeRef="number"><text>amount</text></inputExpression></input>
<output id="o1" label="Kind" name="kind" typeRef="string"/><output id="o2" label="Days" name="days" typeRef="number"/>
<rule id="r"><inputEntry id="r1"><text>&gt; 1</text></inputEntry><outputEntry id="r2"><text>"large"</text></outputEntry>
<outputEntry id="r3"><text>5</text></outputEntry></rule></decisionTable></decision></definitions>"""


def variables(engine: Engine, instance: str) -> Any:
    with engine.database.read() as session:
        return engine.queries(session, actor("administrator")).variables(instance)


def test_a_called_process_sees_all_and_gives_all_back(engine: Engine, deploy: Any) -> None:
    both = ALL.format("input", '<planflow:input name="b" value="=a + 1"/>') + ALL.format("output", "")
    call = node(
        "callActivity", "c", f"<bpmn:extensionElements>{both}</bpmn:extensionElements>", calledElement="q"
    )
    deploy(
        bpmn(START + call + END + way("s", "c", "e")),
        q__bpmn=bpmn(START + script("w", "c = a + b") + END + way("s", "w", "e"), key="q"),
    )
    done = engine.execute(StartInstance("p", {"a": 1, "b": 10}), actor("supervisor"))
    assert variables(engine, done.instance_id) == {"a": 1, "b": 2, "c": 3}


def test_each_part_of_an_answer_becomes_a_variable(engine: Engine, deploy: Any, operations: Any) -> None:
    operations["ask"] = lambda _ctx, _inputs: {"price": 3, "stock": [1]}
    deploy(
        bpmn(
            START
            + node("serviceTask", "x", EVERYTHING_OUT, planflow_operation="ask")
            + END
            + way("s", "x", "e")
        )
    )
    done = engine.execute(StartInstance("p"), actor("supervisor"))
    assert variables(engine, done.instance_id) == {"price": 3, "stock": [1]}


def test_an_answer_cannot_pretend_to_be_somebody(engine: Engine, deploy: Any, operations: Any) -> None:
    operations["ask"] = lambda _ctx, _inputs: {"starter": "administrator"}
    deploy(
        bpmn(
            START
            + node("serviceTask", "x", EVERYTHING_OUT, planflow_operation="ask")
            + END
            + way("s", "x", "e")
        )
    )
    with pytest.raises(Invalid, match="starter"):
        engine.execute(StartInstance("p"), actor("supervisor"))


@pytest.mark.parametrize(
    ("amount", "kept"), [(2, {"amount": 2, "kind": "large", "days": 5}), (1, {"amount": 1})]
)
def test_each_output_of_a_decision_becomes_a_variable(
    engine: Engine, deploy: Any, amount: int, kept: Any
) -> None:
    rule = node("businessRuleTask", "x", EVERYTHING_OUT, planflow_decision="rate")
    deploy(bpmn(START + rule + END + way("s", "x", "e")), rate__dmn=TABLE.replace(b"POLICY", b"UNIQUE"))
    done = engine.execute(StartInstance("p", {"amount": amount}), actor("supervisor"))
    assert variables(engine, done.instance_id) == kept


def test_a_list_of_results_has_no_names_and_stops(engine: Engine, deploy: Any) -> None:
    rule = node("businessRuleTask", "x", EVERYTHING_OUT, planflow_decision="rate")
    deploy(bpmn(START + rule + END + way("s", "x", "e")), rate__dmn=TABLE.replace(b"POLICY", b"COLLECT"))
    done = engine.execute(StartInstance("p", {"amount": 2}), actor("supervisor"))
    assert done.status == "active"


def test_outputs_say_what_becomes_of_a_decision(engine: Engine, deploy: Any) -> None:
    outputs = (
        '<planflow:outputs><planflow:output name="d" value="=result[&quot;days&quot;]"/></planflow:outputs>'
    )
    rule = node(
        "businessRuleTask",
        "x",
        f"<bpmn:extensionElements>{outputs}</bpmn:extensionElements>",
        planflow_decision="rate",
    )
    deploy(bpmn(START + rule + END + way("s", "x", "e")), rate__dmn=TABLE.replace(b"POLICY", b"UNIQUE"))
    done = engine.execute(StartInstance("p", {"amount": 2}), actor("supervisor"))
    assert variables(engine, done.instance_id) == {"amount": 2, "d": 5}

"""Names that nothing can set."""

import json

import pytest

from tests.engine.lint.conftest import Lint
from tests.engine.xml_text import bpmn, conditional, flow, node, script, timer, way

RULE = "bpmn.undefined-variable"
START, END = node("startEvent", "s"), node("endEvent", "e")
FORM = json.dumps(
    {"type": "default", "id": "f", "components": [{"type": "number", "key": "amount", "label": "A"}]}
)
IN = "<bpmn:extensionElements>{}</bpmn:extensionElements>"
HELD = {"start": FORM.encode()}


def choosing(condition: str, before: str = "", *ids: str, **process: str) -> bytes:
    gate = node("exclusiveGateway", "g", default="g_e") + node("endEvent", "x") + flow("g", "x", condition)
    return bpmn(START + before + gate + END + way("s", *ids, "g", "e"), **process)


def started_by_form(condition: str, before: str = "", *ids: str) -> bytes:
    return choosing(condition, before, *ids, planflow_startForm="start.form")


def test_a_condition_over_a_name_that_nothing_sets_is_an_error(lint: Lint) -> None:
    assert lint(RULE, started_by_form("amuont == 1"), **HELD) == [("g_x", "error")]
    assert lint(RULE, started_by_form("amount == 1 and starter and today"), **HELD) == []
    assert lint(RULE, started_by_form("var(&quot;amuont&quot;, 0) == 1"), **HELD) == []


def test_without_a_start_form_it_must_be_given_and_is_told_once(lint: Lint) -> None:
    again = node("userTask", "t", planflow_form="start.form", planflow_dueDate="=amuont")
    assert lint(RULE, choosing("amuont == 1", again, "t"), **HELD) == [("g_x", "warning")]
    assert lint(RULE, choosing("amount == 1", again.replace("amuont", "amount"), "t"), **HELD) == []


@pytest.mark.parametrize(
    ("before", "name"),
    [
        (script("t", "x = 1"), "x"),
        (script("t", "if amount:\n  x, y = 1, 2"), "y"),
        (node("serviceTask", "t", IN.format('<planflow:outputs><planflow:output name="x" value="=result"/>'
              '</planflow:outputs>'), planflow_operation="f"), "x"),
        (node("businessRuleTask", "t", planflow_decision="rate"), "rate"),
        (node("businessRuleTask", "t", planflow_decision="rate", planflow_resultVariable="x"), "x"),
        (node("userTask", "t", planflow_form="start.form", planflow_performerVariable="x"), "x"),
        (node("userTask", "t", planflow_form="start.form"), "t_outcome"),
        (node("task", "t", '<bpmn:multiInstanceLoopCharacteristics planflow:collection="=[1]"'
              ' planflow:outputCollection="x" planflow:outputElement="=1"/>'), "x"),
        ('<bpmn:dataObject id="d" name="x"/>' + node("task", "t"), "x"),
    ],
)  # fmt: skip
def test_what_an_element_leaves_is_known(lint: Lint, before: str, name: str) -> None:
    assert lint(RULE, started_by_form(f"{name} == 1", before, "t"), **HELD) == []
    assert lint(RULE, started_by_form("other == 1", before, "t"), **HELD) == [("g_x", "error")]


@pytest.mark.parametrize(
    "before",
    [
        node("userTask", "t"),
        node("receiveTask", "t", messageRef="m"),
        node("intermediateCatchEvent", "t", '<bpmn:messageEventDefinition messageRef="m"/>'),
    ],
)
def test_where_anything_can_come_nothing_is_said(lint: Lint, before: str) -> None:
    model = started_by_form("other == 1", before, "t")
    model = model.replace(b"<bpmn:process", b'<bpmn:message id="m" name="m"/><bpmn:process', 1)
    assert lint(RULE, model, **HELD) == []


def test_messages_that_map_what_they_bring_bring_nothing_else(lint: Lint) -> None:
    output = (
        '<planflow:outputs><planflow:output name="x" value="=message[&quot;x&quot;]"/></planflow:outputs>'
    )
    model = started_by_form("x == other", node("receiveTask", "t", IN.format(output), messageRef="m"), "t")
    model = model.replace(b"<bpmn:process", b'<bpmn:message id="m" name="m"/><bpmn:process', 1)
    assert lint(RULE, model, **HELD) == [("g_x", "error")]


def test_a_fact_that_cannot_be_shown_is_no_error(lint: Lint) -> None:
    fact = IN.format('<planflow:facts><planflow:fact label="A" value="=other"/></planflow:facts>')
    model = started_by_form("amount == 1", node("userTask", "t", fact, planflow_form="start.form"), "t")
    assert lint(RULE, model, **HELD) == [("t", "warning")]


def test_what_another_process_hands_over_is_known(lint: Lint) -> None:
    inputs = IN.format('<planflow:inputs><planflow:input name="extra" value="1"/></planflow:inputs>')
    caller = (
        START.replace('"s"', '"s2"') + node("callActivity", "c", inputs, calledElement="p") + way("s2", "c")
    )
    other = f'<bpmn:process id="caller" isExecutable="true">{caller}</bpmn:process></bpmn:definitions>'
    model = started_by_form("extra == 1")
    assert lint(RULE, model, **HELD) == [("g_x", "error")]
    assert lint(RULE, model.replace(b"</bpmn:definitions>", other.encode()), **HELD) == []


def test_a_mapping_of_everything_may_bring_anything(lint: Lint) -> None:
    output = '<planflow:outputs><planflow:output name="*" value="=result"/></planflow:outputs>'
    task = node("businessRuleTask", "t", IN.format(output), planflow_decision="rate")
    assert lint(RULE, started_by_form("other == 1", task, "t"), **HELD) == []


def test_a_missing_form_is_told_elsewhere(lint: Lint) -> None:
    assert lint(RULE, started_by_form("other == 1")) == []


def test_before_a_process_has_begun_there_are_only_the_time_and_its_data_stores(lint: Lint) -> None:
    store = '<bpmn:dataStoreReference id="stock"/>'

    def begun_by(event: str) -> bytes:
        return bpmn(store + node("startEvent", "s", event) + script("x", "a = 1") + END + way("s", "x", "e"))

    for known in ("now &gt; today", "stock == 1", "var(&quot;gone&quot;, 0) == 1"):
        assert lint(RULE, begun_by(conditional(known))) == []
    for unknown in ("a == 1", "starter == 1", "stok == 1"):
        assert lint(RULE, begun_by(conditional(unknown))) == [("s", "error")]
    assert lint(RULE, begun_by(timer("timeDate", "=today"))) == []
    assert lint(RULE, begun_by(timer("timeDate", "=stock"))) == [("s", "error")]

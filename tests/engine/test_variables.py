"""What variables may be, and whom they may not pretend to be."""

from __future__ import annotations

from datetime import date

import pytest

from engine import CompleteTask, CorrelateMessage, Invalid, StartInstance
from tests.engine.conftest import actor
from tests.engine.xml_text import bpmn, node, script, way

START, END = node("startEvent", "s"), node("endEvent", "e")
ADMINISTRATOR = actor("administrator")
APPROVED = bpmn(
    START
    + node("userTask", "write", planflow_assignee="=starter")
    + node("userTask", "approve", planflow_assignee="=superior(starter)")
    + END
    + way("s", "write", "approve", "e")
)


def nested(depth: int) -> list:
    value: list = []
    for _ in range(depth - 1):
        value = [value]
    return value


def variables(engine, instance_id):
    with engine.database.read() as session:
        return engine.queries(session, ADMINISTRATOR).variables(instance_id)


def incidents(engine):
    with engine.database.read() as session:
        return engine.queries(session, ADMINISTRATOR).incidents().items


@pytest.mark.parametrize("name", ["starter", "instance_id", "business_key", "now", "today"])
def test_nobody_can_pretend_to_be_another_starter(engine, deploy, name):
    deploy(APPROVED)
    with pytest.raises(Invalid) as refused:
        engine.execute(StartInstance("p", {name: "member"}), actor("supervisor"))
    assert [problem.field for problem in refused.value.fields] == [name]
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    with pytest.raises(Invalid):
        engine.execute(CompleteTask(started.task_ids[0], {name: "member"}), actor("supervisor"))
    done = engine.execute(CompleteTask(started.task_ids[0]), actor("supervisor"))
    assert engine.execute(CompleteTask(done.task_ids[0]), actor("superior")).status == "completed"


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), "a\0b", "\ud800", nested(101), nested(5000), date(2027, 1, 1), object()],
    ids=["nan", "infinity", "nul", "surrogate", "deep", "very deep", "date", "object"],
)
@pytest.mark.parametrize("key", [None, "once"])
def test_what_is_not_storable_json_is_refused_wherever_it_comes_in(engine, deploy, value, key):
    deploy(APPROVED)
    with pytest.raises(Invalid):
        engine.execute(StartInstance("p", {"x": value}), actor("supervisor"), key)
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    with pytest.raises(Invalid):
        engine.execute(CompleteTask(started.task_ids[0], {"x": value}), actor("supervisor"), key)
    assert variables(engine, started.instance_id) == {}


def test_variables_grow_to_their_limit_and_no_further(engine, deploy):
    deploy(APPROVED)
    with pytest.raises(Invalid, match="2 MB"):
        engine.execute(StartInstance("p", {"x": "y" * 2_000_000}), actor("supervisor"))
    started = engine.execute(StartInstance("p", {"x": "y" * 1_500_000}), actor("supervisor"))
    with pytest.raises(Invalid, match="2 MB"):
        engine.execute(CompleteTask(started.task_ids[0], {"z": "y" * 600_000}), actor("supervisor"))
    engine.execute(CompleteTask(started.task_ids[0], {"x": "", "z": "y" * 600_000}), actor("supervisor"))


def test_a_script_that_makes_too_much_is_told_to_whoever_started_it(engine, deploy):
    deploy(bpmn(START + script("grow", 'x = "y" * 2100000') + END + way("s", "grow", "e")))
    with pytest.raises(Invalid, match="2 MB"):
        engine.execute(StartInstance("p"), actor("supervisor"))


def test_one_and_true_are_different_values(engine, deploy):
    deploy(bpmn(START + script("a", "x = True\ny = 1.0") + node("userTask", "u") + way("s", "a", "u")))
    started = engine.execute(StartInstance("p", {"x": 1, "y": 1}), actor("supervisor"))
    assert variables(engine, started.instance_id)["x"] is True


def test_what_a_message_brings_to_an_event_sub_process_is_in_the_history(engine, deploy):
    handler = (
        node("startEvent", "hs", '<bpmn:messageEventDefinition messageRef="paid"/>', isInterrupting="false")
        + node("userTask", "handle")
        + way("hs", "handle")
    )
    deploy(
        bpmn(
            START
            + node("userTask", "a")
            + way("s", "a")
            + node("subProcess", "h", handler, triggeredByEvent="true"),
            definitions='<bpmn:message id="paid" name="paid"/>',
        )
    )
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    engine.execute(CorrelateMessage("paid", {}, {"amount": 5}), ADMINISTRATOR)
    with engine.database.read() as session:
        told = engine.queries(session, ADMINISTRATOR).history(started.instance_id, None, 100).items
    assert {"amount": {"after": 5}} in [e.payload["changes"] for e in told if e.kind == "variables.set"]

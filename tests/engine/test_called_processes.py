"""What happens in a called process is told as its own, not as the caller's."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine import ClaimTask, CompleteTask, CorrelateMessage, RetryIncident, StartInstance
from engine.storage.tables import history
from tests.engine.conftest import actor
from tests.engine.xml_text import bpmn, node, script, timer, way

ADMINISTRATOR = actor("administrator")
START, END = node("startEvent", "s"), node("endEvent", "e")
CALLING = bpmn(START + node("callActivity", "call", calledElement="q") + END + way("s", "call", "e"))
MESSAGE = '<bpmn:message id="paid" name="paid"/>'


@pytest.fixture
def called(engine, deploy, operations):
    """Deploys a caller and what it calls, starts it, and tells which events are of another version."""
    operations["do"] = lambda *_: {}

    def run(*elements, after=None):
        ids = [e.split('id="')[1].split('"')[0] for e in elements]
        callee = bpmn(START + "".join(elements) + END + way("s", *ids, "e"), key="q", definitions=MESSAGE)
        deploy(CALLING, q__bpmn=callee)
        started = engine.execute(StartInstance("p"), actor("supervisor"))
        if after is not None:
            after(started)
        with engine.database.read() as session:
            told = session.execute(select(history)).all()
            own = engine.queries(session, ADMINISTRATOR).instance(started.instance_id).definition_id
        return started, {(e.kind, e.element): e.definition_id != own for e in told}

    return run


def test_every_event_carries_the_process_version_of_its_element(called, engine, clock):
    def go_on(started):
        engine.execute(ClaimTask(started.task_ids[0]), ADMINISTRATOR)
        engine.execute(CompleteTask(started.task_ids[0]), ADMINISTRATOR)
        clock.advance(days=2)
        engine.fire_due_timers()
        engine.execute(CorrelateMessage("paid", {}, {"n": 1}), ADMINISTRATOR)
        with engine.database.read() as session:
            (found,) = engine.queries(session, ADMINISTRATOR).incidents().items
        engine.execute(RetryIncident(found.id), ADMINISTRATOR)

    _started, told = called(
        node("userTask", "u", planflow_candidateGroups="administrator"),
        script("x", "y = 1"),
        node("serviceTask", "o", planflow_operation="do"),
        node("intermediateCatchEvent", "t", timer("timeDuration", "P1D")),
        node("receiveTask", "m", messageRef="paid"),
        script("bad", "z = 1 // 0"),
        after=go_on,
    )
    wanted = [
        ("task.created", "u"), ("task.claimed", "u"), ("task.completed", "u"), ("variables.set", "x"),
        ("operation.called", "o"), ("timer.set", "t"), ("timer.fired", "t"), ("message.received", "m"),
        ("incident.raised", "bad"), ("incident.resolved", "bad"), ("element.entered", "bad"),
    ]  # fmt: skip
    assert [event for event in wanted if not told[event]] == []
    assert not told["element.entered", "call"]


def test_the_diagram_counts_its_own_elements_and_not_those_of_the_same_name(called, engine):
    started, _told = called(node("userTask", "u"))
    with engine.database.read() as session:
        diagram = engine.queries(session, ADMINISTRATOR).diagram(started.instance_id)
    assert (diagram.active, diagram.completed) == ({"call": 1}, {"s": 1})
    assert diagram.taken_flows == ("s_call",)

"""When a scope is over nothing of it waits on: no timer, no subscription."""

from __future__ import annotations

import pytest

from engine import CompleteTask, CorrelateMessage, NotFound, StartInstance
from engine.jobs.rows import INSTANCE_TIMER, due
from tests.engine.conftest import actor
from tests.engine.xml_text import bpmn, node, timer, way

START, END = node("startEvent", "s"), node("endEvent", "e")
PAID = '<bpmn:message id="paid" name="paid"/>'
ON_PAID = '<bpmn:messageEventDefinition messageRef="paid"/>'


def listening(event: str) -> str:
    """A sub-process with a task, and an event sub-process beside it that listens."""
    handler = (
        node("startEvent", "hs", event, isInterrupting="false") + node("task", "handle") + way("hs", "handle")
    )
    inside = (
        node("startEvent", "is")
        + node("userTask", "a", planflow_assignee="member")
        + way("is", "a")
        + node("subProcess", "handler", handler, triggeredByEvent="true")
    )
    return node("subProcess", "sub", inside)


def process(event: str) -> bytes:
    after = node("userTask", "after", planflow_assignee="member")
    return bpmn(START + listening(event) + after + way("s", "sub", "after"), definitions=PAID)


def test_a_timer_that_listened_in_a_sub_process_goes_with_it(engine, deploy, clock):
    deploy(process(timer("timeCycle", "R/PT1H")))
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    clock.advance(hours=1)
    assert engine.fire_due_timers() == 1
    engine.execute(CompleteTask(started.task_ids[0]), actor("member"))
    clock.advance(hours=9)
    with engine.database.read() as session:
        assert due(session, clock(), (INSTANCE_TIMER,), 10) == []


def test_a_message_that_a_finished_sub_process_waited_for_reaches_nobody(engine, deploy):
    deploy(process(ON_PAID))
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    engine.execute(CorrelateMessage("paid"), actor("administrator"))
    engine.execute(CompleteTask(started.task_ids[0]), actor("member"))
    with pytest.raises(NotFound):
        engine.execute(CorrelateMessage("paid"), actor("administrator"))

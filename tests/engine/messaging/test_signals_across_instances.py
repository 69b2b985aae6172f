"""Signals: for everybody who listens when they are thrown, and for nobody who comes later (BPMN 2.0.2 §10.5.5)."""

from __future__ import annotations

import pytest

from engine import CompleteTask, Forbidden, Invalid, TerminateInstance, ThrowSignal
from tests.engine.conftest import actor
from tests.engine.messaging.models import (
    ADMINISTRATOR,
    dying,
    events,
    file,
    inputs,
    instances,
    kept,
    on_signal,
    process,
    signal,
    start,
    throw,
    variables,
)
from tests.engine.xml_text import node, way

START, END = node("startEvent", "s"), node("endEvent", "e")
LISTENER = process(
    "listener",
    START + node("intermediateCatchEvent", "hear", on_signal("alarm")) + END + way("s", "hear", "e"),
)
THROWER = process(
    "thrower",
    START
    + node("intermediateThrowEvent", "call", inputs(level="level") + on_signal("alarm"))
    + END
    + way("s", "call", "e"),
)
STARTED = process("started", node("startEvent", "s", on_signal("alarm")) + END + way("s", "e"))


def test_a_signal_reaches_all_who_wait_and_starts_what_it_starts(engine, deploy):
    deploy(file(signal("alarm"), LISTENER, THROWER, STARTED))
    waiting = [start(engine, "listener").instance_id for _ in range(3)]
    thrower = start(engine, "thrower", level=2)
    for each in waiting:
        assert variables(engine, each) == {"level": 2}
        [received] = events(engine, each, "signal.received")
        assert received.payload["signal"] == "alarm"
    [began] = instances(engine, "started")
    assert (began.status, began.starter) == ("completed", "supervisor")
    [first] = events(engine, began.id, "instance.started")
    assert (first.payload["signal"], first.actor) == ("alarm", "system")
    assert [e.payload["signal"] for e in events(engine, thrower.instance_id, "signal.thrown")] == ["alarm"]


def test_who_comes_later_does_not_hear_it(engine, deploy):
    deploy(file(signal("alarm"), LISTENER, THROWER))
    start(engine, "thrower", level=1)
    start(engine, "listener")
    engine.deliver_messages()
    assert len(instances(engine, "listener", "active")) == 1
    assert kept(engine) == []


def test_who_waited_when_it_was_thrown_hears_it_though_the_server_died_then(engine, deploy):
    deploy(file(signal("alarm"), LISTENER, THROWER))
    early = start(engine, "listener")
    with dying(engine):
        start(engine, "thrower", level=1)
    late = start(engine, "listener")
    assert engine.deliver_messages() == 1
    assert variables(engine, early.instance_id) == {"level": 1}
    assert [i.id for i in instances(engine, "listener", "active")] == [late.instance_id]


def test_who_has_ended_before_it_arrives_does_not_matter(engine, deploy):
    deploy(file(signal("alarm"), LISTENER, THROWER))
    gone = start(engine, "listener")
    with dying(engine):
        start(engine, "thrower", level=1)
    engine.execute(TerminateInstance(gone.instance_id, "not needed"), ADMINISTRATOR)
    engine.deliver_messages()
    assert kept(engine) == []


def test_only_the_latest_version_is_started(engine, deploy):
    deploy(file(signal("alarm"), STARTED))
    deploy(file(signal("alarm"), STARTED.replace("started_e", "started_end")))
    throw(engine, "alarm")
    assert [i.process_version for i in instances(engine, "started")] == [2]
    deploy(file(process("started", START + END + way("s", "e"))))
    throw(engine, "alarm")
    assert len(instances(engine, "started")) == 1


def test_a_signal_on_its_way_starts_the_version_that_was_deployed_meanwhile(engine, deploy):
    deploy(file(signal("alarm"), STARTED))
    with dying(engine):
        throw(engine, "alarm")
        deploy(file(signal("alarm"), STARTED.replace("started_e", "started_end")))
    assert engine.deliver_messages() == 1
    assert [i.process_version for i in instances(engine, "started")] == [2]


def test_the_thrower_hears_it_once_and_at_once(engine, deploy):
    both = process(
        "both",
        START
        + node("parallelGateway", "fork")
        + node("intermediateCatchEvent", "hear", on_signal("alarm"))
        + node("userTask", "first", planflow_assignee="manager")
        + node("intermediateThrowEvent", "call", on_signal("alarm"))
        + node("parallelGateway", "join")
        + END
        + way("s", "fork", "hear", "join", "e")
        + way("fork", "first", "call", "join"),
    )
    deploy(file(signal("alarm"), both))
    started = start(engine, "both")
    other = start(engine, "both")
    done = engine.execute(CompleteTask(started.task_ids[0]), actor("manager"))
    assert done.status == "completed"
    assert len(events(engine, other.instance_id, "signal.received")) == 1
    assert events(engine, started.instance_id, "signal.received") == []


def test_one_thrown_inside_an_event_sub_process_reaches_others(engine, deploy):
    inner = (
        node("startEvent", "is", on_signal("alarm"), isInterrupting="false")
        + node("endEvent", "ie", on_signal("echo"))
        + way("is", "ie")
    )
    answering = process(
        "answering",
        START
        + node("userTask", "work", planflow_assignee="manager")
        + END
        + node("subProcess", "watch", inner, triggeredByEvent="true")
        + way("s", "work", "e"),
    )
    echo = process("echo_process", node("startEvent", "s", on_signal("echo")) + END + way("s", "e"))
    deploy(file(signal("alarm"), signal("echo"), answering, echo))
    started = start(engine, "answering")
    for _ in range(2):
        throw(engine, "alarm")
    assert len(events(engine, started.instance_id, "signal.received")) == 2
    assert len(instances(engine, "echo_process", "completed")) == 2
    assert instances(engine, "answering", "active") != []


def test_signals_that_throw_each_other_end_where_nobody_listens(engine, deploy):
    chain = [
        process(
            f"link_{n}",
            node("startEvent", "s", on_signal(f"n{n}"))
            + node("endEvent", "e", on_signal(f"n{n + 1}"))
            + way("s", "e"),
        )
        for n in range(4)
    ]
    deploy(file(*(signal(f"n{n}") for n in range(5)), *chain))
    throw(engine, "n0")
    assert len(instances(engine)) == 4


def test_one_from_outside_carries_variables_and_may_find_nobody(engine, deploy):
    deploy(file(signal("alarm"), LISTENER))
    waiting = start(engine, "listener")
    answer = throw(engine, "alarm", level=3)
    assert (answer.status, answer.instance_id) == ("thrown", "")
    assert variables(engine, waiting.instance_id) == {"level": 3}
    assert throw(engine, "alarm").status == "thrown"


@pytest.mark.parametrize("user", ["supervisor", "manager", "designer"])
def test_not_everybody_may_throw_one(engine, user):
    with pytest.raises(Forbidden):
        engine.execute(ThrowSignal("alarm"), actor(user))


def test_one_that_carries_too_much_is_refused(engine):
    with pytest.raises(Invalid) as refused:
        throw(engine, "alarm", much="x" * 100_001)
    assert [field.field for field in refused.value.fields] == ["payload"]


def test_a_listener_that_cannot_take_it_keeps_nobody_else_from_it(engine, deploy):
    wants = (
        "<bpmn:extensionElements><planflow:outputs>"
        '<planflow:output name="level" value="=message[&quot;other&quot;]"/>'
        "</planflow:outputs></bpmn:extensionElements>"
    )
    picky = LISTENER.replace("listener", "picky").replace(
        "<bpmn:signalEventDefinition", wants + "<bpmn:signalEventDefinition"
    )
    deploy(file(signal("alarm"), LISTENER, picky))
    start(engine, "picky")
    other = start(engine, "listener")
    throw(engine, "alarm", level=1)
    assert variables(engine, other.instance_id) == {"level": 1}
    [left] = kept(engine)
    assert (left.kind, left.attempts) == ("signal", 1)


def test_a_signal_to_many_is_thrown_in_few_statements_and_reaches_them_all(engine, deploy):
    deploy(file(signal("alarm"), LISTENER))
    for _ in range(70):
        start(engine, "listener")
    throw(engine, "alarm")
    assert len(instances(engine, "listener", "completed")) == 50  # along with the command
    assert engine.deliver_messages() == 20
    assert instances(engine, "listener", "active") == []

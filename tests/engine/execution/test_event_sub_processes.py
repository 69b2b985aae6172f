"""Event sub-processes (BPMN 2.0.2 §10.3.5, §13.5.4) listen while their scope is active, and interrupt it or not."""

from __future__ import annotations

import pytest

from tests.engine.conftest import names
from tests.engine.execution.running import NOTHING, send, start
from tests.engine.xml_text import (
    TERMINATE,
    bpmn,
    catch,
    conditional,
    end,
    error,
    escalation,
    event_sub_process,
    message,
    node,
    root,
    script,
    signal,
    throw,
    timer,
    way,
)

S, E = node("startEvent", "s"), node("endEvent", "e")
DEFINITIONS = (
    root("message", "m") + root("message", "never") + root("signal", "go") + root("error", "bad", errorCode="BAD")
    + root("escalation", "up", escalationCode="UP")
)  # fmt: skip
HANDLE = node("task", "handle") + way("h_s", "handle")
THROWN = {
    "signal": (signal("go"), throw("t", signal("go"))),
    "escalation": (escalation("up"), throw("t", escalation("up"))),
    "conditional": (conditional("n &gt; 0"), script("t", "n = 1")),
    "message": (message("m"), throw("t", message("m")) + catch("pause", timer("timeDuration", "PT1H"))),
    "timer": (timer("timeDuration", "PT1H"), catch("t", timer("timeDuration", "PT2H"))),
}


@pytest.mark.parametrize("kind", list(THROWN))
@pytest.mark.parametrize("interrupting", [True, False])
def test_it_runs_when_its_event_happens_and_ends_the_rest_of_its_scope_if_it_interrupts(
    trial, kind, interrupting
):
    caught, thrower = THROWN[kind]
    handler = event_sub_process("h", caught, HANDLE, interrupting=interrupting)
    steps = ["is", "t", *(["pause"] if kind == "message" else []), "rest"]
    inside = node("startEvent", "is") + thrower + node("task", "rest") + way(*steps) + handler
    file = bpmn(S + node("subProcess", "sub", inside) + E + way("s", "sub", "e"), definitions=DEFINITIONS)
    result = trial(file, {"n": 0})
    assert result.state == "completed"
    assert {"h_s", "handle", "h", "sub", "e"} <= set(names(result))
    assert ("rest" in names(result)) != interrupting
    assert names(result).count("h") == 1


def test_while_it_runs_an_interrupting_one_leaves_nothing_else_listening(engine, deploy):
    first = event_sub_process("h", message("m"), node("userTask", "handle") + way("h_s", "handle"))
    second = event_sub_process(
        "g", signal("go") + timer("timeDuration", "P1D"), node("task", "other") + way("g_s", "other")
    )
    file = bpmn(S + node("userTask", "work") + way("s", "work") + first + second, definitions=DEFINITIONS)
    running = start(engine, deploy, file)
    assert running.left_behind == {**NOTHING, "timers": 1, "subscriptions": 2, "tasks": 1}
    send(engine, "m")
    assert (running.left_behind, running.open_tasks) == ({**NOTHING, "tasks": 1}, ["handle"])
    running.complete("handle")
    assert (running.status, running.left_behind, running.cancelled) == ("completed", NOTHING, ["work"])


def test_one_that_does_not_interrupt_may_run_several_times_at_once(engine, deploy):
    handler = event_sub_process(
        "h", message("m"), node("userTask", "handle") + way("h_s", "handle"), interrupting=False
    )
    file = bpmn(S + node("userTask", "work") + way("s", "work") + handler, definitions=DEFINITIONS)
    running = start(engine, deploy, file)
    send(engine, "m", {"n": 1})
    send(engine, "m", {"n": 2})
    assert running.open_tasks == ["work", "handle", "handle"]
    running.complete("work")
    assert running.status == "active"
    running.complete("handle")
    running.complete("handle")
    assert (running.status, running.left_behind) == ("completed", NOTHING)
    assert running.completed.count("h") == 2


def test_what_started_it_belongs_to_it_and_not_to_the_scope_around_it(engine, deploy):
    handler = event_sub_process(
        "h", message("m"), script("handle", "seen = seen + [n]") + way("h_s", "handle"), interrupting=False
    )
    file = bpmn(S + node("userTask", "work") + way("s", "work") + handler, definitions=DEFINITIONS)
    running = start(engine, deploy, file, seen=[])
    send(engine, "m", {"n": 1})
    send(engine, "m", {"n": 2})
    assert running.variables == {"seen": [1, 2]}


def test_it_stops_listening_with_its_scope(engine, deploy):
    handler = event_sub_process("h", message("m"), HANDLE, interrupting=False)
    inside = node("startEvent", "is") + node("userTask", "work") + way("is", "work") + handler
    file = bpmn(
        S + node("subProcess", "sub", inside) + node("userTask", "after") + way("s", "sub", "after"),
        definitions=DEFINITIONS,
    )
    running = start(engine, deploy, file)
    running.complete("work")
    assert running.left_behind == {**NOTHING, "tasks": 1}


def test_each_repetition_of_its_scope_has_its_own(engine, deploy):
    each = (
        '<bpmn:multiInstanceLoopCharacteristics planflow:collection="=[1, 2]" planflow:elementVariable="n"/>'
    )
    handler = event_sub_process(
        "h", message("m"), HANDLE, planflow_correlation="={&quot;n&quot;: n}",
    )  # fmt: skip
    inside = each + node("startEvent", "is") + node("userTask", "work") + way("is", "work") + handler
    running = start(
        engine, deploy, bpmn(S + node("subProcess", "sub", inside) + way("s", "sub"), definitions=DEFINITIONS)
    )
    send(engine, "m", n=2)
    assert (running.open_tasks, running.cancelled) == (["work"], ["work"])
    running.complete("work")
    assert (running.status, running.left_behind) == ("completed", NOTHING)


def test_one_in_another_handles_what_happens_while_that_runs(trial):
    inner = event_sub_process("g", error("bad"), node("task", "mend") + way("g_s", "mend"))
    outer = event_sub_process("h", signal("go"), end("he", error("bad")) + way("h_s", "he") + inner)
    file = bpmn(S + throw("t", signal("go")) + E + way("s", "t", "e") + outer, definitions=DEFINITIONS)
    result = trial(file)
    assert (result.state, names(result)) == ("completed", ["s", "t", "h_s", "he", "g_s", "mend", "g", "h"])


def test_terminating_it_leaves_its_scope_going(engine, deploy):
    """§10.5.3: terminate ends the sub-process that it stands in."""
    inside = (
        node("parallelGateway", "f") + node("userTask", "beside") + end("he", TERMINATE) + way("h_s", "f", "beside")
        + way("f", "he")
    )  # fmt: skip
    handler = event_sub_process("h", message("m"), inside, interrupting=False)
    running = start(
        engine,
        deploy,
        bpmn(S + node("userTask", "work") + way("s", "work") + handler, definitions=DEFINITIONS),
    )
    send(engine, "m")
    assert (running.open_tasks, running.cancelled) == (["work"], ["beside"])
    running.complete("work")
    assert running.status == "completed"


def test_one_whose_timer_cannot_be_worked_out_is_an_incident_while_its_scope_goes_on(engine, deploy):
    handler = event_sub_process("h", timer("timeDuration", "=pause"), HANDLE, interrupting=False)
    running = start(
        engine, deploy, bpmn(S + node("userTask", "a") + node("userTask", "b") + way("s", "a", "b") + handler)
    )
    assert (running.open_incidents, running.open_tasks) == (["h_s"], ["a"])
    running.complete("a", {"pause": "PT1H"})
    running.retry()
    assert running.left_behind == {**NOTHING, "timers": 1, "tasks": 1}
    running.complete("b")
    assert (running.status, running.left_behind) == ("completed", NOTHING)


def test_its_incident_goes_with_its_scope(engine, deploy):
    handler = event_sub_process("h", timer("timeDuration", "=pause"), HANDLE, interrupting=False)
    running = start(engine, deploy, bpmn(S + node("userTask", "a") + way("s", "a") + handler))
    running.complete("a")
    assert (running.status, running.left_behind) == ("completed", NOTHING)


def test_a_cycle_starts_it_at_each_round_until_its_scope_is_over(engine, deploy, clock):
    handler = event_sub_process("h", timer("timeCycle", "R3/PT1H"), HANDLE, interrupting=False)
    running = start(engine, deploy, bpmn(S + node("userTask", "a") + way("s", "a") + handler))
    for _ in range(5):
        clock.advance(hours=1)
        engine.fire_due_timers()
    assert running.completed.count("h") == 3
    running.complete("a")
    assert (running.status, running.left_behind) == ("completed", NOTHING)


def test_what_an_event_gives_as_data_goes_where_its_association_says(engine, deploy):
    """§10.4.2: the data output of the start event, in the sub-process, leads on to a data object of the scope."""
    data = (
        '<bpmn:dataOutput id="out" name="amount"/><bpmn:dataOutputAssociation id="oa">'
        "<bpmn:sourceRef>out</bpmn:sourceRef><bpmn:targetRef>total_ref</bpmn:targetRef></bpmn:dataOutputAssociation>"
    )
    handler = event_sub_process("h", data + message("m"), HANDLE, interrupting=False)
    objects = '<bpmn:dataObject id="total"/><bpmn:dataObjectReference id="total_ref" dataObjectRef="total"/>'
    body = S + node("userTask", "a") + way("s", "a") + handler + objects
    running = start(engine, deploy, bpmn(body, definitions=DEFINITIONS))
    send(engine, "m", {"amount": 12})
    assert running.variables == {"total": 12}

"""Boundary events and the ends of scopes (BPMN 2.0.2 §10.5.3, §10.5.4): timers, interruption, terminate."""

from __future__ import annotations

from tests.engine.conftest import names
from tests.engine.execution.running import NOTHING, send, start
from tests.engine.xml_text import (
    TERMINATE,
    boundary,
    bpmn,
    catch,
    end,
    mapped,
    message,
    node,
    root,
    script,
    timer,
    way,
    with_process,
)

S, E = node("startEvent", "s"), node("endEvent", "e")
FORK = node("parallelGateway", "f")
HOST = S + node("userTask", "host") + E + way("s", "host", "e")


def cycling(text: str, inside: str = "") -> bytes:
    return bpmn(
        HOST + boundary("tick", "host", inside, timer("timeCycle", text), interrupting=False)
        + script("count", "n = n + 1") + way("tick", "count")
    )  # fmt: skip


def test_a_cycle_that_does_not_interrupt_happens_once_a_round(engine, deploy, clock):
    running = start(engine, deploy, cycling("R3/PT1H"), n=0)
    counted = []
    for _ in range(5):
        clock.advance(hours=1)
        engine.fire_due_timers()
        counted.append(running.variables["n"])
    assert counted == [1, 2, 3, 3, 3]
    assert running.left_behind == {**NOTHING, "tasks": 1}


def test_a_cycle_stops_when_its_activity_is_done(engine, deploy, clock):
    running = start(engine, deploy, cycling("R/PT1H"), n=0)
    clock.advance(hours=1)
    engine.fire_due_timers()
    running.complete("host")
    assert (running.status, running.left_behind) == ("completed", NOTHING)
    clock.advance(hours=5)
    assert engine.fire_due_timers() == 0
    assert running.variables["n"] == 1


def test_what_a_cycle_has_begun_goes_on_after_its_activity_is_done(engine, deploy, clock):
    file = bpmn(
        HOST
        + boundary("tick", "host", timer("timeCycle", "R/PT1H"), interrupting=False)
        + node("userTask", "remind")
        + way("tick", "remind")
    )
    running = start(engine, deploy, file)
    for _ in range(2):
        clock.advance(hours=1)
        engine.fire_due_timers()
    running.complete("host")
    assert (running.status, running.open_tasks) == ("active", ["remind", "remind"])
    running.complete("remind")
    running.complete("remind")
    assert (running.status, running.left_behind) == ("completed", NOTHING)
    assert running.completed.count("tick") == 2


def test_an_interrupting_cycle_interrupts_at_its_first_round_and_has_no_other(engine, deploy, clock):
    file = bpmn(
        HOST + boundary("tick", "host", timer("timeCycle", "R3/PT1H")) + end("off") + way("tick", "off")
    )
    running = start(engine, deploy, file)
    clock.advance(hours=1)
    assert engine.fire_due_timers() == 1
    assert (running.status, running.left_behind, running.cancelled) == ("completed", NOTHING, ["host"])


def test_timers_of_dates_durations_and_cycles_may_be_expressions(trial):
    steps = [
        ("timeDate", '="2027-01-01"'),
        ("timeDuration", '="P" + str(n) + "D"'),
        ("timeCycle", '="R2/PT1H"'),
    ]
    waits = "".join(catch(f"w{i}", timer(kind, text)) for i, (kind, text) in enumerate(steps))
    result = trial(bpmn(S + waits + E + way("s", "w0", "w1", "w2", "e")), {"n": 2})
    assert (result.state, names(result)) == ("completed", ["s", "w0", "w1", "w2", "e"])


def test_a_timer_that_cannot_be_worked_out_at_a_boundary_leaves_its_activity_to_go_on(engine, deploy, clock):
    file = bpmn(
        S + FORK + node("userTask", "host") + node("userTask", "other") + end("off")
        + boundary("late", "host", timer("timeDuration", "=pause")) + way("s", "f", "host") + way("f", "other")
        + way("late", "off")
    )  # fmt: skip
    running = start(engine, deploy, file)
    assert (running.open_incidents, sorted(running.open_tasks)) == (["late"], ["host", "other"])
    running.complete("other", {"pause": "PT1H"})
    running.retry()
    clock.advance(hours=1)
    assert engine.fire_due_timers() == 1
    assert (running.status, running.left_behind, running.cancelled) == ("completed", NOTHING, ["host"])


def test_a_message_at_a_boundary_that_does_not_interrupt_is_taken_any_number_of_times(engine, deploy):
    outputs = mapped(out_total="=total + message[&quot;n&quot;]")
    file = bpmn(
        HOST + boundary("told", "host", outputs, message("m"), interrupting=False) + node("task", "note")
        + way("told", "note"),
        definitions=root("message", "m"),
    )  # fmt: skip
    running = start(engine, deploy, file, total=0)
    for n in (1, 2, 3):
        send(engine, "m", {"n": n})
    assert (running.variables["total"], running.completed.count("told")) == (6, 3)
    running.complete("host")
    assert running.left_behind == NOTHING


def test_each_element_is_entered_once_and_completed_or_cancelled_once(engine, deploy):
    inside = (
        node("startEvent", "is") + FORK + node("userTask", "a") + catch("b", message("m")) + way("is", "f", "a")
        + way("f", "b")
    )  # fmt: skip
    file = bpmn(
        S + node("subProcess", "sub", inside) + boundary("stopped", "sub", message("stop")) + E + way("s", "sub")
        + way("stopped", "e"),
        definitions=root("message", "m") + root("message", "stop"),
    )  # fmt: skip
    running = start(engine, deploy, file)
    send(engine, "stop")
    assert running.entered == ["s", "sub", "is", "f", "a", "b", "stopped", "e"]
    assert running.completed == ["s", "is", "f", "stopped", "e"]
    assert running.cancelled == ["a", "b", "sub"]
    assert running.left_behind == NOTHING


def test_terminate_ends_everything_in_its_process(engine, deploy):
    file = bpmn(
        S + FORK + node("userTask", "a") + catch("b", timer("timeDuration", "P1D")) + node("userTask", "go")
        + end("stop", TERMINATE) + way("s", "f", "a") + way("f", "b") + way("f", "go", "stop")
    )  # fmt: skip
    running = start(engine, deploy, file)
    running.complete("go")
    assert (running.status, running.left_behind) == ("completed", NOTHING)
    assert (sorted(running.cancelled), running.completed[-1]) == (["a", "b"], "stop")


def test_terminate_in_a_sub_process_ends_that_and_no_more(engine, deploy):
    inside = (
        node("startEvent", "is") + node("parallelGateway", "if") + node("userTask", "a") + end("stop", TERMINATE)
        + way("is", "if", "a") + way("if", "stop")
    )  # fmt: skip
    file = bpmn(
        S + FORK + node("userTask", "beside") + node("subProcess", "sub", inside) + node("task", "after")
        + way("s", "f", "beside") + way("f", "sub", "after")
    )  # fmt: skip
    running = start(engine, deploy, file)
    assert (running.open_tasks, running.cancelled) == (["beside"], ["a"])
    assert running.completed[-2:] == ["sub", "after"]


def test_terminate_in_a_called_process_ends_that_and_no_more(trial):
    called = (
        node("startEvent", "qs") + FORK.replace('"f"', '"qf"') + node("receiveTask", "a", messageRef="m")
        + end("stop", TERMINATE) + way("qs", "qf", "a") + way("qf", "stop")
    )  # fmt: skip
    calling = S + node("callActivity", "call", calledElement="q") + E + way("s", "call", "e")
    file = with_process(bpmn(calling, definitions=root("message", "m")), "q", called)
    result = trial(file)
    assert (result.state, names(result)[-3:], names(result, "cancelled")) == (
        "completed",
        ["stop", "call", "e"],
        ["a"],
    )

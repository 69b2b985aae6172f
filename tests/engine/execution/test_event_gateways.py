"""Event-based gateways (BPMN 2.0.2 §10.6.6, §13.4.4): the first event decides; or they begin the process."""

from __future__ import annotations

from sqlalchemy import func, select

from engine.storage.tables import instance
from tests.engine.conftest import names
from tests.engine.execution.running import NOTHING, send, start
from tests.engine.xml_text import (
    bpmn,
    catch,
    event_sub_process,
    message,
    node,
    root,
    signal,
    throw,
    timer,
    way,
)

S, E = node("startEvent", "s"), node("endEvent", "e")
AB = root("message", "a") + root("message", "b") + root("signal", "go")
GATEWAY = node("eventBasedGateway", "g")
EVENTS = (
    catch("on_a", message("a")) + catch("on_b", message("b")) + way("g", "on_a", "e") + way("g", "on_b", "e")
)


def test_the_first_event_wins_and_the_others_are_given_up(engine, deploy):
    file = bpmn(
        S + GATEWAY + EVENTS + catch("late", timer("timeDuration", "PT1H")) + catch("on_go", signal("go")) + E
        + way("s", "g", "late", "e") + way("g", "on_go", "e"),
        definitions=AB,
    )  # fmt: skip
    running = start(engine, deploy, file)
    assert running.left_behind == {**NOTHING, "timers": 1, "subscriptions": 3}
    send(engine, "b")
    assert (running.completed, running.left_behind) == (["s", "g", "on_b", "e"], NOTHING)
    assert sorted(running.cancelled) == ["late", "on_a", "on_go"]


def test_one_signal_that_two_events_wait_for_decides_for_one_of_them(trial):
    file = bpmn(
        S + node("parallelGateway", "f") + GATEWAY + catch("one", signal("go")) + catch("two", signal("go"))
        + throw("t", signal("go")) + catch("pause", timer("timeDuration", "PT1H"))
        + way("s", "f", "g", "one") + way("g", "two") + way("f", "pause", "t"),
        definitions=AB,
    )  # fmt: skip
    result = trial(file)
    assert (result.state, names(result)[-1], names(result, "cancelled")) == ("completed", "one", ["two"])


def test_the_gateway_can_be_reached_again_in_a_loop(engine, deploy):
    file = bpmn(
        S + node("exclusiveGateway", "m") + GATEWAY + catch("on_a", message("a")) + catch("on_b", message("b")) + E
        + way("s", "m", "g", "on_a", "m") + way("g", "on_b", "e"),
        definitions=AB,
    )  # fmt: skip
    running = start(engine, deploy, file)
    for name in ("a", "a", "b"):
        send(engine, name)
    assert (running.status, running.left_behind, running.completed.count("on_a")) == ("completed", NOTHING, 2)


def test_two_tokens_at_one_gateway_each_wait_for_an_event_of_their_own(engine, deploy):
    file = bpmn(
        S + node("parallelGateway", "f") + node("task", "x") + node("task", "y") + node("exclusiveGateway", "m")
        + GATEWAY + EVENTS + E + way("s", "f", "x", "m", "g") + way("f", "y", "m"),
        definitions=AB,
    )  # fmt: skip
    running = start(engine, deploy, file)
    assert running.left_behind["subscriptions"] == 4
    send(engine, "a")
    assert (running.status, running.left_behind["subscriptions"]) == ("active", 2)
    send(engine, "b")
    assert (running.status, running.left_behind) == ("completed", NOTHING)


def test_interrupting_the_scope_gives_up_all_of_its_events(engine, deploy):
    handler = event_sub_process(
        "h", signal("go") + message("stop"), node("task", "handle") + way("h_s", "handle")
    )
    file = bpmn(S + GATEWAY + EVENTS + E + way("s", "g") + handler, definitions=AB + root("message", "stop"))
    running = start(engine, deploy, file)
    send(engine, "stop")
    assert (running.status, running.left_behind, sorted(running.cancelled)) == (
        "completed",
        NOTHING,
        ["on_a", "on_b"],
    )


def test_an_event_that_cannot_be_worked_out_is_given_up_with_its_incident_when_another_wins(engine, deploy):
    file = bpmn(
        S
        + GATEWAY
        + EVENTS
        + catch("late", timer("timeDuration", "=pause"))
        + E
        + way("s", "g", "late", "e"),
        definitions=AB,
    )
    running = start(engine, deploy, file)
    assert running.open_incidents == ["late"]
    send(engine, "a")
    assert (running.status, running.left_behind) == ("completed", NOTHING)


def beginning(kind: str, events: str = EVENTS) -> bytes:
    gateway = node("eventBasedGateway", "g", instantiate="true", eventGatewayType=kind)
    return bpmn(gateway + events + E, definitions=AB)


def test_each_event_behind_an_exclusive_gateway_begins_an_instance_of_its_own(engine, deploy):
    deploy(beginning("Exclusive"))
    first, second = send(engine, "a", {"n": 1}), send(engine, "b", {"n": 2})
    assert first.id != second.id
    assert [r.completed for r in (first, second)] == [["g", "on_a", "e"], ["g", "on_b", "e"]]
    assert [r.variables for r in (first, second)] == [{"n": 1}, {"n": 2}]


def test_all_events_behind_a_parallel_gateway_are_needed_by_the_one_instance(engine, deploy):
    """§10.6.6: the first one begins it, and it is not over before all of them have happened."""
    deploy(beginning("Parallel"))
    begun = send(engine, "b")
    assert (begun.status, begun.completed, begun.left_behind["subscriptions"]) == (
        "active",
        ["g", "on_b", "e"],
        1,
    )
    assert send(engine, "a").id == begun.id
    assert (begun.status, begun.left_behind) == ("completed", NOTHING)
    assert begun.completed == ["g", "on_b", "e", "on_a", "e"]
    with engine.database.read() as session:
        assert session.scalar(select(func.count()).select_from(instance)) == 1


def test_an_event_behind_an_instantiating_gateway_may_need_several(engine, deploy):
    both = catch("both", message("a"), message("b"), parallelMultiple="true") + way("g", "both", "e")
    deploy(beginning("Exclusive", both))
    begun = send(engine, "a", {"a": 1})
    assert (begun.status, begun.left_behind["subscriptions"]) == ("active", 1)
    assert send(engine, "b", {"b": 2}).id == begun.id
    assert (begun.status, begun.variables, begun.left_behind) == ("completed", {"a": 1, "b": 2}, NOTHING)


def test_a_receive_task_behind_an_instantiating_gateway_begins_the_process_too(engine, deploy):
    tasks = node("receiveTask", "get_a", messageRef="a") + node("receiveTask", "get_b", messageRef="b")
    deploy(beginning("Exclusive", tasks + way("g", "get_a", "e") + way("g", "get_b", "e")))
    assert send(engine, "b").completed == ["g", "get_b", "e"]


def test_a_timer_behind_an_instantiating_gateway_begins_the_process(engine, deploy, clock):
    events = (
        catch("late", timer("timeDuration", "PT1H"))
        + catch("on_a", message("a"))
        + way("g", "late", "e")
        + way("g", "on_a", "e")
    )
    deploy(beginning("Exclusive", events))
    clock.advance(hours=1)
    assert engine.fire_due_timers() == 1
    with engine.database.read() as session:
        assert list(session.scalars(select(instance.c.status))) == ["completed"]

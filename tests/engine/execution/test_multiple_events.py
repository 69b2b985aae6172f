"""Multiple and parallel multiple events (BPMN 2.0.2 §10.5.2 to §10.5.5): one of several triggers, or all of them."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from engine import PlanFlowError
from engine.storage.tables import instance, subscription
from engine.storage.tables import job as timers
from tests.engine.conftest import names
from tests.engine.execution.running import NOTHING, Running, send, start
from tests.engine.xml_text import (
    TERMINATE,
    boundary,
    bpmn,
    catch,
    compensate,
    end,
    error,
    escalation,
    event_sub_process,
    flow,
    handled_by,
    mapped,
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
FORK = node("parallelGateway", "fork")
AB = root("message", "a") + root("message", "b") + root("signal", "go")
ALL = {"parallelMultiple": "true"}


def test_of_several_events_the_first_is_enough_and_nothing_else_is_waited_for(engine, deploy):
    file = bpmn(
        S + catch("either", message("a"), signal("go"), timer("timeDuration", "PT1H"), message("b"))
        + node("userTask", "after") + way("s", "either", "after"),
        definitions=AB,
    )  # fmt: skip
    running = start(engine, deploy, file)
    assert running.left_behind == {**NOTHING, "timers": 1, "subscriptions": 3}
    send(engine, "b", {"n": 1})
    assert running.left_behind == {**NOTHING, "tasks": 1}
    assert running.variables == {"n": 1}


def test_the_timer_of_several_events_is_enough_too(engine, deploy, clock):
    file = bpmn(
        S + catch("either", message("a"), timer("timeDuration", "PT1H")) + E + way("s", "either", "e"),
        definitions=AB,
    )
    running = start(engine, deploy, file)
    clock.advance(hours=1)
    assert engine.fire_due_timers() == 1
    assert (running.completed, running.left_behind) == (["s", "either", "e"], NOTHING)


def test_all_of_several_events_are_needed_where_the_event_says_so(engine, deploy, clock):
    both = catch("both", message("a"), timer("timeDuration", "PT1H"), message("b"), **ALL)
    running = start(engine, deploy, bpmn(S + both + E + way("s", "both", "e"), definitions=AB))
    send(engine, "b", {"b": 2})
    assert running.left_behind == {**NOTHING, "timers": 1, "subscriptions": 1}
    clock.advance(hours=1)
    engine.fire_due_timers()
    assert (running.status, running.left_behind) == ("active", {**NOTHING, "subscriptions": 1})
    send(engine, "a", {"a": 1})
    assert (running.status, running.left_behind) == ("completed", NOTHING)
    assert (running.entered.count("both"), running.completed.count("both")) == (1, 1)
    assert running.variables == {"a": 1, "b": 2}


def test_what_the_events_have_carried_is_mapped_together_when_all_have_happened(engine, deploy):
    both = catch(
        "both",
        mapped(out_sum="=message[&quot;a&quot;] + message[&quot;b&quot;]"),
        message("a"),
        message("b"),
        **ALL,
    )
    running = start(engine, deploy, bpmn(S + both + E + way("s", "both", "e"), definitions=AB))
    send(engine, "a", {"a": 1})
    assert running.variables == {}
    send(engine, "b", {"b": 2})
    assert running.variables == {"sum": 3}


def test_a_boundary_event_that_needs_all_and_does_not_interrupt_needs_all_of_them_each_time(engine, deploy):
    file = bpmn(
        S + node("userTask", "host") + boundary("both", "host", message("a"), message("b"), interrupting=False, **ALL)
        + script("count", "n = n + 1") + way("both", "count") + E + way("s", "host", "e"),
        definitions=AB,
    )  # fmt: skip
    running = start(engine, deploy, file, n=0)
    counted = []
    for name in ("a", "b", "b", "a"):
        send(engine, name)
        counted.append(running.variables["n"])
    assert counted == [0, 1, 1, 2]
    running.complete("host")
    assert (running.status, running.left_behind) == ("completed", NOTHING)


def test_an_event_sub_process_that_needs_all_and_does_not_interrupt_needs_all_of_them_each_time(
    engine, deploy
):
    handler = event_sub_process(
        "h",
        message("a") + message("b"),
        script("count", "n = n + 1") + way("h_s", "count"),
        interrupting=False,
        **ALL,
    )
    running = start(
        engine, deploy, bpmn(S + node("userTask", "work") + way("s", "work") + handler, definitions=AB), n=0
    )
    for name in ("a", "b", "b", "a", "b"):
        send(engine, name)
    assert running.variables["n"] == 2
    running.complete("work")
    assert (running.status, running.left_behind) == ("completed", NOTHING)


def test_an_event_sub_process_begins_with_any_of_several_events(engine, deploy, clock):
    handler = event_sub_process(
        "h", timer("timeDuration", "PT1H") + message("a"), node("task", "handle") + way("h_s", "handle")
    )
    running = start(
        engine, deploy, bpmn(S + node("userTask", "work") + way("s", "work") + handler, definitions=AB)
    )
    clock.advance(hours=1)
    engine.fire_due_timers()
    assert (running.status, running.left_behind) == ("completed", NOTHING)
    assert (running.completed, running.cancelled) == (["s", "h_s", "handle", "h"], ["work"])


def test_a_start_event_that_needs_all_begins_with_one_and_waits_for_the_rest(engine, deploy):
    file = bpmn(
        node("startEvent", "s", message("a") + message("b"), **ALL) + E + way("s", "e"), definitions=AB
    )
    deploy(file)
    begun = send(engine, "a", {"a": 1})
    assert (begun.status, begun.left_behind) == ("active", {**NOTHING, "subscriptions": 1})
    assert send(engine, "b", {"b": 2}) == begun
    assert (begun.status, begun.variables, begun.left_behind) == ("completed", {"a": 1, "b": 2}, NOTHING)
    assert begun.entered == begun.completed == ["s", "e"]


def test_a_start_event_with_several_events_begins_with_any_of_them(engine, deploy):
    deploy(bpmn(node("startEvent", "s", message("a") + message("b")) + E + way("s", "e"), definitions=AB))
    assert [send(engine, name).completed for name in ("a", "b")] == [["s", "e"], ["s", "e"]]


def test_a_start_event_without_events_needs_none_of_them(trial):
    assert names(trial(bpmn(node("startEvent", "s", **ALL) + E + way("s", "e")))) == ["s", "e"]


def test_a_throwing_event_throws_all_of_its_events(trial):
    """§10.5.3 and §10.5.4: with several results all of them occur."""
    file = bpmn(
        S + FORK + catch("one", message("a")) + catch("two", signal("go")) + throw("tell", signal("go"), message("a"))
        + way("s", "fork", "one") + way("fork", "two") + way("fork", "tell"),
        definitions=AB,
    )  # fmt: skip
    assert sorted(names(trial(file))) == ["fork", "one", "s", "tell", "two"]


@pytest.mark.parametrize("last", [TERMINATE, error("bad"), escalation("up")])
def test_what_may_interrupt_an_end_event_is_thrown_after_the_rest_wherever_it_stands(trial, last):
    inside = (
        node("startEvent", "is") + node("task", "done") + handled_by("done", "undo")
        + node("task", "undo", isForCompensation="true") + end("ie", last, message("a"), signal("go"), compensate())
        + way("is", "done", "ie")
    )  # fmt: skip
    file = bpmn(
        S + FORK + catch("one", message("a")) + catch("two", signal("go")) + node("subProcess", "sub", inside)
        + boundary("caught", "sub", error("bad")) + boundary("told", "sub", escalation("up"))
        + way("s", "fork", "one") + way("fork", "two") + way("fork", "sub"),
        definitions=AB + root("error", "bad", errorCode="BAD") + root("escalation", "up", escalationCode="UP"),
    )  # fmt: skip
    result = trial(file)
    assert result.state == "completed"
    assert {"one", "two", "undo", "ie"} <= set(names(result))
    assert names(result).count("ie") == 1


def test_a_throwing_event_that_fails_goes_on_where_it_stopped(engine, deploy):
    thrower = throw("tell", mapped(in_n="=limit"), signal("go"), message("a"))
    file = bpmn(
        S + FORK + catch("one", message("a")) + node("userTask", "set") + thrower
        + way("s", "fork", "one") + way("fork", "set") + way("fork", "tell"),
        definitions=AB,
    )  # fmt: skip
    running = start(engine, deploy, file)
    assert running.open_incidents == ["tell"]
    running.complete("set", {"limit": 3})
    running.retry()
    assert (running.told("message.thrown"), running.told("signal.thrown")) == (["tell"], ["tell"])
    assert (running.status, running.left_behind) == ("completed", NOTHING)


def test_an_event_one_of_whose_timers_cannot_be_worked_out_waits_for_none_until_it_is_retried(engine, deploy):
    either = catch("either", message("a"), timer("timeDuration", "=pause"))
    file = bpmn(
        S + FORK + either + node("userTask", "set") + way("s", "fork", "either") + way("fork", "set"),
        definitions=AB,
    )
    running = start(engine, deploy, file)
    assert running.left_behind == {"timers": 0, "subscriptions": 0, "tasks": 1, "incidents": 1}
    running.complete("set", {"pause": "PT1H"})
    running.retry()
    assert running.left_behind == {"timers": 1, "subscriptions": 1, "tasks": 0, "incidents": 0}
    send(engine, "a")
    assert (running.status, running.left_behind) == ("completed", NOTHING)
    assert running.entered.count("either") == running.completed.count("either") == 1


def test_a_correlation_that_fails_is_an_incident_and_listens_once_it_is_retried(engine, deploy):
    wait = catch("wait", message("a"), planflow_correlation="={&quot;order&quot;: order}")
    file = bpmn(
        S + FORK + wait + node("userTask", "set") + way("s", "fork", "wait") + way("fork", "set"),
        definitions=AB,
    )
    running = start(engine, deploy, file)
    assert running.open_incidents == ["wait"]
    running.complete("set", {"order": 7})
    running.retry()
    send(engine, "a", order=7)
    assert (running.status, running.left_behind) == ("completed", NOTHING)


def taking(place: str, event: str) -> str:
    """A parallel branch that takes ``n`` into a variable which it adds ``limit`` to, at one of three places."""
    outputs = mapped(out_total="=message[&quot;n&quot;] + limit")
    body = {
        "catch": catch("wait", outputs, event) + script("got", "got = total") + way("f", "wait", "got"),
        "boundary": node("userTask", "host") + boundary("wait", "host", outputs, event)
        + script("got", "got = total") + way("f", "host") + way("wait", "got"),
        "event sub-process": event_sub_process(
            "wait", outputs + event, script("got", "got = total") + way("wait_s", "got"), interrupting=False
        ),
    }  # fmt: skip
    return S + FORK.replace("fork", "f") + node("userTask", "set") + way("s", "f", "set") + body[place]


PLACES = pytest.mark.parametrize("place", ["catch", "boundary", "event sub-process"])


@PLACES
def test_a_message_that_cannot_be_mapped_is_refused_and_nothing_has_happened(engine, deploy, place):
    beside = node("userTask", "beside") + way("f", "beside")
    running = start(engine, deploy, bpmn(taking(place, message("a")) + beside, definitions=AB))
    before = (running.left_behind, running.completed, running.variables)
    with pytest.raises(PlanFlowError):
        send(engine, "a", {"n": 5})
    assert (running.left_behind, running.completed, running.variables) == before
    running.complete("set", {"limit": 2})
    send(engine, "a", {"n": 5})
    running.complete("beside")
    assert (running.status, running.left_behind, running.variables["got"]) == ("completed", NOTHING, 7)


@PLACES
def test_what_a_signal_of_the_same_instance_brought_is_kept_and_mapped_at_the_retry(engine, deploy, place):
    """Whoever threw it has done their part: the incident is that of the event that catches it."""
    tell = throw("tell", mapped(in_n="=5"), signal("go")) + node("userTask", "now") + way("f", "now", "tell")
    running = start(engine, deploy, bpmn(taking(place, signal("go")) + tell, definitions=AB))
    running.complete("now")
    assert running.open_incidents == ["wait_s" if place == "event sub-process" else "wait"]
    assert "tell" in running.completed
    running.complete("set", {"limit": 2})
    running.retry()
    assert (running.status, running.left_behind, running.variables["got"]) == ("completed", NOTHING, 7)


@pytest.mark.parametrize("start_event", ["s", "g"])
def test_a_message_that_cannot_be_mapped_starts_nothing(engine, deploy, start_event):
    outputs = mapped(out_total="=message[&quot;n&quot;] + 1")
    by_event = node("startEvent", "s", outputs + message("a")) + E + way("s", "e")
    by_two = node("startEvent", "s", outputs + message("a") + message("b"), **ALL) + E + way("s", "e")
    deploy(bpmn(by_event if start_event == "s" else by_two, definitions=AB))
    if start_event == "g":
        send(engine, "b")
    with pytest.raises(PlanFlowError):
        send(engine, "a", {"wrong": 5})
    assert send(engine, "a", {"n": 5}).variables == {"total": 6}


def test_starts_of_a_process_are_noted_with_the_number_of_their_event(engine, deploy):
    deploy(
        bpmn(
            node("startEvent", "s", message("a") + timer("timeDuration", "PT1H") + signal("go"))
            + flow("s", "e")
            + E,
            definitions=AB,
        )
    )
    with engine.database.read() as session:
        assert sorted(session.scalars(select(subscription.c.event))) == [0, 2]
        assert list(session.scalars(select(timers.c.event))) == [1]


def test_a_process_that_begins_with_a_timer_among_its_events_begins_when_that_elapses(engine, deploy, clock):
    deploy(
        bpmn(
            node("startEvent", "s", message("a") + timer("timeDuration", "PT1H")) + E + way("s", "e"),
            definitions=AB,
        )
    )
    clock.advance(hours=1)
    assert engine.fire_due_timers() == 1
    with engine.database.read() as session:
        assert session.scalar(select(func.count()).select_from(instance)) == 1
        found = session.scalar(select(instance.c.id))
    assert Running(engine, str(found)).completed == ["s", "e"]

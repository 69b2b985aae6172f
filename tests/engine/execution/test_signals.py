"""Signal events (BPMN 2.0.2 §10.5.1, §10.5.5): broadcast to everything that waits for them now, and kept for nobody."""

from __future__ import annotations

from sqlalchemy import func, select

from engine import StartInstance
from engine.storage.tables import instance
from tests.engine.conftest import actor, names
from tests.engine.execution.running import NOTHING, start
from tests.engine.xml_text import (
    boundary,
    bpmn,
    catch,
    end,
    flow,
    mapped,
    node,
    root,
    script,
    signal,
    throw,
    timer,
    way,
    with_process,
)

S, E = node("startEvent", "s"), node("endEvent", "e")
GO = root("signal", "go")
FORK = node("parallelGateway", "fork")


def test_a_signal_reaches_everything_that_waits_for_it_in_the_instance(trial):
    result = trial(
        bpmn(
            S + FORK + catch("one", signal("go")) + catch("two", signal("go")) + throw("tell", signal("go"))
            + way("s", "fork", "one") + way("fork", "two") + way("fork", "tell"),
            definitions=GO,
        )
    )  # fmt: skip
    assert result.state == "completed"
    assert names(result) == ["s", "fork", "tell", "one", "two"]


def test_a_signal_that_nobody_waits_for_is_lost(trial):
    file = bpmn(
        S + throw("tell", signal("go")) + catch("late", signal("go")) + way("s", "tell", "late"),
        definitions=GO,
    )
    result = trial(file)
    assert (result.state, names(result)) == ("waiting", ["s", "tell"])


def test_a_signal_of_another_name_is_not_caught(trial):
    file = bpmn(
        S + FORK + catch("one", signal("go")) + end("tell", signal("stop")) + way("s", "fork", "one")
        + way("fork", "tell"),
        definitions=GO + root("signal", "stop"),
    )  # fmt: skip
    assert trial(file).state == "waiting"


def test_a_signal_end_event_throws_and_ends(trial):
    file = bpmn(
        S + FORK + catch("one", signal("go")) + end("tell", signal("go")) + way("s", "fork", "one")
        + way("fork", "tell"),
        definitions=GO,
    )  # fmt: skip
    result = trial(file)
    assert (result.state, names(result)) == ("completed", ["s", "fork", "tell", "one"])


def test_a_signal_carries_what_the_thrower_maps_and_the_catcher_takes_what_it_maps(trial):
    file = bpmn(
        S + FORK
        + catch("one", mapped(out_seen="=message[&quot;n&quot;] + 1"), signal("go"))
        + throw("tell", mapped(in_n="=n * 10"), signal("go"))
        + way("s", "fork", "one") + way("fork", "tell"),
        definitions=GO,
    )  # fmt: skip
    assert trial(file, {"n": 4}).data == {"n": 4, "seen": 41}


def test_what_a_signal_carries_becomes_variables_where_nothing_is_mapped(trial):
    file = bpmn(
        S + FORK + catch("one", signal("go")) + throw("tell", mapped(in_amount="=7"), signal("go"))
        + way("s", "fork", "one") + way("fork", "tell"),
        definitions=GO,
    )  # fmt: skip
    assert trial(file).data == {"amount": 7}


def test_an_interrupting_signal_interrupts_before_the_thrower_goes_on(trial):
    """§10.5.4: nothing else in the scope moves once it is interrupted."""
    inside = (
        node("startEvent", "is")
        + throw("tell", signal("go"))
        + node("task", "never")
        + way("is", "tell", "never")
    )
    file = bpmn(
        S + node("subProcess", "sub", inside) + boundary("stop", "sub", signal("go")) + E + end("stopped")
        + way("s", "sub", "e") + way("stop", "stopped"),
        definitions=GO,
    )  # fmt: skip
    result = trial(file)
    assert names(result) == ["s", "is", "tell", "stop", "stopped"]
    assert names(result, "cancelled") == ["sub"]


def test_the_outermost_event_that_a_signal_interrupts_by_leaves_nothing_to_the_inner_one(trial):
    inner = node("startEvent", "iis") + catch("wait", signal("go")) + way("iis", "wait")
    middle = (
        node("startEvent", "is") + node("subProcess", "inner", inner) + boundary("in", "inner", signal("go"))
        + way("is", "inner") + node("task", "inner_handled") + way("in", "inner_handled")
    )  # fmt: skip
    file = bpmn(
        S + FORK + node("subProcess", "middle", middle) + boundary("out", "middle", signal("go"))
        + throw("tell", signal("go")) + node("task", "handled")
        + way("s", "fork", "middle") + way("fork", "pause", "tell") + way("out", "handled")
        + catch("pause", timer("timeDuration", "PT1H")),
        definitions=GO,
    )  # fmt: skip
    result = trial(file)
    assert "inner_handled" not in names(result)
    assert names(result, "cancelled") == ["wait", "inner", "middle"]
    assert names(result)[-2:] == ["out", "handled"]


def test_a_boundary_event_that_does_not_interrupt_happens_at_each_signal(trial):
    file = bpmn(
        S + FORK + node("receiveTask", "host", messageRef="never") + E + way("s", "fork", "host", "e")
        + boundary("each", "host", signal("go"), interrupting=False) + script("count", "n = n + 1")
        + way("each", "count") + throw("first", signal("go")) + throw("second", signal("go"))
        + way("fork", "pause", "first", "second") + catch("pause", timer("timeDuration", "PT1H")),
        definitions=GO + root("message", "never"),
    )  # fmt: skip
    result = trial(file, {"n": 0})
    assert (result.state, result.data) == ("waiting", {"n": 2})


def test_a_second_signal_does_not_change_what_the_first_brought(trial):
    """The event has happened with the first; that its token has not moved yet makes no difference."""
    file = bpmn(
        S + FORK + catch("one", signal("go")) + throw("tell", mapped(in_n="=1"), signal("go"))
        + throw("again", mapped(in_n="=2"), signal("go"))
        + way("s", "fork", "one") + way("fork", "tell") + way("fork", "again"),
        definitions=GO,
    )  # fmt: skip
    result = trial(file)
    assert (names(result).count("one"), result.data) == (1, {"n": 1})


def test_a_definition_that_is_referred_to_is_as_good_as_one_of_its_own(trial):
    """§10.5.5: ``eventDefinitionRef`` names a definition that stands beside the processes."""
    shared = GO + '<bpmn:signalEventDefinition id="shared" signalRef="go"/>'
    reference = "<bpmn:eventDefinitionRef>shared</bpmn:eventDefinitionRef>"
    file = bpmn(
        S + FORK + catch("one", reference) + throw("tell", reference) + way("s", "fork", "one")
        + way("fork", "tell"),
        definitions=shared,
    )  # fmt: skip
    assert names(trial(file)) == ["s", "fork", "tell", "one"]


def two_processes() -> bytes:
    thrower = S + throw("tell", mapped(in_n="=5"), signal("go")) + E + way("s", "tell", "e")
    started = node("startEvent", "qs", signal("go")) + node("task", "qa") + way("qs", "qa")
    return with_process(bpmn(thrower, definitions=GO), "q", started)


def test_a_signal_starts_each_process_that_begins_with_it(trial):
    result = trial(two_processes())
    assert names(result) == ["s", "tell", "e", "qs", "qa"]


def test_a_signal_starts_an_instance_of_its_own_with_what_it_carries(engine, deploy):
    start(engine, deploy, two_processes())
    with engine.database.read() as session:
        rows = session.execute(select(instance.c.variables).where(instance.c.process_key == "q")).all()
    assert [row.variables for row in rows] == [{"n": 5}]


def test_a_signal_that_starts_the_process_that_throws_it_starts_it_once_more(engine, deploy):
    body = (
        S + throw("tell", signal("go")) + E + way("s", "tell", "e") + node("startEvent", "by", signal("go"))
        + node("task", "a") + flow("by", "a")
    )  # fmt: skip
    started = start(engine, deploy, bpmn(body, definitions=GO))
    assert started.completed == ["s", "tell", "e"]
    with engine.database.read() as session:
        assert session.scalar(select(func.count()).select_from(instance)) == 2


def test_nobody_listens_to_signals_for_an_instance_that_is_over(engine, deploy):
    file = bpmn(
        S + node("userTask", "work") + E + way("s", "work", "e")
        + boundary("aside", "work", signal("go"), interrupting=False) + node("task", "note") + way("aside", "note"),
        definitions=GO,
    )  # fmt: skip
    running = start(engine, deploy, file)
    assert running.left_behind["subscriptions"] == 1
    running.complete("work")
    assert (running.status, running.left_behind) == ("completed", NOTHING)


def test_a_signal_of_another_process_is_caught_once_by_each_that_waits(engine, deploy):
    waiting = S + catch("wait", signal("go")) + E + way("s", "wait", "e")
    first = start(engine, deploy, bpmn(waiting, definitions=GO))
    second = start(engine, deploy, bpmn(waiting, definitions=GO))
    deploy(bpmn(S + end("e", signal("go")) + way("s", "e"), key="t", definitions=GO))
    engine.execute(StartInstance("t"), actor("supervisor"))
    assert [r.completed for r in (first, second)] == [["s", "wait", "e"]] * 2
    assert [r.left_behind for r in (first, second)] == [NOTHING] * 2

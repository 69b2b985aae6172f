"""Conditional events (BPMN 2.0.2 §10.5.5): they happen when their condition becomes true, and not while it stays so."""

from __future__ import annotations

from tests.engine.conftest import names
from tests.engine.execution.running import NOTHING, send, start
from tests.engine.xml_text import (
    boundary,
    bpmn,
    catch,
    conditional,
    end,
    event_sub_process,
    message,
    node,
    root,
    script,
    timer,
    way,
)

S, E = node("startEvent", "s"), node("endEvent", "e")
FORK = node("parallelGateway", "fork")
PAUSE = catch("pause", timer("timeDuration", "PT1H"))
NEVER = root("message", "never")
HOST = node("receiveTask", "host", messageRef="never")


def test_a_condition_is_waited_for_until_a_variable_makes_it_true(trial):
    file = bpmn(
        S + FORK + catch("wait", conditional("n &gt; 1")) + script("one", "n = 1") + script("two", "n = 2")
        + way("s", "fork", "wait") + way("fork", "one", "two")
    )  # fmt: skip
    result = trial(file, {"n": 0})
    assert result.state == "completed"
    assert names(result) == ["s", "fork", "one", "two", "wait"]


def test_a_condition_that_nothing_makes_true_is_waited_for(trial):
    file = bpmn(S + catch("wait", conditional("n &gt; 1")) + way("s", "wait"))
    assert trial(file, {"n": 0}).state == "waiting"


def test_a_condition_that_holds_already_is_passed_at_once(trial):
    file = bpmn(S + catch("wait", conditional("n &gt; 1")) + E + way("s", "wait", "e"))
    assert names(trial(file, {"n": 2})) == ["s", "wait", "e"]


def test_a_condition_interrupts_before_what_made_it_true_goes_on(trial):
    inside = (
        node("startEvent", "is")
        + script("spend", "spent = 11")
        + node("task", "never")
        + way("is", "spend", "never")
    )
    file = bpmn(
        S + node("subProcess", "sub", inside) + boundary("over", "sub", conditional("spent &gt; 10")) + E
        + end("stopped") + way("s", "sub", "e") + way("over", "stopped")
    )  # fmt: skip
    result = trial(file, {"spent": 0})
    assert names(result) == ["s", "is", "spend", "over", "stopped"]
    assert names(result, "cancelled") == ["sub"]


def test_a_condition_interrupts_a_scope_before_its_last_step_ends_it(trial):
    inside = node("startEvent", "is") + script("spend", "spent = 11") + way("is", "spend")
    file = bpmn(
        S + node("subProcess", "sub", inside) + boundary("over", "sub", conditional("spent &gt; 10")) + E
        + end("stopped") + way("s", "sub", "e") + way("over", "stopped")
    )  # fmt: skip
    result = trial(file, {"spent": 0})
    assert names(result) == ["s", "is", "spend", "over", "stopped"]
    assert names(result, "cancelled") == ["sub"]


def test_the_last_step_of_a_process_can_begin_a_conditional_event_sub_process(trial):
    handler = event_sub_process(
        "h", conditional("n &gt; 1"), node("task", "handle") + way("h_s", "handle"), interrupting=False
    )
    result = trial(bpmn(S + script("raise", "n = 2") + way("s", "raise") + handler), {"n": 0})
    assert names(result) == ["s", "raise", "h_s", "handle", "h"]


def test_what_an_activity_gives_when_it_is_done_does_not_interrupt_that_activity_any_more(engine, deploy):
    file = bpmn(
        S + node("userTask", "enter") + boundary("over", "enter", conditional("n &gt; 9")) + E + end("stopped")
        + way("s", "enter", "e") + way("over", "stopped")
    )  # fmt: skip
    running = start(engine, deploy, file, n=0)
    running.complete("enter", {"n": 10})
    assert (running.completed, running.cancelled) == (["s", "enter", "e"], [])
    assert running.left_behind == NOTHING


def test_what_a_person_has_done_counts_even_if_it_interrupts_the_scope_of_their_task(engine, deploy):
    handler = event_sub_process("h", conditional("n &gt; 9"), node("task", "handle") + way("h_s", "handle"))
    running = start(
        engine, deploy, bpmn(S + node("userTask", "enter") + E + way("s", "enter", "e") + handler), n=0
    )
    running.complete("enter", {"n": 10})
    assert (running.completed, running.cancelled) == (["s", "enter", "h_s", "handle", "h"], [])


def test_a_condition_that_holds_when_its_activity_begins_interrupts_it_before_it_does_anything(trial):
    file = bpmn(
        S + script("work", "done = True") + boundary("over", "work", conditional("spent &gt; 10"))
        + end("stopped") + way("s", "work") + way("over", "stopped")
    )  # fmt: skip
    result = trial(file, {"spent": 11})
    assert (names(result), result.data) == (["s", "over", "stopped"], {"spent": 11})


def test_a_condition_that_does_not_interrupt_happens_each_time_it_becomes_true(trial):
    steps = "".join(script(f"n{i}", f"n = {n}") for i, n in enumerate([2, 3, 0, 2]))
    file = bpmn(
        S + FORK + HOST + boundary("each", "host", conditional("n &gt; 1"), interrupting=False)
        + script("count", "times = times + 1") + way("each", "count") + steps
        + way("s", "fork", "host") + way("fork", "n0", "n1", "n2", "n3"),
        definitions=NEVER,
    )  # fmt: skip
    assert trial(file, {"n": 0, "times": 0}).data == {"n": 2, "times": 2}


def test_an_interrupting_conditional_event_sub_process_ends_everything_else_in_its_scope(trial):
    handler = event_sub_process("h", conditional("n &gt; 1"), node("task", "handle") + way("h_s", "handle"))
    file = bpmn(S + script("raise", "n = 2") + node("task", "never") + way("s", "raise", "never") + handler)
    result = trial(file, {"n": 0})
    assert names(result) == ["s", "raise", "h_s", "handle", "h"]


def test_a_conditional_event_sub_process_that_holds_at_the_beginning_leaves_nothing_else_to_begin(trial):
    handler = event_sub_process("h", conditional("n &gt; 1"), node("task", "handle") + way("h_s", "handle"))
    result = trial(bpmn(S + node("task", "never") + way("s", "never") + handler), {"n": 2})
    assert names(result) == ["h_s", "handle", "h"]


def test_a_conditional_event_sub_process_that_does_not_interrupt_runs_beside_the_rest(trial):
    handler = event_sub_process(
        "h", conditional("n &gt; 1"), node("task", "handle") + way("h_s", "handle"), interrupting=False
    )
    result = trial(bpmn(S + script("raise", "n = 2") + E + way("s", "raise", "e") + handler), {"n": 0})
    assert result.state == "completed"
    assert sorted(names(result)) == ["e", "h", "h_s", "handle", "raise", "s"]


def test_the_outermost_condition_that_becomes_true_interrupts_first(trial):
    inner = (
        node("startEvent", "is")
        + HOST
        + boundary("in", "host", conditional("n &gt; 0"))
        + node("task", "inner_handled")
        + way("is", "host")
        + way("in", "inner_handled")
    )
    file = bpmn(
        S + FORK + node("subProcess", "sub", inner) + boundary("out", "sub", conditional("n &gt; 0"))
        + node("task", "handled") + PAUSE + script("set", "n = 1")
        + way("s", "fork", "sub") + way("out", "handled") + way("fork", "pause", "set"),
        definitions=NEVER,
    )  # fmt: skip
    result = trial(file, {"n": 0})
    assert "inner_handled" not in names(result)
    assert names(result)[-2:] == ["out", "handled"]


def test_behind_an_event_based_gateway_the_condition_that_becomes_true_wins(trial):
    file = bpmn(
        S + FORK + node("eventBasedGateway", "g") + catch("when", conditional("n &gt; 1"))
        + catch("late", timer("timeDuration", "PT5H")) + PAUSE + script("set", "n = 2")
        + way("s", "fork", "g", "when") + way("g", "late") + way("fork", "pause", "set")
    )  # fmt: skip
    result = trial(file, {"n": 0})
    assert (result.state, "when" in names(result), names(result, "cancelled")) == (
        "completed",
        True,
        ["late"],
    )


def test_each_of_several_conditions_of_a_boundary_event_happens_by_itself(trial):
    """§10.5.5, Multiple: one of the triggers is enough, and each of them is one."""
    file = bpmn(
        S + FORK + HOST
        + boundary("each", "host", conditional("n &gt; 1"), conditional("n &gt; 2"), interrupting=False)
        + script("count", "times = times + 1") + way("each", "count") + script("set", "n = 3")
        + way("s", "fork", "host") + way("fork", "set"),
        definitions=NEVER,
    )  # fmt: skip
    assert trial(file, {"n": 0, "times": 0}).data["times"] == 2


def test_conditions_that_are_all_needed_may_become_true_together(trial):
    both = catch("both", conditional("n &gt; 1"), conditional("n &gt; 2"), parallelMultiple="true")
    file = bpmn(S + FORK + both + script("set", "n = 3") + way("s", "fork", "both") + way("fork", "set"))
    assert trial(file, {"n": 0}).state == "completed"


def test_conditions_that_are_all_needed_may_become_true_one_after_the_other(trial):
    both = catch("both", conditional("n == 1"), conditional("n == 2"), parallelMultiple="true")
    file = bpmn(
        S + FORK + both + script("one", "n = 1") + script("two", "n = 2")
        + way("s", "fork", "both") + way("fork", "one", "two")
    )  # fmt: skip
    assert trial(file, {"n": 0}).state == "completed"


def test_a_condition_is_asked_of_what_a_person_enters(engine, deploy):
    file = bpmn(
        S + node("userTask", "enter") + node("userTask", "other") + boundary("over", "other", conditional("n &gt; 9"))
        + FORK + end("stopped") + way("s", "fork", "enter") + way("fork", "other") + way("over", "stopped")
    )  # fmt: skip
    running = start(engine, deploy, file, n=0)
    running.complete("enter", {"n": 10})
    assert (running.status, running.cancelled) == ("completed", ["other"])
    assert running.completed == ["s", "fork", "enter", "over", "stopped"]
    assert running.left_behind == NOTHING


def test_that_a_condition_held_is_known_after_a_restart(engine, deploy):
    file = bpmn(
        S + node("userTask", "host") + boundary("each", "host", conditional("n &gt; 1"), interrupting=False)
        + node("userTask", "again") + way("each", "again") + way("s", "host")
    )  # fmt: skip
    running = start(engine, deploy, file, n=2)
    assert running.open_tasks == ["host", "again"]
    running.complete("again", {"n": 3})
    assert running.open_tasks == ["host"]


FAILING = bpmn(
    S + FORK + catch("wait", conditional("limit &lt; n")) + node("userTask", "first") + node("userTask", "second")
    + way("s", "fork", "wait") + way("fork", "first", "second")
)  # fmt: skip


def test_a_condition_that_cannot_be_asked_is_one_incident_however_often_variables_change(engine, deploy):
    running = start(engine, deploy, FAILING, n=5)
    assert running.open_incidents == ["wait"]
    running.complete("first", {"other": 1})
    assert (running.open_incidents, running.told("incident.raised")) == (["wait"], ["wait"])


def test_a_condition_that_could_not_be_asked_is_asked_again_at_a_retry(engine, deploy):
    running = start(engine, deploy, FAILING, n=5)
    running.complete("first", {"limit": 4})
    running.retry()
    assert (running.open_incidents, "wait" in running.completed) == ([], True)
    running.complete("second")
    assert (running.status, running.left_behind) == ("completed", NOTHING)
    assert running.entered.count("wait") == running.completed.count("wait") == 1


def test_a_condition_that_does_not_hold_at_the_retry_is_waited_for(engine, deploy):
    running = start(engine, deploy, FAILING, n=5)
    running.complete("first", {"limit": 9})
    running.retry()
    assert (running.open_incidents, running.completed.count("wait")) == ([], 0)
    running.complete("second", {"limit": 1})
    assert running.status == "completed"


def test_the_incident_of_a_condition_goes_with_the_activity_that_it_watched(engine, deploy):
    file = bpmn(
        S + node("userTask", "host") + boundary("each", "host", conditional("limit &lt; n")) + E
        + end("stopped") + way("s", "host", "e") + way("each", "stopped")
    )  # fmt: skip
    running = start(engine, deploy, file, n=5)
    assert running.open_incidents == ["each"]
    running.complete("host")
    assert (running.status, running.left_behind) == ("completed", NOTHING)


def test_the_incident_of_a_condition_goes_when_another_event_of_the_same_element_happens(engine, deploy):
    either = catch("either", conditional("limit &lt; n"), message("told"))
    running = start(
        engine,
        deploy,
        bpmn(S + either + E + way("s", "either", "e"), definitions=root("message", "told")),
        n=1,
    )
    assert running.open_incidents == ["either"]
    send(engine, "told")
    assert (running.status, running.left_behind) == ("completed", NOTHING)

"""Compensation (BPMN 2.0.2 §10.7, §13.5.5): what has completed is undone by its handlers, the last first."""

from __future__ import annotations

import json

import pytest

from tests.engine.conftest import names
from tests.engine.execution.running import NOTHING, start
from tests.engine.xml_text import (
    boundary,
    bpmn,
    catch,
    compensate,
    end,
    error,
    event_sub_process,
    flow,
    handled_by,
    message,
    node,
    root,
    script,
    throw,
    timer,
    way,
    with_process,
)

S, E = node("startEvent", "s"), node("endEvent", "e")
FORK, JOIN = node("parallelGateway", "fork"), node("parallelGateway", "join")
BAD = root("error", "bad", errorCode="BAD")
IN_TURN = '<bpmn:multiInstanceLoopCharacteristics isSequential="true" planflow:collection="=[1, 2, 3]"/>'


def handler(element: str, kind: str = "task", inside: str = "") -> str:
    return node(kind, element, inside, isForCompensation="true")


def noting(element: str, text: str) -> str:
    """A compensation handler that writes into ``log``."""
    source = f"<bpmn:script>log = log + [{text}]</bpmn:script>"
    return node("scriptTask", element, source, scriptFormat="starlark", isForCompensation="true")


def undoable(*elements: str) -> str:
    """Tasks that can each be undone by a task ``un_<element>``."""
    return "".join(node("task", e) + handled_by(e, f"un_{e}") + handler(f"un_{e}") for e in elements)


def test_handlers_run_in_the_reverse_order_of_completion_before_the_throwing_event_goes_on(trial):
    file = bpmn(
        S + undoable("a", "b", "c") + throw("undo", compensate()) + E + way("s", "a", "b", "c", "undo", "e")
    )
    result = trial(file)
    assert result.state == "completed"
    assert names(result) == ["s", "a", "b", "c", "un_c", "un_b", "un_a", "undo", "e"]


def test_a_compensation_end_event_undoes_and_ends(trial):
    result = trial(bpmn(S + undoable("a", "b") + end("e", compensate()) + way("s", "a", "b", "e")))
    assert (result.state, names(result)) == ("completed", ["s", "a", "b", "un_b", "un_a", "e"])


def test_only_the_activity_that_is_named_is_undone(trial):
    result = trial(bpmn(S + undoable("a", "b") + end("e", compensate("a")) + way("s", "a", "b", "e")))
    assert names(result) == ["s", "a", "b", "un_a", "e"]


def test_what_has_not_completed_is_not_undone(trial):
    file = bpmn(
        S + FORK + undoable("a") + node("receiveTask", "b", messageRef="never") + handled_by("b", "un_b")
        + handler("un_b") + end("e", compensate()) + way("s", "fork", "a", "e") + way("fork", "b"),
        definitions=root("message", "never"),
    )  # fmt: skip
    result = trial(file)
    assert (result.state, names(result)) == ("waiting", ["s", "fork", "a", "un_a", "e"])


def test_nothing_to_undo_is_nothing_to_wait_for(trial):
    assert names(trial(bpmn(S + throw("undo", compensate()) + E + way("s", "undo", "e")))) == [
        "s",
        "undo",
        "e",
    ]


def test_what_is_undone_is_undone_once(trial):
    file = bpmn(
        S
        + undoable("a")
        + throw("undo", compensate())
        + end("e", compensate("a"))
        + way("s", "a", "undo", "e")
    )
    assert names(trial(file)) == ["s", "a", "un_a", "undo", "e"]


def test_what_is_done_again_after_it_was_undone_is_undone_again(trial):
    file = bpmn(
        S + node("exclusiveGateway", "again") + undoable("a") + throw("undo", compensate())
        + script("count", "n = n + 1") + node("exclusiveGateway", "enough", default="enough_e") + E
        + way("s", "again", "a", "undo", "count", "enough", "e") + flow("enough", "again", "n &lt; 2")
    )  # fmt: skip
    assert names(trial(file, {"n": 0})).count("un_a") == 2


def test_an_activity_done_in_a_loop_is_undone_once_for_each_time(trial):
    file = bpmn(
        S + node("exclusiveGateway", "again") + undoable("a") + script("count", "n = n + 1")
        + node("exclusiveGateway", "enough", default="enough_e") + end("e", compensate())
        + way("s", "again", "a", "count", "enough", "e") + flow("enough", "again", "n &lt; 3")
    )  # fmt: skip
    result = trial(file, {"n": 0})
    assert (names(result).count("a"), names(result).count("un_a")) == (3, 3)


def test_with_wait_for_completion_false_the_throwing_event_goes_on_beside_what_is_undone(engine, deploy):
    file = bpmn(
        S + node("task", "a") + handled_by("a", "un_a") + handler("un_a", "userTask")
        + throw("undo", compensate(waits=False)) + E + way("s", "a", "undo", "e")
    )  # fmt: skip
    running = start(engine, deploy, file)
    assert (running.completed, running.open_tasks) == (["s", "a", "undo", "e"], ["un_a"])
    running.complete("un_a")
    assert (running.status, running.left_behind) == ("completed", NOTHING)


def test_an_end_event_that_does_not_wait_leaves_the_scope_open_until_all_is_undone(engine, deploy):
    file = bpmn(
        S + node("task", "a") + handled_by("a", "un_a") + handler("un_a", "userTask")
        + end("e", compensate(waits=False)) + way("s", "a", "e")
    )  # fmt: skip
    running = start(engine, deploy, file)
    assert (running.status, running.completed) == ("active", ["s", "a", "e"])
    running.complete("un_a")
    assert running.status == "completed"


def test_a_person_undoes_in_a_task_and_the_next_handler_waits_for_that(engine, deploy):
    file = bpmn(
        S + node("task", "a") + handled_by("a", "un_a") + handler("un_a", "userTask") + node("task", "b")
        + handled_by("b", "un_b") + handler("un_b", "userTask") + throw("undo", compensate()) + E
        + way("s", "a", "b", "undo", "e")
    )  # fmt: skip
    running = start(engine, deploy, file)
    assert running.open_tasks == ["un_b"]
    running.complete("un_b", {"reason": "late"})
    assert (running.open_tasks, running.variables) == (["un_a"], {"reason": "late"})
    running.complete("un_a")
    assert (running.status, running.left_behind) == ("completed", NOTHING)
    assert running.completed == ["s", "a", "b", "un_b", "un_a", "undo", "e"]
    assert running.entered.count("undo") == 1


# Scopes


def sub(element: str, *inside: str) -> str:
    return node("subProcess", element, "".join(inside))


def inside(prefix: str, *elements: str) -> str:
    """The start of a sub-process and its undoable tasks in a row."""
    return node("startEvent", f"{prefix}s") + undoable(*elements) + way(f"{prefix}s", *elements)


def test_a_sub_process_without_a_handler_is_undone_by_those_of_its_activities(trial):
    """§13.5.5, default compensation: everything inside, the last first, nested to any depth."""
    nested = sub("outer", inside("o", "a"), sub("inner", inside("i", "b", "c")), way("a", "inner"))
    result = trial(bpmn(S + nested + undoable("d") + end("e", compensate()) + way("s", "outer", "d", "e")))
    assert result.state == "completed"
    assert [n for n in names(result) if n.startswith("un_")] == ["un_d", "un_c", "un_b", "un_a"]


def test_a_sub_process_with_a_handler_is_undone_by_that_alone(trial):
    file = bpmn(
        S + sub("outer", inside("o", "a")) + handled_by("outer", "un_outer") + handler("un_outer")
        + end("e", compensate()) + way("s", "outer", "e")
    )  # fmt: skip
    assert [n for n in names(trial(file)) if n.startswith("un_")] == ["un_outer"]


def test_a_named_sub_process_is_undone_and_the_rest_is_not(trial):
    file = bpmn(
        S + sub("one", inside("o", "a")) + sub("two", inside("t", "b")) + end("e", compensate("one"))
        + way("s", "one", "two", "e")
    )  # fmt: skip
    assert [n for n in names(trial(file)) if n.startswith("un_")] == ["un_a"]


def test_a_throwing_event_in_a_sub_process_undoes_nothing_outside_of_it(trial):
    file = bpmn(
        S + undoable("a") + sub("inner", inside("i", "b"), end("ie", compensate()), way("b", "ie")) + E
        + way("s", "a", "inner", "e")
    )  # fmt: skip
    assert [n for n in names(trial(file)) if n.startswith("un_")] == ["un_b"]


def test_an_event_sub_process_undoes_what_was_done_in_the_scope_that_it_handles(trial):
    """§10.7.1: the usual way to undo after an error."""
    caught = event_sub_process("h", error("bad"), end("he", compensate()) + way("h_s", "he"))
    file = bpmn(
        S + sub("work", inside("w", "a", "b"), end("we", error("bad")), way("b", "we"), caught) + E
        + way("s", "work", "e"),
        definitions=BAD,
    )  # fmt: skip
    result = trial(file)
    assert result.state == "completed"
    assert names(result) == ["s", "ws", "a", "b", "we", "h_s", "un_b", "un_a", "he", "h", "work", "e"]


def test_a_handler_sees_the_variables_that_its_sub_process_had_when_it_completed(trial):
    """§13.5.5: a snapshot of the data is kept with the sub-process that has completed."""
    written = node(
        "subProcess", "each",
        '<bpmn:multiInstanceLoopCharacteristics isSequential="true" planflow:collection="=[1, 2, 3]"'
        ' planflow:elementVariable="n"/>'
        + node("startEvent", "is") + node("task", "a") + handled_by("a", "un_a") + noting("un_a", "n")
        + way("is", "a"),
    )  # fmt: skip
    result = trial(bpmn(S + written + end("e", compensate()) + way("s", "each", "e")), {"log": []})
    assert result.data["log"] == [3, 2, 1]


def test_an_event_sub_process_for_compensation_undoes_its_sub_process_in_its_own_way(trial):
    """§13.5.5: it takes the place of default compensation and sees the snapshot."""
    own = event_sub_process("u", compensate(), script("note", "log = log + [n]") + way("u_s", "note"))
    each = node(
        "subProcess", "each",
        '<bpmn:multiInstanceLoopCharacteristics isSequential="true" planflow:collection="=[1, 2]"'
        ' planflow:elementVariable="n"/>' + node("startEvent", "is") + undoable("a") + way("is", "a") + own,
    )  # fmt: skip
    result = trial(bpmn(S + each + end("e", compensate()) + way("s", "each", "e")), {"log": []})
    assert (result.state, result.data["log"]) == ("completed", [2, 1])
    assert "un_a" not in names(result)
    assert names(result).count("u") == 2


def test_an_event_sub_process_for_compensation_can_have_what_is_inside_undone_too(trial):
    own = event_sub_process(
        "u", compensate(), node("task", "first") + end("rest", compensate()) + way("u_s", "first", "rest")
    )
    file = bpmn(S + sub("work", inside("w", "a", "b"), own) + end("e", compensate()) + way("s", "work", "e"))
    result = trial(file)
    assert names(result)[-7:] == ["u_s", "first", "un_b", "un_a", "rest", "u", "e"]


def test_an_event_sub_process_for_compensation_does_not_begin_by_itself(trial):
    own = event_sub_process("u", compensate(), node("task", "undo") + way("u_s", "undo"))
    result = trial(bpmn(S + sub("work", inside("w", "a"), own) + E + way("s", "work", "e")))
    assert names(result) == ["s", "ws", "a", "work", "e"]


def test_a_repeated_activity_is_undone_once_when_all_of_it_has_completed(trial):
    file = bpmn(
        S + node("task", "a", IN_TURN) + handled_by("a", "un_a") + handler("un_a") + end("e", compensate())
        + way("s", "a", "e")
    )  # fmt: skip
    result = trial(file)
    assert (names(result).count("a"), names(result).count("un_a")) == (3, 1)


def test_each_round_of_a_looping_sub_process_is_undone(trial):
    looping = node(
        "subProcess", "loop", inside("l", "a") + '<bpmn:standardLoopCharacteristics loopMaximum="3"/>'
    )
    result = trial(bpmn(S + looping + end("e", compensate()) + way("s", "loop", "e")))
    assert names(result).count("un_a") == 3


def test_what_was_done_in_a_sub_process_that_was_interrupted_is_not_undone_from_outside(trial):
    file = bpmn(
        S + sub("work", inside("w", "a"), end("we", error("bad")), way("a", "we"))
        + boundary("caught", "work", error("bad")) + end("e", compensate()) + way("s", "work") + way("caught", "e"),
        definitions=BAD,
    )  # fmt: skip
    assert "un_a" not in names(trial(file))


# Handlers


def test_a_handler_may_be_a_sub_process_and_is_not_undone_itself(trial):
    un_a = node("subProcess", "un_a", inside("u", "x"), isForCompensation="true")
    file = bpmn(
        S + node("task", "a") + handled_by("a", "un_a") + un_a + throw("undo", compensate())
        + end("e", compensate()) + way("s", "a", "undo", "e")
    )  # fmt: skip
    assert names(trial(file)) == ["s", "a", "us", "x", "un_a", "undo", "e"]


def test_a_handler_may_be_repeated(trial):
    file = bpmn(
        S + node("task", "a") + handled_by("a", "un_a") + handler("un_a", inside=IN_TURN)
        + end("e", compensate()) + way("s", "a", "e")
    )  # fmt: skip
    result = trial(file)
    assert (result.state, names(result)) == ("completed", ["s", "a", "un_a", "un_a", "un_a", "e"])


def test_a_handler_may_call_another_process(trial):
    calling = node("callActivity", "un_a", calledElement="q", isForCompensation="true")
    body = (
        S
        + node("task", "a")
        + handled_by("a", "un_a")
        + calling
        + end("e", compensate())
        + way("s", "a", "e")
    )
    file = with_process(bpmn(body), "q", node("task", "x"))
    assert names(trial(file)) == ["s", "a", "x", "un_a", "e"]


def test_an_error_in_a_handler_is_caught_where_it_is_caught_outside(trial):
    file = bpmn(
        S + sub(
            "work", node("startEvent", "ws"), undoable("a"), node("task", "b"), handled_by("b", "un_b"),
            node("scriptTask", "un_b", '<bpmn:script>bpmn_error("BAD")</bpmn:script>', scriptFormat="starlark",
                 isForCompensation="true"),
            end("we", compensate()), way("ws", "a", "b", "we"),
        )
        + boundary("caught", "work", error("bad")) + E + way("s", "work") + way("caught", "e"),
        definitions=BAD,
    )  # fmt: skip
    result = trial(file)
    assert names(result) == ["s", "ws", "a", "b", "caught", "e"]
    assert names(result, "cancelled") == ["un_b", "we", "work"]


def test_a_boundary_event_of_a_handler_leads_on_before_the_next_handler_begins(trial):
    file = bpmn(
        S + undoable("a") + node("task", "b") + handled_by("b", "un_b")
        + node("scriptTask", "un_b", '<bpmn:script>bpmn_error("BAD")</bpmn:script>', scriptFormat="starlark",
               isForCompensation="true")
        + boundary("caught", "un_b", error("bad")) + node("task", "mend") + way("caught", "mend")
        + end("e", compensate()) + way("s", "a", "b", "e"),
        definitions=BAD,
    )  # fmt: skip
    assert names(trial(file)) == ["s", "a", "b", "caught", "mend", "un_a", "e"]


def test_the_next_handler_waits_for_all_that_the_one_before_has_set_off(trial):
    file = bpmn(
        S + undoable("a") + node("task", "b") + handled_by("b", "un_b")
        + node("receiveTask", "un_b", messageRef="told", isForCompensation="true")
        + boundary("aside", "un_b", timer("timeDuration", "PT1H"), interrupting=False)
        + throw("tell", message("told")) + catch("long", timer("timeDuration", "PT5H")) + way("aside", "tell", "long")
        + end("e", compensate()) + way("s", "a", "b", "e"),
        definitions=root("message", "told"),
    )  # fmt: skip
    assert names(trial(file)) == ["s", "a", "b", "aside", "tell", "un_b", "long", "un_a", "e"]


def test_what_leads_on_from_a_handler_may_undo_more(trial):
    file = bpmn(
        S + undoable("a") + node("task", "b") + handled_by("b", "un_b")
        + node("scriptTask", "un_b", '<bpmn:script>bpmn_error("BAD")</bpmn:script>', scriptFormat="starlark",
               isForCompensation="true")
        + boundary("caught", "un_b", error("bad")) + throw("more", compensate()) + way("caught", "more")
        + end("e", compensate()) + way("s", "a", "b", "e"),
        definitions=BAD,
    )  # fmt: skip
    assert names(trial(file)) == ["s", "a", "b", "caught", "un_a", "more", "e"]


def test_a_handler_that_fails_is_retried_where_it_stands(engine, deploy):
    file = bpmn(
        S + FORK + node("userTask", "set") + node("task", "a") + handled_by("a", "un_a") + noting("un_a", "limit")
        + end("e", compensate()) + way("s", "fork", "set") + way("fork", "a", "e")
    )  # fmt: skip
    running = start(engine, deploy, file, log=[])
    assert running.open_incidents == ["un_a"]
    running.complete("set", {"limit": 4})
    running.retry()
    assert (running.status, running.left_behind, running.variables["log"]) == ("completed", NOTHING, [4])
    assert running.entered.count("un_a") == running.completed.count("un_a") == 1


def test_interrupting_what_undoes_interrupts_the_handler_and_leaves_nothing(engine, deploy, clock):
    file = bpmn(
        S + sub(
            "work", node("startEvent", "ws"), node("task", "a"), handled_by("a", "un_a"), handler("un_a", "userTask"),
            boundary("late_too", "un_a", timer("timeDuration", "P9D"), interrupting=False),
            end("we", compensate()), way("ws", "a", "we"),
        )
        + boundary("late", "work", timer("timeDuration", "P1D")) + E + way("s", "work", "e") + way("late", "e")
    )  # fmt: skip
    running = start(engine, deploy, file)
    assert running.left_behind == {**NOTHING, "timers": 2, "tasks": 1}
    clock.advance(days=1)
    engine.fire_due_timers()
    assert (running.status, running.left_behind) == ("completed", NOTHING)
    assert running.cancelled == ["un_a", "we", "work"]


def test_what_a_repeated_activity_throws_undoes_beside_it(trial):
    """§10.3.8, ``oneBehaviorEventRef``: the activity itself goes on."""
    shared = '<bpmn:compensateEventDefinition id="shared"/>'
    each = (
        '<bpmn:multiInstanceLoopCharacteristics behavior="One" oneBehaviorEventRef="shared" isSequential="true"'
        ' planflow:collection="=[1, 2]" planflow:outputCollection="all" planflow:outputElement="=loopCounter"/>'
    )
    file = bpmn(S + undoable("a") + node("task", "b", each) + E + way("s", "a", "b", "e"), definitions=shared)
    result = trial(file)
    assert (result.state, result.data["all"]) == ("completed", [0, 1])
    assert sorted(names(result)) == ["a", "b", "b", "e", "s", "un_a"]


@pytest.mark.parametrize("rounds", [3, 30])
def test_what_cannot_be_undone_is_not_remembered(engine, deploy, rounds):
    file = bpmn(
        S + node("exclusiveGateway", "again") + sub("work", node("startEvent", "ws"), node("task", "a"), way("ws", "a"))
        + script("count", "n = n + 1") + node("exclusiveGateway", "enough", default="enough_wait")
        + node("userTask", "wait") + way("s", "again", "work", "count", "enough", "wait")
        + flow("enough", "again", f"n &lt; {rounds}")
    )  # fmt: skip
    running = start(engine, deploy, file, n=0)
    assert "undoable" not in (running.state or "")


def test_what_has_been_undone_is_not_remembered_any_more(engine, deploy):
    file = bpmn(
        S
        + undoable("a")
        + throw("undo", compensate())
        + node("userTask", "wait")
        + way("s", "a", "undo", "wait")
    )
    running = start(engine, deploy, file)
    tokens = json.loads(running.state or "{}")["t"]
    assert all(not token[-1].get("undoable") for token in tokens)

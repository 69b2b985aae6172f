"""Transactions (BPMN 2.0.2 §10.3.5.2, §13.5.2): they succeed, are cancelled and undone, or end by an error."""

from __future__ import annotations

from tests.engine.conftest import names
from tests.engine.execution.running import NOTHING, start
from tests.engine.xml_text import (
    CANCEL,
    boundary,
    bpmn,
    catch,
    end,
    error,
    escalation,
    handled_by,
    message,
    node,
    root,
    script,
    throw,
    timer,
    way,
)

S, E = node("startEvent", "s"), node("endEvent", "e")
FORK = node("parallelGateway", "tf")


def undoable(*elements: str, kind: str = "task") -> str:
    return "".join(
        node("task", e) + handled_by(e, f"un_{e}") + node(kind, f"un_{e}", isForCompensation="true")
        for e in elements
    )


def transaction(inside: str, more: str = "", definitions: str = "", loop: str = "") -> bytes:
    return bpmn(
        S + node("transaction", "t", loop + node("startEvent", "ts") + inside) + boundary("cancelled", "t", CANCEL)
        + E + end("off") + way("s", "t", "e") + way("cancelled", "off") + more,
        definitions=definitions,
    )  # fmt: skip


def test_a_transaction_that_is_not_cancelled_goes_on_like_any_sub_process(trial):
    assert names(trial(transaction(undoable("a") + way("ts", "a")))) == ["s", "ts", "a", "t", "e"]


def test_a_cancelled_transaction_is_undone_and_left_by_its_cancel_event(trial):
    result = trial(transaction(undoable("a", "b") + end("c", CANCEL) + way("ts", "a", "b", "c")))
    assert result.state == "completed"
    assert names(result) == ["s", "ts", "a", "b", "un_b", "un_a", "c", "cancelled", "off"]
    assert names(result, "cancelled") == ["t"]


def test_what_is_still_active_in_a_cancelled_transaction_is_interrupted_before_anything_is_undone(trial):
    inside = (
        FORK + undoable("a") + catch("wait", message("never")) + end("c", CANCEL)
        + way("ts", "tf", "wait") + way("tf", "a", "c")
    )  # fmt: skip
    result = trial(transaction(inside, definitions=root("message", "never")))
    steps = [(s["element"], s["event"]) for s in result.trace]
    assert steps.index(("wait", "cancelled")) < steps.index(("un_a", "entered"))
    assert names(result)[-4:] == ["un_a", "c", "cancelled", "off"]


def test_a_transaction_waits_for_people_who_undo_it(engine, deploy):
    file = transaction(undoable("a", kind="userTask") + end("c", CANCEL) + way("ts", "a", "c"))
    running = start(engine, deploy, file)
    assert (running.open_tasks, running.completed) == (["un_a"], ["s", "ts", "a"])
    running.complete("un_a")
    assert (running.status, running.left_behind) == ("completed", NOTHING)
    assert running.completed == ["s", "ts", "a", "un_a", "c", "cancelled", "off"]
    assert running.cancelled == ["t"]


def test_a_cancelled_transaction_cannot_be_undone_again(trial):
    undo = '<bpmn:compensateEventDefinition activityRef="t"/>'
    more = end("again", undo) + way("off_undo", "again") + node("task", "off_undo")
    file = bpmn(
        S + node("transaction", "t", node("startEvent", "ts") + undoable("a") + end("c", CANCEL) + way("ts", "a", "c"))
        + boundary("cancelled", "t", CANCEL) + way("s", "t") + way("cancelled", "off_undo") + more
    )  # fmt: skip
    assert names(trial(file)).count("un_a") == 1


def test_a_transaction_that_has_succeeded_can_be_undone_like_any_sub_process(trial):
    file = bpmn(
        S
        + node("transaction", "t", node("startEvent", "ts") + undoable("a") + way("ts", "a"))
        + end("e", '<bpmn:compensateEventDefinition activityRef="t"/>')
        + way("s", "t", "e")
    )
    assert names(trial(file)) == ["s", "ts", "a", "t", "un_a", "e"]


def test_an_error_leaves_a_transaction_without_undoing_it(trial):
    """§10.3.5.2, hazard: neither success nor cancel."""
    file = transaction(
        undoable("a") + end("te", error("bad")) + way("ts", "a", "te"),
        boundary("hazard", "t", error("bad")) + node("task", "mend") + way("hazard", "mend"),
        root("error", "bad", errorCode="BAD"),
    )
    result = trial(file)
    assert (names(result)[-2:], "un_a" in names(result)) == (["hazard", "mend"], False)


def test_an_error_while_a_transaction_is_undone_leaves_it_as_a_hazard(trial):
    handler = node(
        "scriptTask", "un_a", '<bpmn:script>bpmn_error("BAD")</bpmn:script>', scriptFormat="starlark",
        isForCompensation="true",
    )  # fmt: skip
    file = transaction(
        node("task", "a") + handled_by("a", "un_a") + handler + end("c", CANCEL) + way("ts", "a", "c"),
        boundary("hazard", "t", error("bad")) + node("task", "mend") + way("hazard", "mend"),
        root("error", "bad", errorCode="BAD"),
    )
    result = trial(file)
    assert names(result)[-2:] == ["hazard", "mend"]
    assert "off" not in names(result)


def test_an_end_event_that_cancels_throws_its_other_events_first(trial):
    inside = (
        node("startEvent", "ts") + undoable("a") + end("c", CANCEL, message("told")) + way("ts", "a", "c")
    )
    file = bpmn(
        S + node("parallelGateway", "f") + node("receiveTask", "hear", messageRef="told")
        + node("transaction", "t", inside) + boundary("cancelled", "t", CANCEL) + end("off")
        + way("s", "f", "hear") + way("f", "t") + way("cancelled", "off"),
        definitions=root("message", "told"),
    )  # fmt: skip
    result = trial(file)
    assert result.state == "completed"
    assert {"hear", "off", "un_a"} <= set(names(result))


def test_the_cancel_event_may_be_one_of_several_on_the_boundary(trial):
    file = bpmn(
        S + node("transaction", "t", node("startEvent", "ts") + undoable("a") + end("c", CANCEL) + way("ts", "a", "c"))
        + boundary("either", "t", timer("timeDuration", "P1D"), CANCEL) + end("off") + E
        + way("s", "t", "e") + way("either", "off")
    )  # fmt: skip
    assert names(trial(file)) == ["s", "ts", "a", "un_a", "c", "either", "off"]


def test_cancelling_one_repetition_cancels_the_whole_repeated_transaction(trial):
    loop = '<bpmn:multiInstanceLoopCharacteristics isSequential="true" planflow:collection="=[1, 2]"/>'
    result = trial(transaction(undoable("a") + end("c", CANCEL) + way("ts", "a", "c"), loop=loop))
    assert names(result) == ["s", "ts", "a", "un_a", "c", "cancelled", "off"]


def test_a_transaction_in_a_transaction_is_cancelled_alone(trial):
    inner = (
        node("transaction", "i", node("startEvent", "is") + undoable("b") + end("c", CANCEL) + way("is", "b", "c"))
        + boundary("inner_cancelled", "i", CANCEL) + node("task", "on") + way("inner_cancelled", "on")
    )  # fmt: skip
    result = trial(transaction(undoable("a") + inner + way("ts", "a", "i")))
    assert names(result) == ["s", "ts", "a", "is", "b", "un_b", "c", "inner_cancelled", "on", "t", "e"]


def test_an_escalation_before_the_cancel_reaches_who_catches_it(trial):
    file = transaction(
        undoable("a") + throw("up", escalation("told")) + script("set", "x = 1") + end("c", CANCEL)
        + way("ts", "a", "up", "set", "c"),
        boundary("heard", "t", escalation("told"), interrupting=False) + node("task", "note") + way("heard", "note"),
        root("escalation", "told", escalationCode="TOLD"),
    )  # fmt: skip
    result = trial(file)
    assert {"note", "off", "un_a"} <= set(names(result))

"""Corner cases of scopes, starts and joins."""

from __future__ import annotations

import pytest

from engine import CompleteTask, CorrelateMessage, RetryIncident, StartInstance, TerminateInstance
from engine.execution import live
from tests.engine.conftest import actor, names
from tests.engine.xml_text import bpmn, flow, node, timer, way

START, END = node("startEvent", "s"), node("endEvent", "e")
PAID = '<bpmn:message id="paid" name="paid"/>'
ON_PAID = '<bpmn:messageEventDefinition messageRef="paid"/>'
ADMINISTRATOR = actor("administrator")


def with_process(file: bytes, key: str, body: str) -> bytes:
    more = f'<bpmn:process id="{key}" isExecutable="true">{body}</bpmn:process>'
    return file.replace(b"</bpmn:definitions>", more.encode() + b"</bpmn:definitions>")


def events(engine, instance_id, kind):
    with engine.database.read() as session:
        told = engine.queries(session, ADMINISTRATOR).history(instance_id, None, 200).items
    return [e for e in told if e.kind == kind]


def test_an_empty_sub_process_is_passed(trial):
    handler = (
        node("startEvent", "hs", timer("timeDuration", "P1D")) + node("task", "handle") + way("hs", "handle")
    )
    listener = node("subProcess", "handler", handler, triggeredByEvent="true")
    file = bpmn(
        START
        + node("subProcess", "sub")
        + node("task", "after")
        + END
        + way("s", "sub", "after", "e")
        + listener
    )
    result = trial(file)
    assert (result.state, names(result)) == ("completed", ["s", "sub", "after", "e"])


@pytest.mark.parametrize(
    "first",
    [node("receiveTask", "wait", messageRef="paid"), node("intermediateCatchEvent", "wait", ON_PAID)],
    ids=["receive task", "catching event"],
)
def test_without_a_start_event_what_waits_first_begins_to_wait(engine, deploy, first):
    inside = node("subProcess", "sub", first)
    deploy(bpmn(inside + END + way("sub", "e"), definitions=PAID))
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    assert started.status == "active"
    done = engine.execute(CorrelateMessage("paid"), ADMINISTRATOR)
    assert (done.instance_id, done.status) == (started.instance_id, "completed")


def test_a_process_that_begins_with_waiting_is_started_by_hand_not_by_the_message(engine, deploy):
    deploy(bpmn(node("receiveTask", "wait", messageRef="paid") + END + way("wait", "e"), definitions=PAID))
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    assert engine.execute(CorrelateMessage("paid"), ADMINISTRATOR).instance_id == started.instance_id


def test_a_process_that_only_a_message_starts_cannot_be_called(trial):
    file = with_process(
        bpmn(START + node("callActivity", "call", calledElement="q") + way("s", "call"), definitions=PAID),
        "q",
        node("startEvent", "qs", ON_PAID) + node("task", "qa") + way("qs", "qa"),
    )
    result = trial(file)
    assert [p["element"] for p in result.problems] == ["call"]
    assert "cannot be called" in result.problems[0]["reason"]


def test_a_process_that_calls_itself_for_ever_is_stopped_and_can_be_ended(engine, deploy):
    deploy(bpmn(START + node("callActivity", "call", calledElement="p") + END + way("s", "call", "e")))
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    (raised,) = open_incidents(engine)
    assert (raised.element, "deep" in raised.error) == ("call", True)
    ended = engine.execute(TerminateInstance(started.instance_id, "endless"), ADMINISTRATOR)
    assert ended.status == "terminated"


def test_the_default_flow_is_taken_only_when_no_other_holds_whatever_its_own_condition(trial):
    file = bpmn(
        START
        + node("task", "a", default="a_c")
        + node("task", "b")
        + node("task", "c")
        + way("s", "a")
        + flow("a", "b", "n &gt; 1")
        + flow("a", "c", "True")
    )
    assert names(trial(file, {"n": 2})) == ["s", "a", "b"]
    assert names(trial(file, {"n": 0})) == ["s", "a", "c"]


def test_history_tells_which_way_an_event_based_gateway_went(engine, deploy, clock):
    deploy(
        bpmn(
            START
            + node("eventBasedGateway", "wait")
            + node("receiveTask", "answer", messageRef="paid")
            + node("intermediateCatchEvent", "late", timer("timeDuration", "PT5H"))
            + node("task", "after")
            + way("s", "wait", "answer", "after")
            + way("wait", "late"),
            definitions=PAID,
        )
    )
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    engine.execute(CorrelateMessage("paid"), ADMINISTRATOR)
    chosen = [e.payload["flow"] for e in events(engine, started.instance_id, "flow.taken")]
    assert chosen == ["wait_answer"]
    passed = {
        e.element: e.payload.get("flows") for e in events(engine, started.instance_id, "element.passed")
    }
    assert passed == {"s": ["s_wait"], "wait": None, "after": None}
    (done,) = events(engine, started.instance_id, "element.completed")
    assert (done.element, done.payload["flows"]) == ("answer", ["answer_after"])
    clock.advance(hours=6)
    assert engine.fire_due_timers() == 0


def test_each_full_set_of_tokens_at_an_inclusive_join_goes_on(trial):
    """Two tokens on one flow and one on the other: a full set, and one that nobody can join any more."""
    file = bpmn(
        START
        + node("parallelGateway", "fork")
        + "".join(node("task", t) for t in "abc")
        + node("exclusiveGateway", "left")
        + node("inclusiveGateway", "join")
        + node("task", "after")
        + way("s", "fork", "a", "left", "join", "after")
        + way("fork", "b", "left")
        + way("fork", "c", "join")
    )
    result = trial(file)
    assert result.state == "completed"
    assert names(result).count("after") == 2


def test_the_names_that_specifications_use_inside_are_free_for_elements(trial):
    ids = ["Start", "End", "Root", "__init__", "0start", "審核", "a.b-c"]
    file = bpmn("".join(node("task", i) for i in ids) + way(*ids))
    assert (trial(file).state, names(trial(file))) == ("completed", ids)


def test_what_is_left_when_too_many_steps_were_taken_goes_on_with_the_next_command(
    engine, deploy, monkeypatch
):
    monkeypatch.setattr(live, "MAX_STEPS", 40)
    each = (
        '<bpmn:multiInstanceLoopCharacteristics planflow:collection="=list(range(70))"'
        ' planflow:elementVariable="n" planflow:outputCollection="all" planflow:outputElement="=n"/>'
    )
    deploy(
        bpmn(
            START
            + node("userTask", "a", planflow_assignee="member")
            + node("userTask", "b", planflow_assignee="member")
            + node("task", "many", each)
            + node("parallelGateway", "join")
            + END
            + way("s", "many", "join", "e")
            + way("s", "a", "join")
            + way("s", "b", "join")
        )
    )
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    for task in started.task_ids:
        done = engine.execute(CompleteTask(task), actor("member"))
    while incidents := open_incidents(engine):
        done = engine.execute(RetryIncident(incidents[0].id), ADMINISTRATOR)
    assert done.status == "completed"


def open_incidents(engine):
    with engine.database.read() as session:
        return engine.queries(session, ADMINISTRATOR).incidents().items

"""An incident names the element that failed, its token waits there, and a retry goes on from that very step."""

from __future__ import annotations

from engine import CompleteTask, Person, RetryIncident, StartInstance
from tests.engine.conftest import PEOPLE, actor
from tests.engine.xml_text import bpmn, flow, node, script, way

START, END = node("startEvent", "s"), node("endEvent", "e")
ADMINISTRATOR = actor("administrator")


def each(output: str = "[who, answer]", more: str = "") -> str:
    return (
        '<bpmn:multiInstanceLoopCharacteristics planflow:collection="=people" planflow:elementVariable="who"'
        f' planflow:outputCollection="answers" planflow:outputElement="={output}">{more}'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )


def beside(body: str) -> bytes:
    """A process in which somebody can set variables while ``ask`` has its own life."""
    return bpmn(
        START
        + node("parallelGateway", "fork")
        + node("userTask", "fill", planflow_assignee="member")
        + body
        + node("parallelGateway", "join")
        + END
        + way("s", "fork", "ask", "join", "e")
        + way("fork", "fill", "join")
    )


def incidents(engine):
    with engine.database.read() as session:
        return engine.queries(session, ADMINISTRATOR).incidents().items


def variables(engine, instance_id):
    with engine.database.read() as session:
        return engine.queries(session, ADMINISTRATOR).variables(instance_id)


def tasks(engine, element):
    with engine.database.read() as session:
        items = engine.queries(session, ADMINISTRATOR).tasks().items
    return [item.id for item in items if item.element == element]


def test_an_output_that_cannot_be_made_holds_its_own_child_until_a_retry(engine, deploy):
    deploy(beside(node("userTask", "ask", each(), planflow_assignee="member")))
    started = engine.execute(StartInstance("p", {"people": ["x", "y"]}), actor("supervisor"))
    first, second = tasks(engine, "ask")
    engine.execute(CompleteTask(first), actor("member"))
    (found,) = incidents(engine)
    assert found.element == "ask"
    engine.execute(CompleteTask(second, {"answer": 2}), actor("member"))
    engine.execute(CompleteTask(tasks(engine, "fill")[0], {"answer": 1}), actor("member"))
    assert engine.execute(RetryIncident(found.id), ADMINISTRATOR).status == "completed"
    answers = variables(engine, started.instance_id)["answers"]
    assert ([who for who, _ in answers], sorted(answer for _, answer in answers)) == (["x", "y"], [1, 2])


def test_a_completion_condition_that_fails_can_be_retried_and_counts_nobody_twice(engine, deploy):
    condition = "<bpmn:completionCondition>nrOfCompletedInstances &gt;= enough</bpmn:completionCondition>"
    deploy(beside(node("userTask", "ask", each("who", condition), planflow_assignee="member")))
    started = engine.execute(StartInstance("p", {"people": ["x", "y", "z"]}), actor("supervisor"))
    engine.execute(CompleteTask(tasks(engine, "ask")[0]), actor("member"))
    (found,) = incidents(engine)
    engine.execute(CompleteTask(tasks(engine, "fill")[0], {"enough": 2}), actor("member"))
    engine.execute(RetryIncident(found.id), ADMINISTRATOR)
    left = tasks(engine, "ask")
    assert len(left) == 2
    assert engine.execute(CompleteTask(left[0]), actor("member")).status == "completed"
    assert len(variables(engine, started.instance_id)["answers"]) == 2


def calling(output: str, beside: str = "") -> bytes:
    called = (
        '<bpmn:process id="called" isExecutable="true">'
        + node("startEvent", "cs")
        + script("work", "grade = 1")
        + way("cs", "work")
        + "</bpmn:process>"
    )
    mapping = (
        "<bpmn:extensionElements><planflow:outputs>"
        f'<planflow:output name="result" value="={output}"/></planflow:outputs></bpmn:extensionElements>'
    )
    file = bpmn(
        START
        + node("callActivity", "call", mapping, calledElement="called")
        + END
        + way("s", "call", "e")
        + beside
    )
    return file.replace(b"</bpmn:definitions>", called.encode() + b"</bpmn:definitions>")


def test_outputs_of_a_called_process_that_fail_are_retried_without_running_it_again(
    engine, deploy, monkeypatch
):
    deploy(calling("superior(&quot;newcomer&quot;) + str(grade)"))
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    (found,) = incidents(engine)
    assert (started.status, found.element) == ("active", "call")
    monkeypatch.setitem(PEOPLE, "newcomer", Person("newcomer", "Newcomer", frozenset(), "superior"))
    assert engine.execute(RetryIncident(found.id), ADMINISTRATOR).status == "completed"
    assert variables(engine, started.instance_id)["result"] == "superior1"
    with engine.database.read() as session:
        told = engine.queries(session, ADMINISTRATOR).history(started.instance_id, None, 100).items
    assert [e.kind for e in told if e.element == "work"].count("element.completed") == 1
    assert [e.element for e in told if e.kind == "incident.resolved"] == ["call"]


def test_an_error_thrown_while_results_are_handed_over_is_caught_at_the_call_activity(engine, deploy):
    caught = node("boundaryEvent", "caught", "<bpmn:errorEventDefinition/>", attachedToRef="call")
    deploy(
        calling(
            "bpmn_error(&quot;BAD&quot;)", caught + node("endEvent", "rescued") + way("caught", "rescued")
        )
    )
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    assert started.status == "completed"
    assert variables(engine, started.instance_id)["error_code"] == "BAD"


def test_an_error_thrown_by_a_condition_is_caught_where_its_activity_is(engine, deploy):
    deploy(
        bpmn(
            START
            + node("userTask", "a", planflow_assignee="member", default="a_e")
            + node("boundaryEvent", "caught", "<bpmn:errorEventDefinition/>", attachedToRef="a")
            + node("endEvent", "rescued")
            + node("task", "b")
            + END
            + way("s", "a", "e")
            + flow("a", "b", "bpmn_error(&quot;BAD&quot;)")
            + way("caught", "rescued")
        )
    )
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    done = engine.execute(CompleteTask(started.task_ids[0]), actor("member"))
    with engine.database.read() as session:
        told = engine.queries(session, ADMINISTRATOR).history(started.instance_id, None, 100).items
    assert (done.status, [e.element for e in told if e.kind == "element.cancelled"]) == ("completed", ["a"])

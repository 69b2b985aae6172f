"""Call activities, BPMN 2.0.2 §10.3.6 and §13.3.4."""

from __future__ import annotations

from tests.engine.execution.lives import Life
from tests.engine.xml_text import bpmn, in_and_out, loop, node, read_from, script, takes, way, write_to

START, END = node("startEvent", "s"), node("endEvent", "e")
ORDER = '<bpmn:dataObject id="obj" name="order"/><bpmn:dataObjectReference id="ref" dataObjectRef="obj"/>'


def user(element: str) -> str:
    return node("userTask", element, planflow_assignee="administrator")


def mapping(inputs: str = "", outputs: str = "") -> str:
    """``name=value`` pairs apart by spaces, as expressions."""
    into, out = (dict(pair.split("=") for pair in pairs.split()) for pairs in (inputs, outputs))
    return in_and_out({k: f"={v}" for k, v in into.items()}, {k: f"={v}" for k, v in out.items()})


def called(body: str, *ids: str, before: str = "") -> bytes:
    return bpmn(before + START + body + END + way("s", *ids, "e"), key="q")


def calling(inside: str = "", beside: str = "") -> bytes:
    call = node("callActivity", "call", inside, calledElement="q")
    return bpmn(START + ORDER + call + END + way("s", "call", "e") + beside)


def test_the_called_process_sees_its_inputs_and_changes_nothing_outside(engine, deploy):
    deploy(
        calling(mapping("a=order", "result=b")),
        q__bpmn=called(script("x", "b = a + 1\norder = 'inside'"), "x"),
    )
    life = Life(engine, order=1)
    assert (life.status, life.variables()) == ("completed", {"order": 1, "result": 2})


def test_data_inputs_and_outputs_go_to_those_of_the_same_name(engine, deploy):
    body = takes("a", gives="b") + read_from("ref", "a_in") + write_to("ref", "b_out")
    deploy(calling(body), q__bpmn=called(script("x", "b = a + 1"), "x", before=takes("a", gives="b")))
    life = Life(engine, order=1)
    assert (life.status, life.variables()) == ("completed", {"order": 2})


def test_a_call_waits_for_its_data(engine, deploy):
    body = takes("a") + read_from("ref", "a_in")
    deploy(calling(body, user("make") + way("s", "make")), q__bpmn=called(user("x"), "x"))
    life = Life(engine)
    assert life.open() == ["make"]
    life.do("make", order=1)
    assert life.open() == ["x"]
    life.do("x")
    assert (life.status, life.completed()) == ("completed", ["s", "make", "s", "x", "e", "call", "e"])


def test_what_the_called_process_needs_and_is_not_given_is_an_incident_of_the_call(engine, deploy):
    deploy(
        calling(mapping("a=var('later',None)".replace(" ", "")), user("make") + way("s", "make")),
        q__bpmn=called(script("x", "b = a"), "x", before=takes("a")),
    )
    life = Life(engine)
    assert [(i.element, "a" in i.error) for i in life.incidents()] == [("call", True)]
    life.do("make", later=1)
    life.retry()
    assert life.status == "completed"


def test_an_output_that_fails_is_tried_again_without_calling_again(engine, deploy):
    deploy(
        calling(mapping("", "order=order+[b]"), user("make") + way("s", "make")),
        q__bpmn=called(user("x"), "x"),
    )
    life = Life(engine, order=[])
    life.do("x")
    assert len(life.incidents()) == 1
    assert (life.status, life.completed().count("x")) == ("active", 1)


def test_a_process_that_is_called_in_a_loop_leaves_nothing_behind(engine, deploy):
    again = loop("order &lt; 4")
    deploy(calling(mapping("a=order", "order=a+1") + again), q__bpmn=called(user("x"), "x"))
    life = Life(engine, order=0)
    size = life.size()
    for _ in range(3):
        life.do("x")
        assert life.size() == size
    life.do("x")
    assert (life.status, life.variables(), life.left_over()) == ("completed", {"order": 4}, 0)

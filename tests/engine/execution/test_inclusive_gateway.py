"""Joining inclusively, BPMN 2.0.2 §13.4.3."""

from __future__ import annotations

from tests.engine.conftest import names
from tests.engine.execution.lives import Life
from tests.engine.xml_text import bpmn, flow, node, timer, way

START, END = node("startEvent", "s"), node("endEvent", "e")


def users(*tasks: str) -> str:
    return "".join(node("userTask", t, planflow_assignee="administrator") for t in tasks)


def test_it_waits_for_the_branches_that_were_taken_and_for_no_others(engine, deploy):
    deploy(
        bpmn(
            START
            + node("inclusiveGateway", "split", default="split_c")
            + users("a", "b", "c")
            + node("inclusiveGateway", "join")
            + END
            + way("s", "split")
            + way("c", "join", "e")
            + flow("split", "a", "True")
            + flow("split", "b", "True")
            + flow("split", "c")
            + way("a", "join")
            + way("b", "join")
        )
    )
    life = Life(engine)
    assert life.open() == ["a", "b"]
    life.do("b")
    assert life.status == "active"
    life.do("a")
    assert (life.status, life.completed()) == ("completed", ["s", "split", "b", "a", "join", "e"])


def test_a_token_in_a_sub_process_before_it_is_waited_for(engine, deploy):
    sub = node("subProcess", "sub", node("startEvent", "is") + users("inner") + way("is", "inner"))
    deploy(
        bpmn(
            START
            + node("parallelGateway", "fork")
            + node("task", "a")
            + sub
            + node("inclusiveGateway", "join")
            + END
            + way("s", "fork", "a", "join", "e")
            + way("fork", "sub", "join")
        )
    )
    life = Life(engine)
    assert "join" not in life.completed()
    life.do("inner")
    assert life.completed().count("join") == 1


def test_an_activity_whose_boundary_event_leads_there_is_waited_for(engine, deploy):
    deploy(
        bpmn(
            START
            + node("parallelGateway", "fork")
            + node("task", "a")
            + users("slow")
            + node("boundaryEvent", "late", timer("timeDuration", "P1D"), attachedToRef="slow")
            + node("endEvent", "done")
            + node("inclusiveGateway", "join")
            + END
            + way("s", "fork", "a", "join", "e")
            + way("fork", "slow", "done")
            + way("late", "join")
        )
    )
    life = Life(engine)
    assert "join" not in life.completed()
    life.do("slow")
    assert (life.status, life.completed().count("e")) == ("completed", 1)


def test_a_token_that_only_comes_through_the_gateway_itself_is_not_waited_for(trial):
    """A loop back over the join: no path that visits the gateway counts."""
    file = bpmn(
        START
        + node("inclusiveGateway", "join")
        + node("task", "a")
        + node("exclusiveGateway", "again", default="again_e")
        + END
        + way("s", "join", "a", "again", "e")
        + flow("again", "join", "False")
    )
    assert names(trial(file)) == ["s", "join", "a", "again", "e"]


def test_a_token_behind_a_link_is_waited_for(engine, deploy):
    link = '<bpmn:linkEventDefinition name="L"/>'
    deploy(
        bpmn(
            START
            + node("parallelGateway", "fork")
            + node("task", "a")
            + users("slow")
            + node("intermediateThrowEvent", "out", link)
            + node("intermediateCatchEvent", "in", link)
            + node("inclusiveGateway", "join")
            + END
            + way("s", "fork", "a", "join", "e")
            + way("fork", "slow", "out")
            + way("in", "join")
        )
    )
    life = Life(engine)
    assert "join" not in life.completed()
    life.do("slow")
    assert life.completed() == ["s", "fork", "a", "slow", "out", "in", "join", "e"]


def test_a_token_that_can_also_reach_a_flow_with_a_token_does_not_hold_it_up(engine, deploy):
    deploy(
        bpmn(
            START
            + node("parallelGateway", "fork")
            + node("task", "a")
            + users("late", "after")
            + node("exclusiveGateway", "left")
            + node("exclusiveGateway", "which", default="which_x")
            + node("task", "x")
            + node("task", "y")
            + node("inclusiveGateway", "join")
            + way("s", "fork", "a", "left", "join", "after")
            + way("fork", "late", "which", "x", "left")
            + flow("which", "y", "False")
            + way("y", "join")
        )
    )
    assert Life(engine).open() == ["late", "after"]


def test_a_token_at_an_event_based_gateway_is_one_token_whatever_events_it_waits_for(engine, deploy):
    """From the gateway it can reach the flow that has a token, so it is not waited for, though one event cannot."""
    message = '<bpmn:messageEventDefinition messageRef="told"/>'
    deploy(
        bpmn(
            START
            + node("parallelGateway", "fork")
            + node("task", "a")
            + node("exclusiveGateway", "left")
            + node("eventBasedGateway", "which")
            + node("intermediateCatchEvent", "x", message)
            + node("intermediateCatchEvent", "y", timer("timeDuration", "P1D"))
            + node("inclusiveGateway", "join")
            + users("after")
            + way("s", "fork", "a", "left", "join", "after")
            + way("fork", "which", "x", "left")
            + way("which", "y", "join"),
            definitions='<bpmn:message id="told" name="told"/>',
        )
    )
    life = Life(engine)
    assert life.open() == ["after"]
    life.do("after")
    assert life.status == "active", "the events are still waited for"

"""Tokens along sequence flows, BPMN 2.0.2 §13.2.1, §13.3.1 and §13.4."""

from __future__ import annotations

import pytest

from tests.engine.conftest import names
from tests.engine.execution.lives import Life
from tests.engine.xml_text import bpmn, flow, node, way

START, END = node("startEvent", "s"), node("endEvent", "e")


def users(*tasks: str) -> str:
    return "".join(node("userTask", t, planflow_assignee="administrator") for t in tasks)


def test_an_activity_sends_a_token_along_every_flow_without_condition_and_every_one_that_holds(trial):
    file = bpmn(
        START
        + "".join(node("task", t) for t in "abcd")
        + way("s", "a", "b")
        + flow("a", "c", "n &gt; 1")
        + flow("a", "d", "n &gt; 5")
    )
    assert names(trial(file, {"n": 2})) == ["s", "a", "b", "c"]


def test_several_flows_into_an_activity_start_it_once_for_each_token(trial):
    file = bpmn(START + "".join(node("task", t) for t in "abc") + way("s", "a", "c") + way("s", "b", "c"))
    assert names(trial(file)) == ["s", "a", "b", "c", "c"]


def test_several_flows_out_of_an_event_are_all_taken(trial):
    file = bpmn(
        START
        + node("intermediateThrowEvent", "m")
        + node("task", "a")
        + node("task", "b")
        + way("s", "m", "a")
        + way("m", "b")
    )
    assert names(trial(file)) == ["s", "m", "a", "b"]


def test_an_activity_without_a_way_out_is_an_incident_and_not_an_end(trial):
    file = bpmn(START + node("task", "a") + node("task", "b") + way("s", "a") + flow("a", "b", "False"))
    assert [p["element"] for p in trial(file).problems] == ["a"]


def test_everything_that_no_flow_leads_to_begins_when_there_is_no_start_event(trial):
    file = bpmn(
        node("task", "a")
        + node("task", "b")
        + node("parallelGateway", "j")
        + node("task", "c")
        + way("a", "j", "c")
        + way("b", "j")
    )
    result = trial(file)
    assert (result.state, names(result)) == ("completed", ["a", "b", "j", "c"])


def test_an_excess_token_at_a_parallel_join_is_kept_for_the_next_round(engine, deploy):
    deploy(
        bpmn(
            START
            + node("parallelGateway", "fork")
            + node("exclusiveGateway", "left")
            + users("a", "b", "c", "d")
            + node("exclusiveGateway", "right")
            + node("parallelGateway", "join")
            + node("task", "after")
            + way("s", "fork")
            + way("fork", "a", "left", "join", "after")
            + way("fork", "b", "left")
            + way("fork", "c", "right", "join")
            + way("fork", "d", "right")
        )
    )
    life = Life(engine)
    life.do("a")
    life.do("b")
    assert "join" not in life.completed()
    life.do("c")
    assert life.completed().count("after") == 1
    life.do("d")
    assert (life.status, life.completed().count("after")) == ("completed", 2)


def test_a_parallel_join_in_a_loop_waits_for_both_flows_in_every_round(engine, deploy):
    deploy(
        bpmn(
            START
            + node("exclusiveGateway", "merge")
            + node("parallelGateway", "fork")
            + users("a", "b")
            + node("parallelGateway", "join")
            + node("exclusiveGateway", "again", default="again_merge")
            + END
            + way("s", "merge", "fork", "a", "join", "again", "merge")
            + way("fork", "b", "join")
            + flow("again", "e", "enough")
        )
    )
    life = Life(engine, enough=False)
    size = life.size()
    for _ in range(4):
        life.do("b")
        life.do("a")
        assert life.size() == size
    life.do("a")
    life.do("b", enough=True)
    assert (life.status, life.completed().count("join")) == ("completed", 5)


@pytest.mark.parametrize("throws", [1, 2])
def test_a_link_goes_on_where_it_is_caught_from_wherever_it_is_thrown(trial, throws):
    link = '<bpmn:linkEventDefinition name="L"/>'
    outs = [f"out{n}" for n in range(throws)]
    file = bpmn(
        START
        + "".join(node("intermediateThrowEvent", o, link) + way("s", o) for o in outs)
        + node("intermediateCatchEvent", "in", link)
        + node("task", "after")
        + way("in", "after")
    )
    result = trial(file)
    assert (result.state, names(result)) == ("completed", ["s", *outs, *["in"] * throws, *["after"] * throws])

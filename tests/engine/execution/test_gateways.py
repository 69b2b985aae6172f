"""Gateways, BPMN 2.0.2 §13.4."""

from __future__ import annotations

from tests.engine.conftest import names
from tests.engine.xml_text import bpmn, flow, node, script, timer, way

START, END = node("startEvent", "s"), node("endEvent", "e")


def test_an_exclusive_gateway_takes_the_first_flow_that_holds(trial):
    file = bpmn(
        START
        + node("exclusiveGateway", "which", default="which_c")
        + "".join(node("task", t) for t in "abc")
        + way("s", "which")
        + flow("which", "a", "amount &gt; 100")
        + flow("which", "b", "amount &gt; 10")
        + flow("which", "c")
    )
    assert names(trial(file, {"amount": 500})) == ["s", "which", "a"]
    assert names(trial(file, {"amount": 50})) == ["s", "which", "b"]
    assert names(trial(file, {"amount": 5})) == ["s", "which", "c"]


def test_without_a_way_out_the_gateway_is_named(trial):
    file = bpmn(
        START
        + node("exclusiveGateway", "which")
        + node("task", "a")
        + node("task", "b")
        + way("s", "which")
        + flow("which", "a", "False")
        + flow("which", "b", "False")
    )
    result = trial(file)
    assert result.state == "failed"
    assert [p["element"] for p in result.problems] == ["which"]


def test_a_parallel_join_waits_for_a_token_from_each_flow(trial):
    file = bpmn(
        START
        + node("parallelGateway", "fork")
        + node("userTask", "a")
        + node("userTask", "b")
        + node("parallelGateway", "join")
        + END
        + way("s", "fork", "a", "join", "e")
        + way("fork", "b", "join")
    )
    assert names(trial(file)) == ["s", "fork", "a", "b", "join", "e"]


def test_branches_do_not_overwrite_each_others_variables_at_the_join(trial):
    file = bpmn(
        START
        + script("before", "x = 1\ny = 1")
        + node("parallelGateway", "fork")
        + script("left", "x = 2")
        + node("userTask", "right")
        + node("parallelGateway", "join")
        + END
        + way("s", "before", "fork", "left", "join", "e")
        + way("fork", "right", "join")
    )
    result = trial(file, answers={"right": {"y": 3}})
    assert (result.data["x"], result.data["y"]) == (2, 3)


def inclusive(conditions: dict[str, str]) -> bytes:
    branches = "".join(flow("split", t, c) for t, c in conditions.items())
    return bpmn(
        START
        + node("inclusiveGateway", "split", default="split_c")
        + "".join(node("userTask", t) for t in "abc")
        + node("inclusiveGateway", "join")
        + END
        + way("s", "split")
        + branches
        + flow("split", "c")
        + "".join(way(t, "join") for t in "abc")
        + way("join", "e")
    )


def test_an_inclusive_join_waits_for_just_the_branches_that_were_taken(trial):
    assert names(trial(inclusive({"a": "True", "b": "True"}))) == ["s", "split", "a", "b", "join", "e"]
    assert names(trial(inclusive({"a": "True", "b": "False"}))) == ["s", "split", "a", "join", "e"]
    assert names(trial(inclusive({"a": "False", "b": "False"}))) == ["s", "split", "c", "join", "e"]


def test_an_inclusive_join_waits_for_a_token_upstream_that_can_still_come(trial):
    file = bpmn(
        START
        + node("parallelGateway", "fork")
        + node("userTask", "slow")
        + node("exclusiveGateway", "again")
        + node("inclusiveGateway", "join")
        + END
        + way("s", "fork", "slow", "again")
        + flow("again", "slow", 'answer == "again"')
        + flow("again", "join", 'answer != "again"')
        + way("fork", "join", "e")
    )
    result = trial(file, answers={"slow": [{"answer": "again"}, {"answer": "done"}]})
    assert names(result) == ["s", "fork", "slow", "again", "slow", "again", "join", "e"]


def test_the_first_event_after_an_event_based_gateway_wins(trial):
    file = bpmn(
        START
        + node("eventBasedGateway", "wait")
        + node("intermediateCatchEvent", "soon", timer("timeDuration", "PT1H"))
        + node("intermediateCatchEvent", "late", timer("timeDuration", "PT5H"))
        + node("endEvent", "e1")
        + node("endEvent", "e2")
        + way("s", "wait", "soon", "e1")
        + way("wait", "late", "e2")
    )
    result = trial(file)
    assert result.state == "completed"
    assert names(result) == ["s", "wait", "soon", "e1"]
    assert names(result, "cancelled") == ["late"]


def test_conditions_on_an_activity_choose_among_its_flows(trial):
    file = bpmn(
        START
        + node("task", "a", default="a_d")
        + "".join(node("task", t) for t in "bcd")
        + way("s", "a")
        + flow("a", "b", "n &gt; 1")
        + flow("a", "c", "n &gt; 2")
        + flow("a", "d")
    )
    assert names(trial(file, {"n": 3})) == ["s", "a", "b", "c"]
    assert names(trial(file, {"n": 0})) == ["s", "a", "d"]


def test_excess_tokens_stay_at_a_parallel_join(trial):
    file = bpmn(
        START
        + node("task", "twice")
        + node("exclusiveGateway", "merge")
        + node("parallelGateway", "join")
        + node("userTask", "other")
        + END
        + way("s", "twice", "merge", "join", "e")
        + '<bpmn:sequenceFlow id="second" sourceRef="twice" targetRef="merge"/>'
        + way("s", "other", "join")
    )
    result = trial(file)
    assert names(result).count("join") == 1
    assert result.state == "waiting"

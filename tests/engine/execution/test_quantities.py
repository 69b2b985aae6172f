"""``startQuantity`` and ``completionQuantity``, BPMN 2.0.2 §10.3 (Table 10.3) and §13.3.2."""

from __future__ import annotations

from tests.engine.conftest import names
from tests.engine.execution.lives import Life
from tests.engine.xml_text import bpmn, flow, loop, many, node, script, way

START, END = node("startEvent", "s"), node("endEvent", "e")


def users(*tasks: str) -> str:
    return "".join(node("userTask", t, planflow_assignee="administrator") for t in tasks)


def test_an_activity_begins_when_as_many_tokens_have_come_as_it_takes_from_whatever_flows(engine, deploy):
    deploy(
        bpmn(
            START
            + users("a", "b", "c")
            + node("userTask", "pack", startQuantity="3", planflow_assignee="administrator")
            + END
            + way("s", "a", "pack", "e")
            + way("s", "b", "pack")
            + way("s", "c", "pack")
        )
    )
    life = Life(engine)
    life.do("a")
    life.do("c")
    assert life.open() == ["b"]
    life.do("b")
    assert life.open() == ["pack"]
    life.do("pack")
    assert (life.status, life.completed().count("pack")) == ("completed", 1)


def test_tokens_on_one_flow_are_enough(trial):
    file = bpmn(
        START
        + node("task", "make", completionQuantity="4")
        + node("task", "pack", startQuantity="2")
        + END
        + way("s", "make", "pack", "e")
    )
    result = trial(file)
    assert (result.state, names(result)) == ("completed", ["s", "make", "pack", "pack", "e", "e"])


def test_a_loop_gathers_the_tokens_of_its_rounds(trial):
    body = node("task", "go") + script("count", "n = var('n', 0) + 1") + node("exclusiveGateway", "again")
    file = bpmn(
        START
        + node("exclusiveGateway", "merge")
        + body
        + node("task", "pack", startQuantity="3")
        + END
        + way("s", "merge", "go", "count", "again")
        + way("count", "pack", "e")
        + flow("again", "merge", "n &lt; 3")
        + flow("again", "stop", "n &gt;= 3")
        + node("endEvent", "stop")
    )
    result = trial(file)
    assert (result.state, names(result).count("pack"), names(result).count("count")) == ("completed", 1, 3)


def test_a_repeated_activity_takes_and_gives_its_tokens_as_a_whole(trial):
    file = bpmn(
        START
        + node("task", "make", completionQuantity="2")
        + node(
            "task",
            "each",
            many("<bpmn:loopCardinality>3</bpmn:loopCardinality>"),
            startQuantity="2",
            completionQuantity="2",
        )
        + node("task", "after")
        + way("s", "make", "each", "after")
    )
    result = trial(file)
    assert names(result) == ["s", "make", "each", "each", "each", "after", "after"]


def test_a_looping_activity_takes_its_tokens_once(trial):
    file = bpmn(
        START
        + node("task", "make", completionQuantity="2")
        + node("task", "go", loop(loopMaximum="3"), startQuantity="2")
        + way("s", "make", "go")
    )
    assert names(trial(file)) == ["s", "make", "go", "go", "go"]


def test_a_sub_process_waits_for_its_tokens_too(trial):
    inside = node("task", "inner")
    file = bpmn(
        START
        + node("task", "make", completionQuantity="2")
        + node("subProcess", "sub", inside, startQuantity="2")
        + way("s", "make", "sub")
    )
    result = trial(file)
    assert (result.state, names(result)) == ("completed", ["s", "make", "inner", "sub"])


def test_history_shows_every_token_that_goes_along_a_flow(engine, deploy):
    deploy(bpmn(START + node("task", "make", completionQuantity="3") + END + way("s", "make", "e")))
    life = Life(engine)
    assert life.completed() == ["s", "make", "e", "e", "e"]

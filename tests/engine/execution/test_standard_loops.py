"""Standard loops, BPMN 2.0.2 §10.3.8 and §13.3.6."""

from __future__ import annotations

from tests.engine.conftest import names
from tests.engine.execution.lives import Life
from tests.engine.xml_text import assign, bpmn, flow, loop, node, script, takes, timer, way, write_to

START, END = node("startEvent", "s"), node("endEvent", "e")


def scripted(element: str, source: str, inside: str) -> str:
    return node("scriptTask", element, inside + f"<bpmn:script>{source}</bpmn:script>")


def user(element: str, inside: str = "", **more: str) -> str:
    return node("userTask", element, inside, planflow_assignee="administrator", **more)


def test_it_is_done_once_before_its_condition_is_asked(trial):
    file = bpmn(START + node("task", "a", loop("False")) + way("s", "a"))
    assert names(trial(file)) == ["s", "a"]


def test_with_test_before_it_may_not_be_done_at_all(trial):
    file = bpmn(START + node("task", "a", loop("False", testBefore="true")) + END + way("s", "a", "e"))
    assert names(trial(file)) == ["s", "e"]


def test_it_is_repeated_while_its_condition_holds(trial):
    file = bpmn(START + scripted("a", "n = n + 1", loop("n &lt; 3")) + END + way("s", "a", "e"))
    result = trial(file, {"n": 0})
    assert (names(result), result.data) == (["s", "a", "a", "a", "e"], {"n": 3})


def test_it_is_repeated_no_more_often_than_its_maximum(trial):
    file = bpmn(START + node("task", "a", loop("True", loopMaximum="4")) + END + way("s", "a", "e"))
    assert names(trial(file)) == ["s", "a", "a", "a", "a", "e"]


def test_the_counter_tells_each_round_which_it_is(trial):
    file = bpmn(
        START + scripted("a", "seen = seen + [loopCounter]", loop("loopCounter &lt; 3")) + way("s", "a")
    )
    assert trial(file, {"seen": []}).data == {"seen": [0, 1, 2]}


def test_a_sub_process_is_repeated_as_a_whole(trial):
    inside = (
        node("startEvent", "is")
        + script("a", "n = n + 1")
        + node("task", "b")
        + way("is", "a", "b")
        + loop("n &lt; 2")
    )
    file = bpmn(START + node("subProcess", "sub", inside) + END + way("s", "sub", "e"))
    assert names(trial(file, {"n": 0})) == ["s", "is", "a", "b", "sub", "is", "a", "b", "sub", "e"]


def test_a_called_process_is_repeated(engine, deploy):
    called = bpmn(START + script("a", "m = n + 1") + way("s", "a"), key="q")
    mapped = (
        '<bpmn:extensionElements><planflow:inputs><planflow:input name="n" value="=n"/></planflow:inputs>'
        '<planflow:outputs><planflow:output name="n" value="=m"/></planflow:outputs></bpmn:extensionElements>'
    )
    deploy(
        bpmn(
            START
            + node("callActivity", "call", mapped + loop("n &lt; 3"), calledElement="q")
            + way("s", "call")
        ),
        q__bpmn=called,
    )
    life = Life(engine, n=0)
    assert (life.status, life.variables()["n"]) == ("completed", 3)


def test_each_round_hands_its_outputs_over_before_the_condition_is_asked(trial):
    """The condition is about the data object that the round has changed."""
    objects = (
        '<bpmn:dataObject id="obj" name="total"/><bpmn:dataObjectReference id="ref" dataObjectRef="obj"/>'
    )
    body = takes(gives="x") + write_to("ref", "x_out", assign("total + x", "total")) + loop("total &lt; 5")
    file = bpmn(START + objects + scripted("a", "x = 2", body) + way("s", "a"))
    result = trial(file, {"total": 0})
    assert (result.data, names(result).count("a")) == ({"total": 6}, 3)


def test_a_loop_of_people_s_work_stays_as_small_as_it_began(engine, deploy):
    deploy(bpmn(START + user("a", loop("not done")) + END + way("s", "a", "e")))
    life = Life(engine, done=False)
    size = life.size()
    for _ in range(5):
        life.do("a")
        assert (life.open(), life.size()) == (["a"], size)
    life.do("a", done=True)
    assert (life.status, life.completed().count("a"), life.left_over()) == ("completed", 6, 0)


def test_a_boundary_event_stands_at_the_loop_as_a_whole(engine, deploy, clock):
    deploy(
        bpmn(
            START
            + user("a", loop("True"))
            + node("boundaryEvent", "late", timer("timeDuration", "PT3H"), attachedToRef="a")
            + node("task", "after")
            + way("s", "a")
            + way("late", "after")
        )
    )
    life = Life(engine)
    clock.advance(hours=2)
    life.do("a")
    clock.advance(hours=2)  # four hours after the first round began, two after the second
    assert engine.fire_due_timers() == 1
    assert (life.completed()[-2:], life.left_over()) == (["late", "after"], 0)


def test_an_error_in_a_round_is_caught_at_the_loop(trial):
    file = bpmn(
        START
        + scripted("a", "n = n + 1\nif n == 3:\n    bpmn_error('BAD')", loop("True"))
        + node("boundaryEvent", "bad", "<bpmn:errorEventDefinition/>", attachedToRef="a")
        + node("task", "after")
        + way("s", "a")
        + way("bad", "after")
    )
    result = trial(file, {"n": 0})
    assert (result.state, names(result)) == ("completed", ["s", "a", "a", "bad", "after"])


def test_a_condition_that_fails_is_asked_again_and_the_round_is_not_done_again(engine, deploy):
    deploy(bpmn(START + user("a", loop("missing")) + user("other") + way("s", "a") + way("s", "other")))
    life = Life(engine)
    life.do("a")
    assert [i.element for i in life.incidents()] == ["a"]
    life.do("other", missing=False)
    life.retry()
    assert (life.status, life.completed().count("a")) == ("completed", 1)


def test_a_loop_that_never_waits_is_stopped(trial):
    file = bpmn(START + node("task", "a", loop("True")) + way("s", "a"))
    assert [p["element"] for p in trial(file).problems] == ["a"]


def test_it_can_be_returned_to(trial):
    again = flow("more", "merge", "n &lt; 4")
    file = bpmn(
        START
        + node("exclusiveGateway", "merge")
        + scripted("a", "n = n + 1", loop(loopMaximum="2"))
        + node("exclusiveGateway", "more", default="more_e")
        + END
        + way("s", "merge", "a", "more", "e")
        + again
    )
    assert names(trial(file, {"n": 0})).count("a") == 4

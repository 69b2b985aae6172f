"""The complex gateway, BPMN 2.0.2 §13.4.5."""

from __future__ import annotations

import pytest

from tests.engine.conftest import names
from tests.engine.execution.lives import Life
from tests.engine.xml_text import bpmn, flow, node, way

START, END = node("startEvent", "s"), node("endEvent", "e")


def gate(condition: str = "activationCount &gt;= 2", **attributes: str) -> str:
    inside = f"<bpmn:activationCondition>{condition}</bpmn:activationCondition>"
    return node("complexGateway", "gate", inside, **attributes)


def branches(*tasks: str, kind: str = "userTask") -> str:
    """Parallel tasks that all lead to the gateway."""
    body = "".join(
        node(kind, t, planflow_assignee="administrator") if kind == "userTask" else node(kind, t)
        for t in tasks
    )
    return (
        START
        + node("parallelGateway", "fork")
        + body
        + way("s", "fork")
        + "".join(way("fork", t, "gate") for t in tasks)
    )


DISCRIMINATOR = bpmn(
    branches("a", "b", "c") + gate() + node("task", "after") + END + way("gate", "after", "e")
)


def test_it_goes_on_when_enough_tokens_have_come_and_takes_in_those_that_come_later(engine, deploy):
    deploy(DISCRIMINATOR)
    life = Life(engine)
    life.do("a")
    assert "after" not in life.completed()
    life.do("b")
    assert life.completed().count("after") == 1
    life.do("c")
    assert (life.status, life.completed().count("after"), life.left_over()) == ("completed", 1, 0)


def test_history_shows_it_once_though_it_resets_later(engine, deploy):
    deploy(DISCRIMINATOR)
    life = Life(engine)
    for task in "abc":
        life.do(task)
    assert life.completed().count("gate") == 1


def test_two_tokens_of_one_flow_are_two_and_the_second_is_kept_for_the_next_round(engine, deploy):
    """One of each flow is consumed; ``activationCount`` counts all that wait."""
    fork = node("parallelGateway", "fork") + node("exclusiveGateway", "merge")
    fork += "".join(node("userTask", t, planflow_assignee="administrator") for t in "abcd")
    deploy(
        bpmn(
            START
            + fork
            + gate()
            + node("userTask", "after", planflow_assignee="administrator")
            + way("s", "fork")
            + way("fork", "a", "merge", "gate", "after")
            + way("fork", "b", "merge")
            + way("fork", "c", "gate")
            + way("fork", "d", "gate")
        )
    )
    life = Life(engine)
    life.do("a")
    life.do("c")  # starts with a and c; b's and d's tokens are for the reset and for the next round
    assert life.open() == ["b", "d", "after"]
    life.do("b")  # excess on the flow of a
    assert life.open() == ["d", "after"]
    life.do("d")  # resets; b's token alone is not enough to start anew
    assert life.open() == ["after"]


def test_tokens_left_over_at_the_reset_start_it_anew_if_they_are_enough(trial):
    body = (
        START
        + node("parallelGateway", "fork")
        + node("exclusiveGateway", "left")
        + node("exclusiveGateway", "right")
    )
    body += "".join(node("task", t) for t in "abcd") + node("task", "after") + node("userTask", "late")
    file = bpmn(
        body
        + gate()
        + way("s", "fork")
        + way("fork", "a", "left", "gate", "after")
        + way("fork", "b", "left")
        + way("fork", "c", "right", "gate")
        + way("fork", "d", "right")
        + way("fork", "late", "gate")
    )
    result = trial(file)
    assert (result.state, names(result).count("after")) == ("completed", 2)


def test_the_reset_does_not_wait_for_a_flow_that_no_token_can_reach_any_more(trial):
    file = bpmn(
        START
        + node("parallelGateway", "fork")
        + node("exclusiveGateway", "choice", default="choice_other")
        + "".join(node("task", t) for t in ("a", "b", "c", "other", "after"))
        + gate()
        + way("s", "fork")
        + way("fork", "a", "gate")
        + way("fork", "b", "gate")
        + way("fork", "choice", "other")
        + flow("choice", "c", "False")
        + way("c", "gate", "after")
    )
    result = trial(file)
    assert (result.state, names(result).count("after")) == ("completed", 1)


def test_a_token_that_can_reach_a_flow_that_has_brought_one_already_is_not_waited_for(engine, deploy):
    """The synchronisation of the inclusive gateway: ``late`` leads to both flows."""
    deploy(
        bpmn(
            START
            + node("parallelGateway", "fork")
            + node("exclusiveGateway", "left")
            + node("exclusiveGateway", "which", default="which_x")
            + "".join(node("task", t) for t in ("a", "x", "y"))
            + "".join(node("userTask", t, planflow_assignee="administrator") for t in ("late", "reset"))
            + gate("activationCount &gt;= 1")
            + way("s", "fork")
            + way("fork", "a", "left", "gate")
            + way("fork", "late", "which", "x", "left")
            + flow("which", "y", "False")
            + way("y", "gate")
            + flow("gate", "reset", "not waitingForStart")
            + flow("gate", "go", "waitingForStart")
            + node("task", "go")
        )
    )
    assert Life(engine).open() == ["late", "reset"]


def test_conditions_of_its_flows_are_asked_in_both_phases(engine, deploy):
    deploy(
        bpmn(
            branches("a", "b")
            + gate("activationCount &gt;= 1")
            + node("task", "first")
            + node("task", "second")
            + flow("gate", "first", "waitingForStart")
            + flow("gate", "second", "not waitingForStart")
        )
    )
    life = Life(engine)
    life.do("a")
    assert life.completed()[-2:] == ["gate", "first"]
    life.do("b")
    assert life.completed()[-2:] == ["gate", "second"]
    assert life.status == "completed"


def test_it_resets_at_once_when_all_flows_have_brought_their_token(trial):
    file = bpmn(
        branches("a", "b", kind="task")
        + gate()
        + node("task", "first")
        + node("task", "second")
        + flow("gate", "first", "waitingForStart")
        + flow("gate", "second", "not waitingForStart")
    )
    assert names(trial(file)) == ["s", "fork", "a", "b", "gate", "first", "gate", "second"]


def test_the_default_flow_is_taken_when_no_condition_holds(trial):
    file = bpmn(
        branches("a", "b", kind="task")
        + gate(default="gate_other")
        + node("task", "never")
        + node("task", "other")
        + flow("gate", "never", "False")
        + flow("gate", "other")
    )
    assert "never" not in names(trial(file))
    assert "other" in names(trial(file))


def test_without_a_way_out_at_the_start_it_is_an_incident(trial):
    file = bpmn(
        branches("a", "b", kind="task") + gate() + node("task", "never") + flow("gate", "never", "False")
    )
    assert [p["element"] for p in trial(file).problems] == ["gate"]


def test_its_condition_is_asked_again_when_data_change(engine, deploy):
    deploy(
        bpmn(
            branches("a", "b")
            + gate("activationCount &gt;= 1 and urgent")
            + node("task", "after")
            + way("gate", "after")
        )
    )
    life = Life(engine, urgent=False)
    life.do("a")
    assert "after" not in life.completed()
    life.do("b", urgent=True)
    assert (life.status, life.completed().count("after")) == ("completed", 1)


def test_a_token_whose_condition_failed_is_tried_again_and_lost_to_nobody(engine, deploy):
    deploy(
        bpmn(
            branches("a", "b")
            + gate("activationCount &gt;= needed")
            + node("task", "after")
            + way("gate", "after")
        )
    )
    life = Life(engine)
    life.do("a")
    assert [i.element for i in life.incidents()] == ["gate"]
    life.do("b", needed=2)
    assert (life.status, life.incidents(), life.completed().count("after")) == ("completed", [], 1)


@pytest.mark.parametrize("rounds", [1, 6])
def test_its_state_stays_the_same_however_often_it_goes_round(engine, deploy, rounds):
    deploy(
        bpmn(
            START
            + node("exclusiveGateway", "merge")
            + node("parallelGateway", "fork")
            + "".join(node("userTask", t, planflow_assignee="administrator") for t in ("a", "b"))
            + gate("activationCount &gt;= 2")
            + node("exclusiveGateway", "again")
            + way("s", "merge", "fork")
            + way("fork", "a", "gate", "again")
            + way("fork", "b", "gate")
            + flow("again", "merge", "True")
        )
    )
    life = Life(engine)
    before = life.size()
    for _ in range(rounds):
        life.do("a")
        life.do("b")
    assert life.size() == before

"""Ad-hoc sub-processes, BPMN 2.0.2 §10.3.5 and §13.3.5."""

from __future__ import annotations

from tests.engine.conftest import names
from tests.engine.execution.lives import Life
from tests.engine.xml_text import bpmn, many, node, script, timer, way

START, END = node("startEvent", "s"), node("endEvent", "e")


def user(element: str, inside: str = "", **more: str) -> str:
    return node("userTask", element, inside, planflow_assignee="administrator", **more)


def ad_hoc(inside: str, enough: str = "", **more: str) -> str:
    condition = f"<bpmn:completionCondition>{enough}</bpmn:completionCondition>" if enough else ""
    return node("adHocSubProcess", "some", inside + condition, **more)


def around(sub: str, beside: str = "") -> bytes:
    return bpmn(START + sub + node("task", "after") + END + way("s", "some", "after", "e") + beside)


def test_in_parallel_all_activities_are_offered_together(engine, deploy):
    deploy(around(ad_hoc(user("a") + user("b") + user("c"))))
    life = Life(engine)
    assert life.open() == ["a", "b", "c"]
    for element in ("c", "a", "b"):
        life.do(element)
    assert (life.status, life.completed()) == ("completed", ["s", "c", "a", "b", "some", "after", "e"])


def test_sequentially_one_is_offered_after_the_other(engine, deploy):
    deploy(around(ad_hoc(user("a") + user("b"), ordering="Sequential")))
    life = Life(engine)
    assert life.open() == ["a"]
    life.do("a")
    assert life.open() == ["b"]
    life.do("b")
    assert life.status == "completed"


def test_when_it_is_enough_the_rest_is_withdrawn(engine, deploy):
    deploy(around(ad_hoc(user("a") + user("b") + user("c"), "var('done', False)")))
    life = Life(engine)
    life.do("b")
    assert life.open() == ["a", "c"]
    life.do("c", done=True)
    assert (life.status, life.completed(), life.left_over()) == (
        "completed",
        ["s", "b", "c", "some", "after", "e"],
        0,
    )


def test_with_cancel_remaining_instances_false_what_has_begun_is_finished_first(engine, deploy):
    deploy(around(ad_hoc(user("a") + user("b"), "var('done', False)", cancelRemainingInstances="false")))
    life = Life(engine)
    life.do("a", done=True)
    assert (life.status, life.open()) == ("active", ["b"])
    life.do("b", done=False)
    assert (life.status, life.left_over()) == ("completed", 0)


def test_while_it_is_not_enough_the_activities_are_offered_again(engine, deploy):
    deploy(around(ad_hoc(user("a") + user("b"), "var('done', False)")))
    life = Life(engine)
    size = life.size()
    for _ in range(3):
        life.do("a")
        life.do("b")
        assert (life.open(), life.size()) == (["a", "b"], size)
    life.do("b", done=True)
    assert (life.status, life.left_over()) == ("completed", 0)


def test_if_it_is_enough_before_anything_is_done_nothing_is(trial):
    assert names(trial(around(ad_hoc(node("task", "a"), "True")))) == ["s", "some", "after", "e"]


def test_an_expression_may_say_which_activities_it_begins_with(trial):
    sub = ad_hoc(node("task", "a") + node("task", "b") + node("task", "c"), planflow_activities="=chosen")
    assert names(trial(around(sub), {"chosen": ["c", "a"]})) == ["s", "c", "a", "some", "after", "e"]


def test_no_activities_chosen_is_passed(trial):
    sub = ad_hoc(node("task", "a"), planflow_activities="=[]")
    assert names(trial(around(sub))) == ["s", "some", "after", "e"]


def test_activities_that_it_does_not_offer_are_an_incident_and_chosen_anew_at_the_retry(engine, deploy):
    beside = (
        user("other")
        + way("s", "other")
        + node(
            "subProcess",
            "watch",
            node("startEvent", "ws", timer("timeDuration", "P1D")),
            triggeredByEvent="true",
        )
    )
    inside = user("a") + node(
        "subProcess", "inner", node("startEvent", "is", timer("timeDuration", "P1D")), triggeredByEvent="true"
    )
    deploy(around(ad_hoc(inside, planflow_activities="=[chosen]"), beside))
    life = Life(engine, chosen="nothing")
    assert [i.element for i in life.incidents()] == ["some"]
    life.do("other", chosen="a")
    life.retry()
    assert life.open() == ["a"]
    assert life.left_over() == 3  # the work item, and each timer once


def test_flows_inside_are_followed_and_only_what_none_leads_to_is_offered(engine, deploy):
    deploy(around(ad_hoc(user("a") + user("b") + user("c") + way("a", "b"))))
    life = Life(engine)
    assert life.open() == ["a", "c"]
    life.do("a")
    assert life.open() == ["c", "b"]
    life.do("b")
    life.do("c")
    assert life.status == "completed"


def test_sequentially_a_chain_is_finished_before_the_next_is_offered(engine, deploy):
    deploy(around(ad_hoc(user("a") + user("b") + user("c") + way("a", "b"), ordering="Sequential")))
    life = Life(engine)
    order = []
    while life.status == "active":
        (element,) = life.open()
        order.append(element)
        life.do(element)
    assert order == ["a", "b", "c"]


def test_the_condition_is_asked_at_each_step_of_a_chain(trial):
    inside = script("a", "n = 1") + node("task", "b") + way("a", "b")
    result = trial(around(ad_hoc(inside, "n == 1")), {"n": 0})
    assert names(result) == ["s", "a", "some", "after", "e"]


def test_an_event_sub_process_in_it_interrupts_it(engine, deploy, clock):
    handler = (
        node("startEvent", "hs", timer("timeDuration", "P1D")) + node("task", "handle") + way("hs", "handle")
    )
    inside = user("a") + user("b") + node("subProcess", "handler", handler, triggeredByEvent="true")
    deploy(around(ad_hoc(inside)))
    life = Life(engine)
    clock.advance(days=2)
    assert engine.fire_due_timers() == 1
    assert (life.completed()[-5:], life.left_over()) == (["handle", "handler", "some", "after", "e"], 0)


def test_its_event_sub_process_stops_listening_when_it_is_over(engine, deploy):
    handler = (
        node("startEvent", "hs", timer("timeDuration", "P1D")) + node("task", "handle") + way("hs", "handle")
    )
    inside = user("a") + user("b") + node("subProcess", "handler", handler, triggeredByEvent="true")
    deploy(around(ad_hoc(inside, "True if var('done', False) else False")))
    life = Life(engine)
    life.do("a", done=True)
    assert (life.status, life.left_over()) == ("completed", 0)


def test_a_boundary_event_on_an_activity_in_it_goes_with_the_activity(engine, deploy, clock):
    inside = (
        user("a") + node("boundaryEvent", "late", timer("timeDuration", "P1D"), attachedToRef="a") + user("b")
    )
    deploy(around(ad_hoc(inside, "var('done', False)")))
    life = Life(engine)
    life.do("b", done=True)
    assert (life.status, life.left_over()) == ("completed", 0)


def test_a_boundary_event_on_it_withdraws_everything_in_it(engine, deploy, clock):
    deploy(
        around(
            ad_hoc(user("a") + user("b")),
            node("boundaryEvent", "late", timer("timeDuration", "P1D"), attachedToRef="some")
            + node("task", "rescue")
            + way("late", "rescue"),
        )
    )
    life = Life(engine)
    clock.advance(days=2)
    engine.fire_due_timers()
    assert (life.completed(), life.left_over()) == (["s", "late", "rescue"], 0)


def test_a_failing_condition_is_asked_again_and_the_activity_is_not_done_again(engine, deploy):
    twice = user("other", '<bpmn:standardLoopCharacteristics loopMaximum="2"/>') + way("s", "other")
    deploy(around(ad_hoc(user("a") + user("b"), "1 // enough == 1"), twice))
    life = Life(engine, enough=2)
    life.do("other", enough=0)
    life.do("a")
    assert [i.element for i in life.incidents()] == ["a"]
    life.do("other", enough=2)
    life.retry()
    assert (life.open(), life.incidents(), life.completed().count("a")) == (["b"], [], 1)


def test_an_incident_at_the_condition_goes_with_what_it_stopped(engine, deploy):
    deploy(around(ad_hoc(user("a") + user("b"), "1 // enough == 1"), user("other") + way("s", "other")))
    life = Life(engine, enough=2)
    life.do("other", enough=0)
    life.do("a")
    assert [i.element for i in life.incidents()] == ["a"]
    life.do("b", enough=1)
    assert (life.status, life.incidents(), life.left_over()) == ("completed", [], 0)


def test_a_repeated_activity_in_it_is_one_activity(engine, deploy):
    each = many("<bpmn:loopCardinality>2</bpmn:loopCardinality>")
    deploy(around(ad_hoc(user("a", each) + user("b"), ordering="Sequential")))
    life = Life(engine)
    assert life.open() == ["a", "a"]
    life.do("a")
    life.do("a")
    assert life.open() == ["b"]


def test_it_can_be_repeated_itself(engine, deploy):
    each = many("<bpmn:loopCardinality>2</bpmn:loopCardinality>")
    deploy(around(ad_hoc(user("a") + user("b") + each)))
    life = Life(engine)
    assert life.open() == ["a", "b", "a", "b"]
    for element in ("a", "b", "a", "b"):
        life.do(element)
    assert (life.status, life.completed().count("some")) == ("completed", 2)

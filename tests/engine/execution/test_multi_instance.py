"""Multi-instance activities, BPMN 2.0.2 §10.3.8 and §13.3.7."""

from __future__ import annotations

import pytest

from engine import NotDeployable
from engine.bpmn.reader import read_bpmn
from tests.engine.conftest import names
from tests.engine.execution.lives import Life
from tests.engine.xml_text import (
    bpmn,
    flow,
    in_and_out,
    many,
    node,
    read_from,
    script,
    takes,
    timer,
    way,
    write_to,
)

START, END = node("startEvent", "s"), node("endEvent", "e")
EACH = {"planflow_collection": "=people", "planflow_elementVariable": "who"}
GATHERED = {**EACH, "planflow_outputCollection": "answers", "planflow_outputElement": "=answer"}
THREE = "<bpmn:loopCardinality>3</bpmn:loopCardinality>"
SIGNAL = (
    '<bpmn:signal id="told" name="told"/><bpmn:signalEventDefinition id="tell" signalRef="told"/>'
    '<bpmn:escalation id="esc" escalationCode="E"/><bpmn:escalationEventDefinition id="raise" escalationRef="esc"/>'
    '<bpmn:error id="err" errorCode="X"/><bpmn:errorEventDefinition id="fail" errorRef="err"/>'
)
ON_TOLD = '<bpmn:signalEventDefinition signalRef="told"/>'


def user(element: str, inside: str = "", **more: str) -> str:
    return node("userTask", element, inside, planflow_assignee="administrator", **more)


def scripted(element: str, source: str, inside: str) -> str:
    return node("scriptTask", element, inside + f"<bpmn:script>{source}</bpmn:script>")


def until(condition: str) -> str:
    return f"<bpmn:completionCondition>{condition}</bpmn:completionCondition>"


def beside(host: str, definition: str, element: str = "caught", **more: str) -> str:
    return node("boundaryEvent", element, definition, attachedToRef=host, **more)


# How many


@pytest.mark.parametrize("sequential", ["true", "false"])
def test_a_cardinality_says_how_many_there_are(trial, sequential):
    file = bpmn(START + node("task", "a", many(THREE, isSequential=sequential)) + END + way("s", "a", "e"))
    assert names(trial(file)) == ["s", "a", "a", "a", "e"]


@pytest.mark.parametrize("count", ["-1", "'3'", "1.5"])
def test_a_cardinality_that_is_no_number_of_instances_is_an_incident(trial, count):
    file = bpmn(
        START
        + node("task", "a", many(f"<bpmn:loopCardinality>{count}</bpmn:loopCardinality>"))
        + way("s", "a")
    )
    assert [p["element"] for p in trial(file).problems] == ["a"]


def test_none_at_all_is_passed(trial):
    file = bpmn(
        START
        + node("task", "a", many("<bpmn:loopCardinality>0</bpmn:loopCardinality>"))
        + END
        + way("s", "a", "e")
    )
    assert names(trial(file)) == ["s", "e"]


def test_outputs_stand_in_the_order_of_the_items_whoever_is_first(engine, deploy):
    deploy(bpmn(START + user("ask", many(**GATHERED)) + END + way("s", "ask", "e")))
    life = Life(engine, people=["x", "y", "z"])
    life.do("ask", 2, answer="third")
    life.do("ask", 0, answer="first")
    life.do("ask", 0, answer="second")
    assert (life.status, life.variables()["answers"]) == ("completed", ["first", "second", "third"])


def test_one_after_the_other_only_one_work_item_is_open(engine, deploy):
    deploy(bpmn(START + user("ask", many(isSequential="true", **GATHERED)) + END + way("s", "ask", "e")))
    life = Life(engine, people=["x", "y", "z"])
    size = life.size()
    for number in range(3):
        assert (life.open(), life.size()) == (["ask"], size)
        life.do("ask", answer=number)
    assert (life.status, life.variables()["answers"], life.left_over()) == ("completed", [0, 1, 2], 0)


def test_it_can_be_returned_to_any_number_of_times(engine, deploy):
    deploy(
        bpmn(
            START
            + node("exclusiveGateway", "merge")
            + user("ask", many(**GATHERED))
            + node("exclusiveGateway", "again", default="again_merge")
            + END
            + way("s", "merge", "ask", "again", "merge")
            + flow("again", "e", "answers == ['done', 'done']")
        )
    )
    life = Life(engine, people=["x", "y"])
    size = life.size()
    for number in range(3):
        life.do("ask", 1, answer=number)
        life.do("ask", 0, answer=number)
        assert (life.open(), life.size()) == (["ask", "ask"], size)
    life.do("ask", answer="done")
    life.do("ask", answer="done")
    assert (life.status, life.completed().count("ask")) == ("completed", 8)


# Enough


def test_the_rest_is_withdrawn_when_it_is_enough(engine, deploy):
    deploy(
        bpmn(
            START
            + user("ask", many(until("nrOfCompletedInstances == 2"), **GATHERED))
            + END
            + way("s", "ask", "e")
        )
    )
    life = Life(engine, people=["x", "y", "z"])
    life.do("ask", 2, answer="z")
    life.do("ask", 0, answer="x")
    assert (life.status, life.variables()["answers"], life.left_over()) == ("completed", ["x", "z"], 0)


@pytest.mark.parametrize(
    ("sequential", "active"), [("false", [2, 1, 0]), ("true", [0, 0, 0])], ids=["parallel", "sequential"]
)
def test_conditions_see_how_many_instances_there_are(trial, sequential, active):
    """Asked each time an instance completes; the last number is of those terminated early."""
    seen = "[nrOfInstances, nrOfActiveInstances, nrOfCompletedInstances, nrOfTerminatedInstances]"
    wanted = [[3, a, done + 1, 0] for done, a in enumerate(active)]
    condition = until(f"fail('wrong') if {seen} not in {wanted} else False")
    file = bpmn(
        START + node("task", "a", many(THREE + condition, isSequential=sequential)) + END + way("s", "a", "e")
    )
    assert (trial(file).state, names(trial(file)).count("a")) == ("completed", 3)


def test_the_condition_sees_what_the_instance_that_completes_has_written(engine, deploy):
    deploy(bpmn(START + user("ask", many(until("answer == 'no'"), **GATHERED)) + END + way("s", "ask", "e")))
    life = Life(engine, people=["x", "y", "z"])
    life.do("ask", answer="yes")
    assert life.status == "active"
    life.do("ask", answer="no")
    assert (life.status, life.variables()["answers"]) == ("completed", ["yes", "no"])


@pytest.mark.parametrize("sequential", ["true", "false"])
def test_a_failing_condition_loses_no_answer_and_doubles_none(engine, deploy, sequential):
    deploy(
        bpmn(
            START
            + user(
                "ask", many(until("nrOfCompletedInstances &gt;= needed"), isSequential=sequential, **GATHERED)
            )
            + user("other")
            + way("s", "ask")
            + way("s", "other")
        )
    )
    life = Life(engine, people=["x", "y"])
    life.do("ask", answer=1)
    assert [i.element for i in life.incidents()] == ["ask"]
    life.do("other", needed=2)
    life.retry()
    life.do("ask", answer=2)
    assert (life.status, life.variables()["answers"], life.completed().count("ask")) == (
        "completed",
        [1, 2],
        2,
    )
    assert life.left_over() == 0


# In BPMN's own terms


OBJECTS = (
    '<bpmn:dataObject id="orders_obj" name="orders" isCollection="true"/>'
    '<bpmn:dataObjectReference id="orders_ref" dataObjectRef="orders_obj"/>'
    '<bpmn:dataObject id="bills_obj" name="bills" isCollection="true"/>'
    '<bpmn:dataObjectReference id="bills_ref" dataObjectRef="bills_obj"/>'
)
ITEMS = '<bpmn:inputDataItem id="order_item" name="order"/><bpmn:outputDataItem id="bill_item" name="bill"/>'


def through(source: str, target: str, items: str = ITEMS, **more: str) -> str:
    inside = f"<bpmn:loopDataInputRef>{source}</bpmn:loopDataInputRef>"
    inside += f"<bpmn:loopDataOutputRef>{target}</bpmn:loopDataOutputRef>"
    return many(inside + items, **more)


@pytest.mark.parametrize("sequential", ["true", "false"])
def test_a_data_object_is_gone_through_item_by_item_and_another_gathers(trial, sequential):
    task = scripted("a", "bill = order * 10", through("orders_ref", "bills_ref", isSequential=sequential))
    result = trial(bpmn(START + OBJECTS + task + way("s", "a")), {"orders": [1, 2, 3]})
    assert result.data == {"orders": [1, 2, 3], "bills": [10, 20, 30]}


def test_data_inputs_and_outputs_of_the_activity_are_the_collections(trial):
    body = (
        takes("every", gives="made") + read_from("orders_ref", "every_in") + write_to("bills_ref", "made_out")
    )
    task = scripted("a", "bill = order + 1", body + through("every_in", "made_out"))
    result = trial(bpmn(START + OBJECTS + task + way("s", "a")), {"orders": [1, 2]})
    assert result.data == {"orders": [1, 2], "bills": [2, 3]}


def test_associations_lead_from_the_item_to_an_input_and_from_an_output_to_the_item(trial):
    body = takes("every", "one", gives="made result")
    body += read_from("orders_ref", "every_in") + write_to("bills_ref", "made_out")
    body += read_from("order_item", "one_in", "<bpmn:transformation>order['price']</bpmn:transformation>")
    body += write_to("bill_item", "result_out")
    task = scripted("a", "result = one + 1", body + through("every_in", "made_out"))
    result = trial(bpmn(START + OBJECTS + task + way("s", "a")), {"orders": [{"price": 1}, {"price": 2}]})
    assert (result.state, result.data["bills"]) == ("completed", [2, 3])


def test_an_output_that_is_not_gathered_is_given_by_each_instance(trial):
    body = takes(gives="note") + write_to(
        "bills_ref", "note_out", "<bpmn:transformation>bills + [note]</bpmn:transformation>"
    )
    task = scripted("a", "note = who", body + many(**EACH, isSequential="true"))
    assert trial(bpmn(START + OBJECTS + task + way("s", "a")), {"people": ["x", "y"]}).data["bills"] == [
        "x",
        "y",
    ]


def test_the_collection_is_waited_for(engine, deploy):
    body = takes("every") + read_from("orders_ref", "every_in")
    task = user(
        "a",
        body
        + many(
            '<bpmn:loopDataInputRef>every_in</bpmn:loopDataInputRef><bpmn:inputDataItem id="i" name="order"/>'
        ),
    )
    objects = OBJECTS.replace(' isCollection="true"', "")
    deploy(bpmn(START + objects + task + user("make") + way("s", "a") + way("s", "make")))
    life = Life(engine)
    assert life.open() == ["make"]
    life.do("make", orders=[1, 2])
    assert life.open() == ["a", "a"]


def test_a_collection_whose_name_is_no_identifier_goes_by_its_id(trial):
    objects = '<bpmn:dataObject id="DataObject_0-x.1" name="All orders" isCollection="true"/>'
    task = scripted(
        "a",
        "n = order",
        many(
            '<bpmn:loopDataInputRef>DataObject_0-x.1</bpmn:loopDataInputRef><bpmn:inputDataItem name="order"/>'
        ),
    )
    result = trial(bpmn(START + objects + task + END + way("s", "a", "e")), {"DataObject_0-x.1": [1, 2]})
    assert (result.state, names(result)) == ("completed", ["s", "a", "a", "e"])


def test_a_called_process_gets_the_item_as_its_input(engine, deploy):
    called = bpmn(
        takes("order", gives="bill") + START + script("a", "bill = order * 2") + way("s", "a"), key="q"
    )
    body = (
        takes("every", "order", gives="made bill")
        + read_from("orders_ref", "every_in")
        + write_to("bills_ref", "made_out")
    )
    body += read_from("item", "order_in") + write_to("bill_item", "bill_out")
    items = '<bpmn:inputDataItem id="item" name="one"/><bpmn:outputDataItem id="bill_item" name="single"/>'
    call = node("callActivity", "call", body + through("every_in", "made_out", items), calledElement="q")
    deploy(bpmn(START + OBJECTS + call + END + way("s", "call", "e")), q__bpmn=called)
    life = Life(engine, orders=[1, 2])
    assert (life.status, life.variables()["bills"]) == ("completed", [2, 4])


# What it throws


def test_with_behavior_one_the_first_completion_is_told_and_its_boundary_event_catches(trial):
    file = bpmn(
        START
        + node("task", "a", many(THREE, behavior="One", oneBehaviorEventRef="tell"))
        + beside("a", ON_TOLD, cancelActivity="false")
        + node("task", "note")
        + END
        + way("s", "a", "e")
        + way("caught", "note"),
        definitions=SIGNAL,
    )
    assert names(trial(file)).count("note") == 1


def test_with_behavior_none_each_completion_is_told_and_the_activity_goes_on(trial):
    file = bpmn(
        START
        + node("task", "a", many(THREE, behavior="None", noneBehaviorEventRef="tell"))
        + beside("a", ON_TOLD, cancelActivity="false")
        + node("task", "note")
        + END
        + way("s", "a", "e")
        + way("caught", "note"),
        definitions=SIGNAL,
    )
    result = trial(file)
    assert (names(result).count("note"), names(result).count("e")) == (3, 1)


def test_what_is_told_carries_how_far_the_activity_is(trial):
    done = in_and_out(outputs={"done": "=message['nrOfCompletedInstances']"})
    file = bpmn(
        START
        + node("task", "a", many(THREE, behavior="None", noneBehaviorEventRef="tell"))
        + beside("a", done + ON_TOLD, cancelActivity="false")
        + way("s", "a"),
        definitions=SIGNAL,
    )
    assert trial(file).data == {"done": 3}


def test_with_behavior_all_nothing_is_told(trial):
    file = bpmn(
        START
        + node("task", "a", many(THREE, behavior="All"))
        + beside("a", ON_TOLD)
        + node("task", "note")
        + END
        + way("s", "a", "e")
        + way("caught", "note"),
        definitions=SIGNAL,
    )
    assert names(trial(file)) == ["s", "a", "a", "a", "e"]


def complex_behavior(condition: str, event: str) -> str:
    return (
        f"<bpmn:complexBehaviorDefinition><bpmn:condition>{condition}</bpmn:condition>"
        f'<bpmn:event id="thrown_{len(condition)}">{event}</bpmn:event></bpmn:complexBehaviorDefinition>'
    )


def test_with_behavior_complex_conditions_say_what_is_told(trial):
    second = complex_behavior("nrOfCompletedInstances == 2", ON_TOLD)
    third = complex_behavior(
        "nrOfCompletedInstances &gt;= 3", '<bpmn:escalationEventDefinition escalationRef="esc"/>'
    )
    file = bpmn(
        START
        + node("task", "a", many(THREE + second + third, behavior="Complex", isSequential="true"))
        + beside("a", ON_TOLD, "two", cancelActivity="false")
        + beside(
            "a", '<bpmn:escalationEventDefinition escalationRef="esc"/>', "three", cancelActivity="false"
        )
        + way("s", "a"),
        definitions=SIGNAL,
    )
    result = trial(file)
    assert (names(result).count("two"), names(result).count("three")) == (1, 1)


def test_an_interrupting_boundary_event_ends_the_activity_with_all_that_is_left(engine, deploy):
    deploy(
        bpmn(
            START
            + user("ask", many(behavior="One", oneBehaviorEventRef="tell", **GATHERED))
            + beside("ask", ON_TOLD)
            + node("task", "quick")
            + END
            + way("s", "ask", "e")
            + way("caught", "quick"),
            definitions=SIGNAL,
        )
    )
    life = Life(engine, people=["x", "y", "z"])
    life.do("ask", 1, answer=1)
    assert (life.status, life.completed(), life.left_over()) == (
        "completed",
        ["s", "ask", "caught", "quick"],
        0,
    )


def test_an_error_is_nothing_that_a_completion_throws_in_passing(trial):
    file = bpmn(
        START
        + node("task", "a", many(THREE, behavior="One", oneBehaviorEventRef="fail"))
        + beside("a", "<bpmn:errorEventDefinition/>")
        + node("task", "after")
        + way("s", "a")
        + way("caught", "after"),
        definitions=SIGNAL,
    )
    result = trial(file)
    assert (result.state, [p["element"] for p in result.problems]) == ("refused", ["a"])


def test_an_activity_that_throws_can_be_returned_to(trial):
    file = bpmn(
        START
        + node("exclusiveGateway", "merge")
        + node("task", "a", many(THREE, behavior="One", oneBehaviorEventRef="tell"))
        + beside("a", ON_TOLD)
        + script("count", "n = n + 1")
        + node("exclusiveGateway", "again", default="again_e")
        + END
        + way("s", "merge", "a", "again", "e")
        + way("caught", "count", "again")
        + flow("again", "merge", "n &lt; 4"),
        definitions=SIGNAL,
    )
    result = trial(file, {"n": 0})
    assert (result.state, result.data["n"], names(result).count("caught")) == ("completed", 4, 4)


def test_a_failing_condition_of_a_behavior_is_an_incident_that_can_be_tried_again(engine, deploy):
    behaviors = complex_behavior("missing", ON_TOLD)
    deploy(
        bpmn(
            START
            + user("ask", many(behaviors, behavior="Complex", **GATHERED))
            + user("other")
            + beside("ask", ON_TOLD, cancelActivity="false")
            + way("s", "ask")
            + way("s", "other"),
            definitions=SIGNAL,
        )
    )
    life = Life(engine, people=["x"])
    life.do("ask", answer=1)
    assert [i.element for i in life.incidents()] == ["ask"]
    life.do("other", missing=True)
    life.retry()
    assert (life.status, life.completed().count("caught"), life.variables()["answers"]) == (
        "completed",
        1,
        [1],
    )


@pytest.mark.parametrize("behavior", ["One", "None"])
def test_what_is_to_be_told_must_be_said(behavior):
    file = bpmn(START + node("task", "a", many(THREE, behavior=behavior)) + way("s", "a"))
    with pytest.raises(NotDeployable):
        read_bpmn(file, "p.bpmn")


# With events, and in each other


def test_a_boundary_timer_stands_at_all_of_them_together(engine, deploy, clock):
    deploy(
        bpmn(
            START
            + user("ask", many(**GATHERED))
            + beside("ask", timer("timeDuration", "P1D"), "late")
            + node("task", "after")
            + way("s", "ask")
            + way("late", "after")
        )
    )
    life = Life(engine, people=["x", "y"])
    life.do("ask", answer=1)
    clock.advance(days=2)
    assert engine.fire_due_timers() == 1
    assert (life.completed(), life.left_over()) == (["s", "ask", "late", "after"], 0)


def test_repeated_sub_processes_do_not_see_each_other_s_variables(engine, deploy):
    inside = node("startEvent", "is") + user("first") + user("second") + way("is", "first", "second")
    deploy(bpmn(START + node("subProcess", "sub", inside + many(**GATHERED)) + END + way("s", "sub", "e")))
    life = Life(engine, people=["x", "y"])
    life.do("first", 0, answer="x1")
    life.do("first", 0, answer="y1")
    life.do("second", 1)
    life.do("second", 0)
    assert (life.status, life.variables()["answers"]) == ("completed", ["x1", "y1"])
    assert "answer" not in life.variables()


def test_one_inside_the_other_gathers_lists_of_lists(trial):
    inner = scripted(
        "cell",
        "v = [row, col]",
        many(
            planflow_collection="=[1, 2]",
            planflow_elementVariable="col",
            planflow_outputCollection="line",
            planflow_outputElement="=v",
        ),
    )
    inside = node("startEvent", "is") + inner + way("is", "cell")
    outer = many(
        planflow_collection="=['a', 'b']",
        planflow_elementVariable="row",
        planflow_outputCollection="table",
        planflow_outputElement="=line",
    )
    result = trial(bpmn(START + node("subProcess", "sub", inside + outer) + way("s", "sub")))
    assert result.data == {"table": [[["a", 1], ["a", 2]], [["b", 1], ["b", 2]]]}


def test_what_cannot_be_told_yet_is_told_at_the_retry_and_the_activity_goes_on(engine, deploy):
    definitions = (
        '<bpmn:message id="m" name="m"/><bpmn:messageEventDefinition id="tell_m" messageRef="m"/>'
        '<bpmn:correlationProperty id="key" name="key"><bpmn:correlationPropertyRetrievalExpression messageRef="m">'
        "<bpmn:messagePath>missing</bpmn:messagePath>"
        "</bpmn:correlationPropertyRetrievalExpression></bpmn:correlationProperty>"
    )
    repeated = many(behavior="None", noneBehaviorEventRef="tell_m", isSequential="true", **GATHERED)
    deploy(
        bpmn(
            START + user("ask", repeated) + user("other") + END + way("s", "ask", "e") + way("s", "other"),
            definitions=definitions,
        )
    )
    life = Life(engine, people=["x", "y"])
    life.do("ask", answer=1)
    assert ([i.element for i in life.incidents()], life.open()) == (["ask"], ["other"])
    life.do("other", missing=7)
    life.retry()
    assert life.open() == ["ask"]
    life.do("ask", answer=2)
    assert (life.status, life.variables()["answers"], life.completed().count("ask")) == (
        "completed",
        [1, 2],
        2,
    )

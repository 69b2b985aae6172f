"""Data objects, stores, properties, inputs, outputs and associations, BPMN 2.0.2 §10.4 and §13.3.2."""

from __future__ import annotations

import pytest

from engine import CorrelateMessage, Invalid, NotDeployable
from engine.bpmn.reader import read_bpmn
from tests.engine.conftest import names
from tests.engine.execution.lives import ADMINISTRATOR, Life
from tests.engine.xml_text import assign, bpmn, flow, loop, node, read_from, script, takes, way, write_to

START, END = node("startEvent", "s"), node("endEvent", "e")
ORDER = (
    '<bpmn:dataObject id="obj" name="order"/><bpmn:dataObjectReference id="order_ref" dataObjectRef="obj"/>'
)
STORE = '<bpmn:dataStore id="store" name="stock"{more}/>'
STORE_REF = '<bpmn:dataStoreReference id="stock_ref" dataStoreRef="store"/>'


def user(element: str, inside: str = "") -> str:
    return node("userTask", element, inside, planflow_assignee="administrator")


def state_of(reference: str, state: str) -> str:
    inside = f'<bpmn:dataState name="{state}"/>'
    return (
        f'<bpmn:dataObjectReference id="{reference}" dataObjectRef="obj">{inside}</bpmn:dataObjectReference>'
    )


# Data objects


def test_a_data_object_begins_with_its_scope_and_is_empty(trial):
    file = bpmn(START + ORDER + script("look", "seen = [order]") + way("s", "look"))
    assert trial(file).data["seen"] == [None]


def test_a_data_object_is_called_as_its_reference_where_it_has_no_name_itself(trial):
    objects = (
        '<bpmn:dataObject id="obj"/><bpmn:dataObjectReference id="ref" name="order" dataObjectRef="obj"/>'
    )
    file = bpmn(START + objects + script("look", "order = 1") + way("s", "look"))
    assert trial(file).data == {"order": 1}


def test_a_data_object_of_a_sub_process_goes_with_it(trial):
    inside = ORDER + node("startEvent", "is") + script("look", "order = 1") + way("is", "look")
    file = bpmn(START + node("subProcess", "sub", inside) + way("s", "sub"))
    assert trial(file).data == {}


def test_each_activation_of_a_sub_process_has_data_objects_of_its_own(trial):
    inside = (
        ORDER
        + node("startEvent", "is")
        + script("look", "seen = var('seen', []) + [order]\norder = 1")
        + way("is", "look")
    )
    file = bpmn(
        START + node("subProcess", "sub", inside + loop(loopMaximum="2")) + way("s", "sub"),
        planflow_title="t",
    )
    assert trial(file, {"seen": []}).data == {"seen": [None, None]}


def test_a_state_is_set_by_writing_to_a_reference_that_names_it(trial):
    make = node(
        "scriptTask",
        "make",
        takes(gives="x") + write_to("made", "x_out") + "<bpmn:script>x = 1</bpmn:script>",
    )
    file = bpmn(START + ORDER + state_of("made", "made") + make + way("s", "make"))
    assert trial(file).data == {"order": 1, "order_state": "made"}


def test_an_input_from_a_data_object_in_a_state_waits_until_it_is_in_that_state(engine, deploy):
    use = user("use", takes("x") + read_from("made", "x_in"))
    make = user("make", takes(gives="y") + write_to("made", "y_out"))
    deploy(
        bpmn(
            START
            + ORDER
            + state_of("made", "made")
            + use
            + make
            + user("other")
            + way("s", "use")
            + way("s", "make")
            + way("s", "other")
        )
    )
    life = Life(engine)
    assert life.open() == ["make", "other"]
    life.do("other", order=1)  # there, but not made yet
    assert life.open() == ["make"]
    life.do("make", y=2)
    assert life.open() == ["use"]


def test_the_state_of_a_sub_process_s_data_object_stays_in_the_sub_process(trial):
    make = node(
        "scriptTask",
        "make",
        takes(gives="x") + write_to("made", "x_out") + "<bpmn:script>x = 1</bpmn:script>",
    )
    inside = (
        ORDER
        + state_of("made", "made")
        + node("startEvent", "is")
        + make
        + script("look", "seen = order_state")
        + way("is", "make", "look")
    )
    file = bpmn(START + node("subProcess", "sub", inside) + way("s", "sub"))
    assert trial(file, {"seen": None}).data == {"seen": "made"}


# Associations


def test_inputs_are_copied_in_and_outputs_out_and_neither_is_seen_outside(trial):
    body = takes("a", gives="b") + read_from("order_ref", "a_in") + write_to("order_ref", "b_out")
    task = node("scriptTask", "work", body + "<bpmn:script>b = a + 1\nfree = a</bpmn:script>")
    result = trial(bpmn(START + ORDER + task + way("s", "work")), {"order": 1})
    assert result.data == {"order": 2, "free": 1}


def test_an_input_that_comes_from_nowhere_is_the_variable_of_its_name(trial):
    task = node("scriptTask", "work", takes("a") + "<bpmn:script>b = a</bpmn:script>")
    assert trial(bpmn(START + task + way("s", "work")), {"a": 1}).data == {"a": 1, "b": 1}


def test_a_transformation_is_over_all_sources(trial):
    prop = '<bpmn:property id="rate_p" name="rate"/>'
    inside = "<bpmn:transformation>order * rate</bpmn:transformation>"
    task = node(
        "scriptTask",
        "work",
        takes("a") + read_from("order_ref rate_p", "a_in", inside) + "<bpmn:script>b = a</bpmn:script>",
    )
    assert trial(bpmn(START + prop + ORDER + task + way("s", "work")), {"order": 2, "rate": 3}).data["b"] == 6


def test_assignments_set_parts_of_the_target_and_leave_the_rest(trial):
    parts = assign("x", "order.total") + assign("'EUR'", 'order["price"]["unit"]')
    task = node(
        "scriptTask",
        "work",
        takes(gives="x") + write_to("order_ref", "x_out", parts) + "<bpmn:script>x = 5</bpmn:script>",
    )
    result = trial(bpmn(START + ORDER + task + way("s", "work")), {"order": {"id": 1, "price": {"per": 1}}})
    assert result.data["order"] == {"id": 1, "price": {"per": 1, "unit": "EUR"}, "total": 5}


def test_an_assignment_may_name_its_target_by_id_or_only_the_part_of_it(trial):
    parts = assign("x", "order_ref.total") + assign("x + 1", "more")
    task = node(
        "scriptTask",
        "work",
        takes(gives="x") + write_to("order_ref", "x_out", parts) + "<bpmn:script>x = 5</bpmn:script>",
    )
    assert trial(bpmn(START + ORDER + task + way("s", "work")), {"order": {}}).data["order"] == {
        "total": 5,
        "more": 6,
    }


def test_two_associations_to_one_target_both_count(trial):
    body = (
        takes(gives="x y")
        + write_to("order_ref", "x_out", assign("x", "order.x"))
        + write_to("order_ref", "y_out", assign("y", "order.y"))
    )
    task = node("scriptTask", "work", body + "<bpmn:script>x = 1\ny = 2</bpmn:script>")
    assert trial(bpmn(START + ORDER + task + way("s", "work"))).data["order"] == {"x": 1, "y": 2}


def test_what_an_editor_draws_without_an_io_specification_waits_for_nothing(trial):
    drawn = (
        '<bpmn:property id="prop" name="__targetRef_placeholder"/>'
        + read_from("order_ref", "prop")
        + write_to("order_ref")
    )
    result = trial(bpmn(START + ORDER + node("task", "work", drawn) + way("s", "work")))
    assert (result.state, result.data) == ("completed", {"order": None})


def test_a_failing_output_is_an_incident_and_after_the_retry_nothing_is_done_twice(engine, deploy):
    body = takes(gives="x") + write_to(
        "order_ref", "x_out", "<bpmn:transformation>order + [x]</bpmn:transformation>"
    )
    body += write_to("order_ref", "x_out", "<bpmn:transformation>order + [rate]</bpmn:transformation>")
    deploy(
        bpmn(
            START
            + ORDER
            + user("work", body)
            + user("other")
            + END
            + way("s", "work", "e")
            + way("s", "other")
        )
    )
    life = Life(engine, order=[])
    life.do("work", x=1)
    assert [i.element for i in life.incidents()] == ["work"]
    assert life.variables()["order"] == []
    life.do("other", rate=2)
    life.retry()
    assert (life.status, life.variables()["order"]) == ("completed", [1, 2])


def test_what_was_handed_over_is_not_handed_over_again_when_the_way_out_fails(engine, deploy):
    body = takes(gives="x") + write_to(
        "order_ref", "x_out", "<bpmn:transformation>order + [x]</bpmn:transformation>"
    )
    choice = flow("work", "e", "go")
    deploy(
        bpmn(
            START
            + ORDER
            + user("work", body)
            + user("other")
            + END
            + way("s", "work")
            + choice
            + way("s", "other")
            + flow("work", "never", "False")
            + node("endEvent", "never")
        )
    )
    life = Life(engine, order=[])
    life.do("work", x=1)
    life.do("other", go=True)
    life.retry()
    assert (life.status, life.variables()["order"], life.completed().count("work")) == ("completed", [1], 1)


def test_a_failing_input_is_an_incident_and_the_work_item_opens_at_the_retry(engine, deploy):
    body = takes("a") + read_from(
        "order_ref", "a_in", "<bpmn:transformation>order[key]</bpmn:transformation>"
    )
    deploy(bpmn(START + ORDER + user("work", body) + user("other") + way("s", "work") + way("s", "other")))
    life = Life(engine, order={"k": 1})
    assert life.open() == ["other"]
    life.do("other", key="k")
    life.retry()
    assert (life.open(), life.incidents()) == (["work"], [])


# Input and output sets


def test_an_activity_waits_until_its_inputs_are_there(engine, deploy):
    deploy(
        bpmn(
            START
            + ORDER
            + user("use", takes("x") + read_from("order_ref", "x_in"))
            + user("make")
            + END
            + way("s", "use", "e")
            + way("s", "make")
        )
    )
    life = Life(engine)
    assert life.open() == ["make"]
    life.do("make", order=1)
    assert life.open() == ["use"]
    life.do("use")
    assert (life.status, life.left_over()) == ("completed", 0)


def test_an_optional_input_is_not_waited_for(trial):
    body = takes("x", optional="x") + read_from("order_ref", "x_in")
    task = node("scriptTask", "work", body + "<bpmn:script>y = [x]</bpmn:script>")
    assert trial(bpmn(START + ORDER + task + way("s", "work"))).data["y"] == [None]


def test_one_complete_input_set_is_enough_and_only_it_is_read(trial):
    io = (
        '<bpmn:ioSpecification><bpmn:dataInput id="a_in" name="a"/><bpmn:dataInput id="b_in" name="b"/>'
        "<bpmn:inputSet><bpmn:dataInputRefs>a_in</bpmn:dataInputRefs></bpmn:inputSet>"
        "<bpmn:inputSet><bpmn:dataInputRefs>b_in</bpmn:dataInputRefs></bpmn:inputSet>"
        "<bpmn:outputSet/></bpmn:ioSpecification>"
    )
    other = '<bpmn:dataObject id="obj2" name="other"/><bpmn:dataObjectReference id="other_ref" dataObjectRef="obj2"/>'
    body = io + read_from("order_ref", "a_in", "<bpmn:transformation>order['total']</bpmn:transformation>")
    body += read_from("other_ref", "b_in", "<bpmn:transformation>other + 1</bpmn:transformation>")
    task = node("scriptTask", "work", body + "<bpmn:script>y = [a, b]</bpmn:script>")
    result = trial(bpmn(START + ORDER + other + task + way("s", "work")), {"other": 1})
    assert (result.state, result.data["y"]) == ("completed", [None, 2])


def test_an_activity_that_does_not_give_what_it_must_is_an_incident(trial):
    task = node(
        "scriptTask",
        "work",
        takes(gives="x") + write_to("order_ref", "x_out") + "<bpmn:script>y = 1</bpmn:script>",
    )
    result = trial(bpmn(START + ORDER + task + way("s", "work")))
    assert [(p["element"], "x" in p["reason"]) for p in result.problems] == [("work", True)]


def test_a_person_who_leaves_out_what_a_task_must_give_is_told_so(engine, deploy):
    work = user("work", takes(gives="x") + write_to("order_ref", "x_out"))
    deploy(bpmn(START + ORDER + work + END + way("s", "work", "e")))
    life = Life(engine)
    with pytest.raises(Invalid) as refused:
        life.do("work", y=1)
    assert [p.field for p in refused.value.fields] == ["x"]
    life.do("work", x=2)
    assert (life.status, life.variables()) == ("completed", {"order": 2})


def test_what_starts_an_event_sub_process_fills_the_outputs_of_its_start_event(engine, deploy):
    message = '<bpmn:message id="paid" name="paid"/>'
    carried = '<bpmn:dataOutput id="amount_out" name="amount"/>' + write_to("order_ref", "amount_out")
    carried += "<bpmn:outputSet><bpmn:dataOutputRefs>amount_out</bpmn:dataOutputRefs></bpmn:outputSet>"
    start = node("startEvent", "hs", carried + '<bpmn:messageEventDefinition messageRef="paid"/>')
    handler = node(
        "subProcess", "handler", start + node("endEvent", "he") + way("hs", "he"), triggeredByEvent="true"
    )
    deploy(bpmn(START + ORDER + user("wait") + way("s", "wait") + handler, definitions=message))
    life = Life(engine)
    engine.execute(CorrelateMessage("paid", {}, {"total": 9}), ADMINISTRATOR)
    assert (life.variables()["order"], life.incidents(), life.left_over()) == (9, [], 0)


def test_an_optional_output_without_a_value_leaves_its_target_alone(trial):
    task = node(
        "scriptTask",
        "work",
        takes(gives="x", optional="x") + write_to("order_ref", "x_out") + "<bpmn:script>y = 1</bpmn:script>",
    )
    assert trial(bpmn(START + ORDER + task + way("s", "work")), {"order": 7}).data == {"order": 7, "y": 1}


def test_a_process_is_not_begun_without_the_inputs_of_one_of_its_sets(engine, deploy):
    deploy(bpmn(takes("amount") + START + script("look", "seen = amount") + END + way("s", "look", "e")))
    with pytest.raises(Invalid) as refused:
        Life(engine)
    assert [p.field for p in refused.value.fields] == ["amount"]
    assert Life(engine, amount=3).variables() == {"amount": 3, "seen": 3}


def test_inputs_and_outputs_of_a_process_are_variables_of_it(trial):
    file = bpmn(takes("a", gives="b", optional="a b") + START + script("look", "b = [a]") + way("s", "look"))
    assert trial(file).data == {"a": None, "b": [None]}


# Properties


def test_a_property_of_a_task_is_its_own(trial):
    prop = '<bpmn:property id="prop" name="note"/>'
    task = node("scriptTask", "work", prop + "<bpmn:script>seen = [note]\nnote = 1</bpmn:script>")
    assert trial(bpmn(START + task + way("s", "work")), {"note": 0}).data == {"note": 0, "seen": [None]}


def test_a_property_of_a_repeated_sub_process_keeps_what_was_put_into_it(trial):
    prop = '<bpmn:property id="prop" name="note"/>' + read_from("order_ref", "prop")
    inside = (
        prop
        + node("startEvent", "is")
        + script("look", "seen = seen + [note]")
        + way("is", "look")
        + loop(loopMaximum="2")
    )
    file = bpmn(START + ORDER + node("subProcess", "sub", inside) + way("s", "sub"))
    assert trial(file, {"order": 5, "seen": []}).data["seen"] == [5, 5]


# Data stores


def fill(value: str = "[1]") -> str:
    return node(
        "scriptTask",
        "fill",
        takes(gives="x") + write_to("stock_ref", "x_out") + f"<bpmn:script>x = {value}</bpmn:script>",
    )


def look(*, more: str = "") -> str:
    return node(
        "scriptTask",
        "look",
        takes("y") + read_from("stock_ref", "y_in") + f"<bpmn:script>seen = y{more}</bpmn:script>",
    )


def test_what_one_instance_puts_into_a_store_another_finds(engine, deploy):
    deploy(bpmn(START + STORE_REF + fill() + way("s", "fill"), definitions=STORE.format(more="")))
    deploy(bpmn(START + STORE_REF + look() + way("s", "look"), key="q", definitions=STORE.format(more="")))
    Life(engine)
    assert Life(engine, "q").variables()["seen"] == [1]


def test_an_empty_store_is_read_as_empty_and_waited_for_by_nobody(engine, deploy):
    deploy(bpmn(START + STORE_REF + look() + END + way("s", "look", "e"), definitions=STORE.format(more="")))
    life = Life(engine)
    assert (life.status, life.variables()["seen"]) == ("completed", None)


def test_assignments_add_to_what_a_store_holds(engine, deploy):
    task = node(
        "scriptTask",
        "fill",
        takes(gives="x")
        + write_to("stock_ref", "x_out", assign("x", "apples"))
        + "<bpmn:script>x = 3</bpmn:script>",
    )
    pears = node(
        "scriptTask",
        "fill2",
        takes(gives="z")
        + write_to("stock_ref", "z_out", assign("z", "stock.pears"))
        + "<bpmn:script>z = 4</bpmn:script>",
    )
    deploy(
        bpmn(
            START + STORE_REF + task + pears + look() + way("s", "fill", "fill2", "look"),
            definitions=STORE.format(more=""),
        )
    )
    assert Life(engine, stock="a variable of that name").variables()["seen"] == {"apples": 3, "pears": 4}


def test_a_store_takes_no_more_than_its_capacity(engine, deploy):
    deploy(
        bpmn(
            START + STORE_REF + fill("[1, 2, 3]") + way("s", "fill"),
            definitions=STORE.format(more=' capacity="2"'),
        )
    )
    life = Life(engine)
    assert [i.element for i in life.incidents()] == ["fill"]


def test_an_unlimited_store_has_no_capacity_whatever_it_says(engine, deploy):
    more = ' capacity="2" isUnlimited="true"'
    deploy(
        bpmn(START + STORE_REF + fill("[1, 2, 3]") + way("s", "fill"), definitions=STORE.format(more=more))
    )
    assert Life(engine).status == "completed"


@pytest.mark.parametrize("more", [' isUnlimited="false"', ' capacity="many"', ' capacity="0"'])
def test_a_limited_store_must_say_its_capacity(more):
    file = bpmn(START + STORE_REF + fill() + way("s", "fill"), definitions=STORE.format(more=more))
    with pytest.raises(NotDeployable):
        read_bpmn(file, "p.bpmn")


def test_what_a_failing_step_put_into_a_store_is_not_kept(engine, deploy):
    body = (
        takes(gives="x")
        + write_to("stock_ref", "x_out")
        + write_to("order_ref", "x_out", "<bpmn:transformation>x[nothing]</bpmn:transformation>")
    )
    task = node("scriptTask", "fill", body + "<bpmn:script>x = 3</bpmn:script>")
    deploy(bpmn(START + STORE_REF + ORDER + task + way("s", "fill"), definitions=STORE.format(more="")))
    deploy(bpmn(START + STORE_REF + look() + way("s", "look"), key="q", definitions=STORE.format(more="")))
    assert len(Life(engine).incidents()) == 1
    assert Life(engine, "q").variables()["seen"] is None


# Variables


def test_two_branches_do_not_lose_what_the_other_has_written(engine, deploy):
    deploy(
        bpmn(
            START
            + node("parallelGateway", "fork")
            + user("a")
            + user("b")
            + node("parallelGateway", "join")
            + END
            + way("s", "fork", "a", "join", "e")
            + way("fork", "b", "join")
        )
    )
    life = Life(engine)
    life.do("b", y=2, both="b")
    life.do("a", x=1, both="a")
    assert {name: life.variables()[name] for name in ("x", "y", "both")} == {"x": 1, "y": 2, "both": "a"}


def test_the_names_of_everything_that_happened_are_told_in_order(trial):
    file = bpmn(
        START + ORDER + node("task", "work", takes("x") + read_from("order_ref", "x_in")) + way("s", "work")
    )
    assert names(trial(file, {"order": 1})) == ["s", "work"]

"""Activities and scopes, BPMN 2.0.2 §10.3 and §13.3."""

from __future__ import annotations

from tests.engine.conftest import names
from tests.engine.xml_text import bpmn, flow, node, script, timer, way

START, END = node("startEvent", "s"), node("endEvent", "e")
EACH = (
    '<bpmn:multiInstanceLoopCharacteristics {how} planflow:collection="=people" planflow:elementVariable="who"'
    ' planflow:outputCollection="answers" planflow:outputElement="=[who, answer]">{more}'
    "</bpmn:multiInstanceLoopCharacteristics>"
)
BOOM = '<bpmn:error id="boom" name="Boom" errorCode="BOOM"/><bpmn:error id="other" errorCode="OTHER"/>'


def each(how: str = "", more: str = "") -> str:
    return EACH.format(how=how, more=more)


def test_parallel_instances_keep_what_they_write_to_themselves(trial):
    file = bpmn(START + node("userTask", "ask", each()) + END + way("s", "ask", "e"))
    result = trial(file, {"people": ["x", "y"], "answer": 0}, {"ask": [{"answer": 1}, {"answer": 2}]})
    assert result.data["answers"] == [["x", 1], ["y", 2]]
    assert result.data["answer"] == 0
    assert names(result, "entered") == ["s", "ask", "ask", "e"]


def test_sequential_instances_come_one_after_the_other(trial):
    file = bpmn(START + node("userTask", "ask", each('isSequential="true"')) + END + way("s", "ask", "e"))
    result = trial(file, {"people": ["x", "y"]}, {"ask": [{"answer": 1}, {"answer": 2}]})
    steps = [(t["element"], t["event"]) for t in result.trace if t["element"] == "ask"]
    assert steps == [("ask", "entered"), ("ask", "completed")] * 2


def test_a_completion_condition_cancels_the_remaining_instances(trial):
    condition = (
        "<bpmn:completionCondition>nrOfCompletedInstances * 2 &gt; nrOfInstances</bpmn:completionCondition>"
    )
    file = bpmn(START + node("userTask", "ask", each("", condition)) + END + way("s", "ask", "e"))
    result = trial(file, {"people": ["x", "y", "z"]}, {"ask": {"answer": 1}})
    assert names(result, "cancelled") == ["ask"]
    assert result.data["answers"] == [["x", 1], ["y", 1]]


def test_an_empty_collection_is_passed(trial):
    file = bpmn(START + node("userTask", "ask", each()) + END + way("s", "ask", "e"))
    result = trial(file, {"people": []})
    assert (result.state, result.data["answers"]) == ("completed", [])


def test_a_multi_instance_activity_can_be_returned_to(trial):
    file = bpmn(
        START
        + node("exclusiveGateway", "merge")
        + node("userTask", "ask", each())
        + node("exclusiveGateway", "again", default="again_e")
        + END
        + way("s", "merge", "ask", "again", "e")
        + flow("again", "merge", "answers[0][1] &lt; 3")
    )
    result = trial(file, {"people": ["x"]}, {"ask": [{"answer": 1}, {"answer": 2}, {"answer": 3}]})
    assert (result.state, names(result).count("ask")) == ("completed", 3)


def test_what_is_not_a_list_cannot_be_a_collection(trial):
    file = bpmn(START + node("userTask", "ask", each()) + END + way("s", "ask", "e"))
    result = trial(file, {"people": "everybody"})
    assert result.problems[0]["element"] == "ask"


def test_a_sub_process_ends_when_no_token_is_left_in_it(trial):
    inside = (
        node("startEvent", "is")
        + node("userTask", "a")
        + node("userTask", "b")
        + way("is", "a")
        + way("is", "b")
    )
    file = bpmn(START + node("subProcess", "sub", inside) + END + way("s", "sub", "e"))
    assert names(trial(file)) == ["s", "is", "a", "b", "sub", "e"]


def test_an_error_is_caught_by_the_boundary_event_of_its_code(trial):
    inside = (
        node("startEvent", "is")
        + node("endEvent", "ie", '<bpmn:errorEventDefinition errorRef="boom"/>')
        + node("userTask", "beside")
        + way("is", "ie")
        + way("is", "beside")
    )
    file = bpmn(
        START
        + node("subProcess", "sub", inside)
        + node("boundaryEvent", "any", "<bpmn:errorEventDefinition/>", attachedToRef="sub")
        + node("boundaryEvent", "caught", '<bpmn:errorEventDefinition errorRef="boom"/>', attachedToRef="sub")
        + END
        + node("endEvent", "rescued")
        + node("endEvent", "wrong")
        + way("s", "sub", "e")
        + way("caught", "rescued")
        + way("any", "wrong"),
        definitions=BOOM,
    )
    result = trial(file)
    assert names(result) == ["s", "is", "ie", "caught", "rescued"]
    assert names(result, "cancelled") == ["beside", "sub"]
    assert result.data["error_code"] == "BOOM"


def test_an_error_that_nobody_catches_fails_the_instance(trial):
    file = bpmn(
        START + node("endEvent", "e", '<bpmn:errorEventDefinition errorRef="boom"/>') + way("s", "e"),
        definitions=BOOM,
    )
    result = trial(file)
    assert (result.state, result.problems[0]["code"]) == ("failed", "BOOM")


def test_a_script_throws_an_error_that_its_boundary_event_catches(trial):
    file = bpmn(
        START
        + script("calculate", 'bpmn_error("BOOM", "no figures")')
        + node(
            "boundaryEvent",
            "caught",
            '<bpmn:errorEventDefinition errorRef="boom"/>',
            attachedToRef="calculate",
        )
        + END
        + node("endEvent", "rescued")
        + way("s", "calculate", "e")
        + way("caught", "rescued"),
        definitions=BOOM,
    )
    assert names(trial(file)) == ["s", "caught", "rescued"]


def test_an_interrupting_timer_ends_its_activity_and_another_runs_beside(trial):
    def with_timer(interrupting: str) -> bytes:
        return bpmn(
            START
            + node("subProcess", "sub", node("startEvent", "is") + node("intermediateCatchEvent", "pause",
                   timer("timeDuration", "P3D")) + way("is", "pause"))
            + node("boundaryEvent", "late", timer("timeDuration", "P1D"), attachedToRef="sub",
                   cancelActivity=interrupting)
            + node("task", "tell")
            + END
            + way("s", "sub", "e")
            + way("late", "tell")
        )  # fmt: skip

    assert names(trial(with_timer("true"))) == ["s", "is", "late", "tell"]
    assert names(trial(with_timer("false"))) == ["s", "is", "late", "tell", "pause", "sub", "e"]


def test_a_cycle_fires_as_often_as_it_says(trial):
    file = bpmn(
        START
        + node("subProcess", "sub", node("startEvent", "is") + node("intermediateCatchEvent", "pause",
               timer("timeDuration", "P9D")) + way("is", "pause"))
        + node("boundaryEvent", "late", timer("timeCycle", "R3/P1D"), attachedToRef="sub", cancelActivity="false")
        + node("task", "tell")
        + END
        + way("s", "sub", "e")
        + way("late", "tell")
    )  # fmt: skip
    assert names(trial(file)).count("tell") == 3


def test_an_event_sub_process_interrupts_its_scope(trial):
    handler = (
        node("startEvent", "hs", timer("timeDuration", "PT1H"), isInterrupting="true")
        + node("task", "handle")
        + way("hs", "handle")
    )
    file = bpmn(
        START
        + node("intermediateCatchEvent", "pause", timer("timeDuration", "P3D"))
        + END
        + way("s", "pause", "e")
        + node("subProcess", "handler", handler, triggeredByEvent="true")
    )
    result = trial(file)
    assert names(result) == ["s", "hs", "handle", "handler"]
    assert (names(result, "cancelled"), result.state) == (["pause"], "completed")


def test_terminate_ends_everything_in_its_scope_and_nothing_around_it(trial):
    inside = (
        node("startEvent", "is")
        + node("endEvent", "stop", "<bpmn:terminateEventDefinition/>")
        + node("intermediateCatchEvent", "pause", timer("timeDuration", "P3D"))
        + way("is", "pause")
        + way("is", "stop")
    )
    file = bpmn(START + node("subProcess", "sub", inside) + END + way("s", "sub", "e"))
    result = trial(file)
    assert names(result) == ["s", "is", "stop", "sub", "e"]
    assert names(result, "cancelled") == ["pause"]


def test_a_called_process_sees_only_what_is_handed_in(trial):
    called = (
        '<bpmn:process id="called" isExecutable="true">'
        + node("startEvent", "cs")
        + script("double", 'result = amount * 2\nseen = var("secret", "nothing")')
        + way("cs", "double")
        + "</bpmn:process>"
    )
    mapping = (
        "<bpmn:extensionElements>"
        '<planflow:inputs><planflow:input name="amount" value="=price"/></planflow:inputs>'
        '<planflow:outputs><planflow:output name="total" value="=result"/>'
        '<planflow:output name="seen" value="=seen"/></planflow:outputs></bpmn:extensionElements>'
    )
    file = bpmn(
        START + node("callActivity", "call", mapping, calledElement="called") + END + way("s", "call", "e")
    )
    file = file.replace(b"</bpmn:definitions>", called.encode() + b"</bpmn:definitions>")
    result = trial(file, {"price": 21, "secret": "x"})
    assert result.data == {"price": 21, "secret": "x", "total": 42, "seen": "nothing"}
    assert names(result) == ["s", "cs", "double", "call", "e"]


def test_a_script_that_fails_names_its_element_and_the_other_branch_goes_on(trial):
    file = bpmn(
        START + script("bad", "x = 1 // 0") + node("task", "good") + way("s", "bad") + way("s", "good")
    )
    result = trial(file)
    assert (result.state, [p["element"] for p in result.problems]) == ("failed", ["bad"])
    assert "good" in names(result)


def test_going_round_without_waiting_is_stopped(trial):
    file = bpmn(START + node("exclusiveGateway", "a") + node("task", "b") + way("s", "a", "b", "a"))
    result = trial(file)
    assert "without waiting" in result.problems[0]["reason"]


def test_a_long_chain_of_steps_needs_no_depth(trial):
    steps = [f"t{n}" for n in range(1500)]
    file = bpmn(START + "".join(node("task", t) for t in steps) + END + way("s", *steps, "e"))
    assert trial(file).state == "completed"


def test_a_loop_of_a_thousand_rounds_leaves_nothing_behind(trial):
    file = bpmn(
        START
        + node("exclusiveGateway", "merge")
        + script("count", 'n = var("n", 0) + 1')
        + node("exclusiveGateway", "enough", default="enough_e")
        + END
        + way("s", "merge", "count", "enough", "e")
        + flow("enough", "merge", "n &lt; 1000")
    )
    result = trial(file)
    assert (result.state, result.data["n"]) == ("completed", 1000)

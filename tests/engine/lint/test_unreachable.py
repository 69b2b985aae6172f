"""Elements that no token can reach."""

from tests.engine.lint.conftest import Lint
from tests.engine.xml_text import bpmn, node, timer, way

START, END = node("startEvent", "s"), node("endEvent", "e")
RULE = "bpmn.unreachable"


def test_what_nothing_leads_to_is_an_error(lint: Lint) -> None:
    model = bpmn(START + END + node("task", "x") + node("task", "y") + way("s", "e") + way("x", "y", "e"))
    assert lint(RULE, model) == [("x", "error"), ("y", "error")]


def test_inside_a_sub_process_too(lint: Lint) -> None:
    inside = node("startEvent", "is") + node("task", "it")
    assert lint(RULE, bpmn(START + node("subProcess", "sub", inside) + way("s", "sub"))) == [("it", "error")]


def test_what_events_and_compensation_lead_to_is_reached(lint: Lint) -> None:
    late = node("startEvent", "hs", timer("timeDuration", "P1D")) + node("task", "h") + way("hs", "h")
    guard = node("boundaryEvent", "b", timer("timeDuration", "P1D"), attachedToRef="t") + node("task", "bt")
    undo = node("boundaryEvent", "c", "<bpmn:compensateEventDefinition/>", attachedToRef="t")
    undo += node("task", "u", isForCompensation="true")
    undo += '<bpmn:association id="a" sourceRef="c" targetRef="u"/>'
    listening = node("subProcess", "on", late, triggeredByEvent="true")
    assert (
        lint(
            RULE, bpmn(START + node("task", "t") + way("s", "t") + guard + way("b", "bt") + undo + listening)
        )
        == []
    )


def test_what_a_link_leads_to_is_reached(lint: Lint) -> None:
    link = '<bpmn:linkEventDefinition name="on"/>'
    throws, catches = node("intermediateThrowEvent", "t", link), node("intermediateCatchEvent", "c", link)
    assert lint(RULE, bpmn(START + throws + catches + END + way("s", "t") + way("c", "e"))) == []


def test_an_ad_hoc_sub_process_begins_where_its_expression_says(lint: Lint) -> None:
    inside = node("task", "a") + node("task", "b") + way("a", "b") + way("b", "a") + node("task", "c")
    for options, found in (({"planflow_activities": '=["a"]'.replace('"', "&quot;")}, []), ({}, ["a", "b"])):
        ad_hoc = node("adHocSubProcess", "x", inside, **options)
        assert [e for e, _severity in lint(RULE, bpmn(START + ad_hoc + way("s", "x")))] == found


def test_a_process_that_starts_by_several_events_is_reached_from_each(lint: Lint) -> None:
    called = '<bpmn:message id="m" name="m"/>'
    other = node("startEvent", "o", '<bpmn:messageEventDefinition messageRef="m"/>') + node("task", "t")
    assert lint(RULE, bpmn(START + other + END + way("s", "e") + way("o", "t"), definitions=called)) == []

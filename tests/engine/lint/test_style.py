"""Warnings about what people will see, and what they will have to change."""

import pytest

from tests.engine.lint.conftest import Lint
from tests.engine.xml_text import bpmn, flow, node, timer, way

START, END = node("startEvent", "s"), node("endEvent", "e")


def unnamed(kind: str, element: str, **attributes: str) -> str:
    return node(kind, element, **attributes).replace(f' name="{element}"', "")


def test_activities_events_and_questions_want_a_name(lint: Lint) -> None:
    body = (
        unnamed("startEvent", "s")
        + unnamed("task", "t")
        + unnamed("exclusiveGateway", "g", default="g_e")
        + END
    )
    body += way("s", "t", "g", "e") + flow("g", "t", "again")
    assert [e for e, _severity in lint("bpmn.no-name", bpmn(body))] == ["s", "t", "g"]


def test_joins_and_forks_need_none(lint: Lint) -> None:
    body = START + unnamed("parallelGateway", "f") + node("task", "a") + node("task", "b")
    body += unnamed("exclusiveGateway", "m") + END
    assert lint("bpmn.no-name", bpmn(body + way("s", "f", "a", "m", "e") + way("f", "b", "m"))) == []


def drawn(*ids: str) -> bytes:
    shapes = "".join(f'<d:BPMNShape bpmnElement="{each}"/>' for each in ids)
    model = bpmn(START + END + way("s", "e")).replace(
        b"</bpmn:definitions>", f"<d:BPMNDiagram>{shapes}</d:BPMNDiagram></bpmn:definitions>".encode()
    )
    return model.replace(
        b"<bpmn:definitions", b'<bpmn:definitions xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI"'
    )


def test_a_file_without_a_diagram_is_told_of_once(lint: Lint) -> None:
    assert lint("bpmn.no-diagram", bpmn(START + END + way("s", "e"))) == [(None, "warning")]


def test_what_a_diagram_leaves_out_is_told_of_by_element(lint: Lint) -> None:
    assert lint("bpmn.no-diagram", drawn("s", "e", "s_e")) == []
    assert lint("bpmn.no-diagram", drawn("s")) == [("e", "warning"), ("s_e", "warning")]


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("timeDuration", "P14D", True),
        ("timeDuration", "P13D", False),
        ("timeDuration", "P1M", True),
        ("timeDuration", "PT400H", True),
        ("timeDuration", "=wait", False),
        ("timeDate", "2027-03-01", True),
        ("timeDate", "=day", False),
        ("timeCycle", "R/P1M", False),
    ],
)
def test_long_deadlines_and_dates_are_better_not_written_out(
    lint: Lint, kind: str, text: str, found: bool
) -> None:
    event = node("intermediateCatchEvent", "x", timer(kind, text))
    expected = [("x", "warning")] if found else []
    assert lint("bpmn.literal-timer", bpmn(START + event + END + way("s", "x", "e"))) == expected


def test_a_task_names_somebody(lint: Lint) -> None:
    body = START + node("userTask", "x") + way("s", "x")
    assert lint("bpmn.no-candidates", bpmn(body)) == [("x", "warning")]
    lane = '<bpmn:laneSet id="l"><bpmn:lane id="b" name="team"><bpmn:flowNodeRef>x</bpmn:flowNodeRef></bpmn:lane>'
    assert lint("bpmn.no-candidates", bpmn(f"{lane}</bpmn:laneSet>{body}")) == []
    for option in ("assignee", "candidateUsers", "candidateGroups"):
        task = node("userTask", "x", **{f"planflow_{option}": "somebody"})
        assert lint("bpmn.no-candidates", bpmn(START + task + way("s", "x"))) == []


def test_a_gateway_with_one_way_in_and_out_is_superfluous(lint: Lint) -> None:
    body = START + node("parallelGateway", "x") + END + way("s", "x", "e")
    assert lint("bpmn.superfluous-gateway", bpmn(body)) == [("x", "warning")]
    again = node("task", "t") + way("s", "t", "x")
    assert lint("bpmn.superfluous-gateway", bpmn(body + again)) == []


def test_the_condition_of_a_default_flow_is_not_asked(lint: Lint) -> None:
    for condition, found in (("True", [("a", "warning")]), (None, [])):
        body = START + node("task", "a", default="a_e") + END + way("s", "a") + flow("a", "e", condition)
        assert lint("bpmn.unasked-condition", bpmn(body)) == found

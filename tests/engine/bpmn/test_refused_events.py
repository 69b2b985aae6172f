"""Events that could not do what their drawing says are refused at deployment, by element (BPMN 2.0.2 §10.5, §10.7)."""

from __future__ import annotations

import pytest

from engine import NotDeployable
from engine.bpmn.reader import read_bpmn
from tests.engine.xml_text import (
    CANCEL,
    boundary,
    bpmn,
    catch,
    compensate,
    conditional,
    end,
    error,
    event_sub_process,
    handled_by,
    link,
    node,
    root,
    timer,
    way,
)

S, E = node("startEvent", "s"), node("endEvent", "e")
ON_TASK = S + node("task", "a") + E + way("s", "a", "e")


def refused(body: str) -> list[tuple[str | None, str]]:
    definitions = root("error", "bad", errorCode="BAD")
    with pytest.raises(NotDeployable) as found:
        read_bpmn(bpmn(body, definitions=definitions), "p.bpmn")
    return [(problem.element, problem.rule) for problem in found.value.problems]


@pytest.mark.parametrize(
    ("body", "element", "rule"),
    [
        (ON_TASK + boundary("x", "a", CANCEL), "x", "bpmn.cancel"),
        (ON_TASK + boundary("x", "a", error("bad"), interrupting=False), "x", "bpmn.boundary"),
        (ON_TASK + event_sub_process("h", error("bad"), node("task", "u") + way("h_s", "u"), interrupting=False),
         "h_s", "bpmn.event-sub-process"),
        (ON_TASK + boundary("x", "a", compensate()), "x", "bpmn.compensation"),
        (ON_TASK + catch("x", link("l")) + catch("y", link("l")) + way("x", "e"), "x", "bpmn.link"),
        (ON_TASK + boundary("x", "a", conditional("True"), error("bad"), parallelMultiple="true"), "x", "bpmn.event"),
        (node("startEvent", "x", conditional("True") + timer("timeDuration", "P1D"), parallelMultiple="true")
         + E + way("x", "e"), "x", "bpmn.start"),
        (node("eventBasedGateway", "g", instantiate="true", eventGatewayType="Parallel")
         + catch("x", conditional("True")) + catch("y", timer("timeDuration", "P1D"))
         + E + way("g", "x", "e") + way("g", "y", "e"), "x", "bpmn.event-gateway"),
    ],
    ids=[
        "only transactions are cancelled", "errors interrupt", "errors interrupt an event sub-process too",
        "a compensation event leads to its handler", "a link is caught in one place",
        "an error is not waited for together with something else", "a condition that starts a process stands alone",
        "a condition that starts a process stands alone behind a gateway",
    ],
)  # fmt: skip
def test_an_event_that_could_not_do_what_it_says_is_refused(body, element, rule):
    assert (element, rule) in refused(body)


def test_an_event_sub_process_may_name_what_it_compensates_in_the_scope_around_it():
    handler = event_sub_process("h", error("bad"), end("he", compensate("a")) + way("h_s", "he"))
    undo = handled_by("a", "un_a") + node("task", "un_a", isForCompensation="true")
    file = bpmn(ON_TASK + undo + handler, definitions=root("error", "bad", errorCode="BAD"))
    assert read_bpmn(file, "p.bpmn")[1] == []

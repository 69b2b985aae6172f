"""What does not fit together is refused when it is deployed, not when a token comes by."""

from __future__ import annotations

import pytest

from engine import NotDeployable, StartInstance
from tests.engine.conftest import actor
from tests.engine.xml_text import bpmn, node, timer, way

START, END = node("startEvent", "s"), node("endEvent", "e")
CALLING = bpmn(START + node("callActivity", "call", calledElement="q") + END + way("s", "call", "e"))
CALLED = bpmn(START + END + way("s", "e"), key="q")
BY_MESSAGE = bpmn(
    node("startEvent", "s", '<bpmn:messageEventDefinition messageRef="paid"/>') + END + way("s", "e"),
    key="q",
    definitions='<bpmn:message id="paid" name="paid"/>',
)


def refused(deploy, content, **beside):
    with pytest.raises(NotDeployable) as error:
        deploy(content, **beside)
    return [(problem.element, problem.rule) for problem in error.value.problems]


def test_a_call_of_a_process_that_is_nowhere_is_refused(engine, deploy):
    assert refused(deploy, CALLING) == [("call", "bundle.called-element")]
    deploy(CALLED)
    deploy(CALLING)
    assert engine.execute(StartInstance("p"), actor("supervisor")).status == "completed"


def test_a_call_of_a_process_in_the_same_deployment_is_fine(engine, deploy):
    deploy(CALLING, q__bpmn=CALLED)
    assert engine.execute(StartInstance("p"), actor("supervisor")).status == "completed"


def test_a_call_of_what_cannot_be_called_is_refused(deploy):
    assert refused(deploy, CALLING, q__bpmn=BY_MESSAGE) == [("call", "bundle.called-element")]
    drawn = b'<bpmn:process id="q" isExecutable="false"><bpmn:task id="t"/></bpmn:process></bpmn:definitions>'
    beside = CALLING.replace(b"</bpmn:definitions>", drawn)
    assert refused(deploy, beside) == [("call", "bundle.called-element")]


@pytest.mark.parametrize(
    "element",
    [
        node("intermediateCatchEvent", "x", timer("timeDuration", "3 days")),
        node("intermediateCatchEvent", "x", timer("timeDate", "2027-02-30")),
        node("intermediateCatchEvent", "x", timer("timeCycle", "0 0 * * *")),
        node("intermediateCatchEvent", "x", timer("timeCycle", "R/2027-02-30/P1M")),
        node("userTask", "x", planflow_dueDate="soon"),
        node("userTask", "x", planflow_priority="high"),
        node("userTask", "x", planflow_priority="101"),
    ],
)
def test_a_time_or_priority_that_is_none_is_refused(deploy, element):
    assert refused(deploy, bpmn(START + element + END + way("s", "x", "e"))) == [("x", "bundle.literal")]


@pytest.mark.parametrize("text", ["R/P1D", "R3/2027-01-31T09:00+08:00/P1M", "=var(&quot;cycle&quot;)"])
def test_cycles_as_they_may_be_written_are_deployed(deploy, text):
    tick = (
        node("startEvent", "hs", timer("timeCycle", text), isInterrupting="false")
        + node("task", "t")
        + way("hs", "t")
    )
    deploy(bpmn(START + node("subProcess", "h", tick, triggeredByEvent="true")))

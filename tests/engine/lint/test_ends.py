"""Ways that stop, and ways that never do."""

import pytest

from tests.engine.lint.conftest import Lint
from tests.engine.xml_text import bpmn, flow, node, script, timer, way

START, END = node("startEvent", "s"), node("endEvent", "e")
DAY = timer("timeDuration", "P1D")


def test_a_gateway_or_catching_event_that_leads_nowhere_is_an_error(lint: Lint) -> None:
    gate = node("exclusiveGateway", "g", default="g_e") + node("exclusiveGateway", "x")
    gate += way("s", "g", "e") + flow("g", "x", "True")
    assert lint("bpmn.dead-end", bpmn(START + END + gate)) == [("x", "error")]
    event = node("parallelGateway", "g") + node("intermediateCatchEvent", "x", DAY) + way("s", "g", "e")
    assert lint("bpmn.dead-end", bpmn(START + END + event + way("g", "x"))) == [("x", "error")]


def test_without_an_end_event_whatever_leads_nowhere_is_an_end(lint: Lint) -> None:
    model = bpmn(START + node("exclusiveGateway", "g") + way("s", "g"))
    assert lint("bpmn.dead-end", model) == []
    assert lint("bpmn.implicit-end", bpmn(START + node("task", "t") + way("s", "t"))) == []


def test_an_activity_that_leads_nowhere_is_doubtful_beside_an_end_event(lint: Lint) -> None:
    model = bpmn(
        START + END + node("parallelGateway", "g") + node("task", "t") + way("s", "g", "e") + way("g", "t")
    )
    assert lint("bpmn.implicit-end", model) == [("t", "warning")]
    assert lint("bpmn.dead-end", model) == []


def test_links_handlers_and_event_sub_processes_need_no_flow_out(lint: Lint) -> None:
    link = '<bpmn:linkEventDefinition name="on"/>'
    body = (
        node("intermediateThrowEvent", "t", link)
        + node("intermediateCatchEvent", "c", link)
        + node("task", "d")
    )
    body += node("boundaryEvent", "b", "<bpmn:compensateEventDefinition/>", attachedToRef="d")
    body += node("task", "u", isForCompensation="true")
    body += '<bpmn:association id="a" sourceRef="b" targetRef="u"/>'
    body += node("subProcess", "on", node("startEvent", "os", DAY), triggeredByEvent="true")
    model = bpmn(START + END + body + way("s", "d", "t") + way("c", "e"))
    assert lint("bpmn.implicit-end", model) == []


def circle(inside: str, *ids: str, leaves: bool = False, beside: str = "") -> bytes:
    back = flow(ids[-1], "m")
    out = node("exclusiveGateway", "o", default="o_m") + END + flow("o", "e", "done") + flow("o", "m")
    gate = node("exclusiveGateway", "m")
    rest = out + flow(ids[-1], "o") if leaves else back
    return bpmn(START + gate + inside + way("s", "m", *ids) + rest + beside)


def test_a_circle_without_a_way_out_is_an_error(lint: Lint) -> None:
    assert lint("bpmn.endless", circle(script("x", "n = 1"), "x")) == [("m", "error")]
    assert lint("bpmn.endless", circle(script("x", "n = 1"), "x", leaves=True)) == []


@pytest.mark.parametrize(
    "inside",
    [
        node("userTask", "x"),
        node("intermediateCatchEvent", "x", DAY),
        node("serviceTask", "x", planflow_operation="f"),
        node("intermediateThrowEvent", "x", '<bpmn:signalEventDefinition signalRef="go"/>'),
        script("x", "bpmn_error(&quot;DONE&quot;)"),
    ],
)
def test_a_circle_that_waits_or_can_be_broken_is_only_doubtful(lint: Lint, inside: str) -> None:
    model = circle(inside, "x").replace(b"<bpmn:process", b'<bpmn:signal id="go" name="go"/><bpmn:process', 1)
    assert lint("bpmn.endless", model) == [("m", "warning")]


def test_a_circle_that_something_else_ends_is_fine(lint: Lint) -> None:
    stop = node("intermediateCatchEvent", "late", DAY) + node(
        "endEvent", "t", "<bpmn:terminateEventDefinition/>"
    )
    assert lint("bpmn.endless", circle(node("userTask", "x"), "x", beside=stop + way("s", "late", "t"))) == []
    late = node("subProcess", "on", node("startEvent", "os", DAY), triggeredByEvent="true")
    assert lint("bpmn.endless", circle(node("userTask", "x"), "x", beside=late)) == []
    guarded = node("subProcess", "sub", node("startEvent", "is") + node("userTask", "x") + way("is", "x")
                   + flow("x", "x"))  # fmt: skip
    boundary = node("boundaryEvent", "b", DAY, attachedToRef="sub")
    assert lint("bpmn.endless", bpmn(START + guarded + boundary + way("s", "sub"))) == []


def test_a_join_within_the_circle_may_wait_and_is_not_endless(lint: Lint) -> None:
    body = node("parallelGateway", "j") + node("task", "x") + way("s", "j", "x") + flow("x", "j")
    assert lint("bpmn.endless", bpmn(START + body)) == [("j", "warning")]

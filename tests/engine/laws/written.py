"""Drawings written as BPMN."""

from __future__ import annotations

from html import escape

from tests.engine.laws.drawing import Drawing, Flow, Model, Node, Repeats
from tests.engine.laws.language import counting
from tests.engine.xml_text import (
    HEAD,
    TERMINATE,
    error,
    flow,
    in_and_out,
    loop,
    many,
    message,
    node,
    root,
    timer,
)

CODES = ("BAD", "WORSE")
TAGS = {
    "task": "task",
    "user": "userTask",
    "script": "scriptTask",
    "catch": "intermediateCatchEvent",
    "start": "startEvent",
    "boundary": "boundaryEvent",
    "sub-process": "subProcess",
    "event sub-process": "subProcess",
    "ad hoc": "adHocSubProcess",
    "exclusive": "exclusiveGateway",
    "parallel": "parallelGateway",
    "inclusive": "inclusiveGateway",
    "complex": "complexGateway",
    "event based": "eventBasedGateway",
    "call": "callActivity",
    "end": "endEvent",
    "terminate": "endEvent",
    "error end": "endEvent",
}


def written(model: Model) -> bytes:
    """The whole file: processes, messages (one for each event that waits for one) and errors."""
    waits = [n.id for n in model.everything() if n.trigger == "message"]
    beside = "".join(root("message", _message(each)) for each in waits)
    beside += "".join(root("error", code, errorCode=code) for code in CODES)
    beside += '<bpmn:error id="any"/>'
    processes = "".join(
        f'<bpmn:process id="{key}" isExecutable="true">{_drawing(drawing, model)}</bpmn:process>'
        for key, drawing in model.processes.items()
    )
    return f"{HEAD}{beside}{processes}</bpmn:definitions>".encode()


def _message(element: str) -> str:
    return f"m_{element}"


def _drawing(drawing: Drawing, model: Model) -> str:
    data = "".join(
        f'<bpmn:dataObject id="{drawing.nodes[0].id}_{name}" name="{name}"/>' for name in drawing.own
    )
    nodes = "".join(_node(each, drawing, model) for each in drawing.nodes)
    return data + nodes + "".join(_flow(each) for each in drawing.flows)


def _flow(drawn: Flow) -> str:
    return flow(drawn.source, drawn.target, None if drawn.condition is None else escape(drawn.condition))


def _node(drawn: Node, drawing: Drawing, model: Model) -> str:
    return node(TAGS[drawn.kind], drawn.id, _inside(drawn, model), **_attributes(drawn))


def _attributes(drawn: Node) -> dict[str, str]:
    interrupts = str(drawn.interrupting).lower()
    found: dict[str, dict[str, str]] = {
        "script": {"scriptFormat": "starlark"},
        "user": {"planflow_assignee": "administrator"},
        "boundary": {"attachedToRef": drawn.host or "", "cancelActivity": interrupts},
        "call": {"calledElement": drawn.calls or ""},
        "event sub-process": {"triggeredByEvent": "true"},
        "start": {"isInterrupting": interrupts} if drawn.trigger else {},
    }
    default = {} if drawn.default is None else {"default": f"{drawn.id}_{drawn.default}"}
    return {**found.get(drawn.kind, {}), **default}


def _inside(drawn: Node, model: Model) -> str:
    inside = "" if drawn.inside is None else _drawing(drawn.inside, model)
    ends = {"terminate": TERMINATE, "error end": error(drawn.code or "any")}
    inside += ends.get(drawn.kind, "")
    if drawn.kind == "script":
        inside += f"<bpmn:script>{counting(drawn.counter)}</bpmn:script>"
    if drawn.enough is not None:
        inside += f"<bpmn:activationCondition>activationCount &gt;= {drawn.enough}</bpmn:activationCondition>"
    if drawn.calls is not None:
        names = {name: f"={name}" for name in model.used_in(drawn.calls)}
        inside += in_and_out(names, names)
    return inside + _event(drawn) + _again(drawn)


def _event(drawn: Node) -> str:
    if drawn.trigger == "timer":
        return timer("timeDuration", "P1D")
    if drawn.trigger == "message":
        return message(_message(drawn.id))
    return error(drawn.code or "any") if drawn.trigger == "error" else ""


def _again(drawn: Node) -> str:
    repeats = drawn.repeats
    if repeats is None:
        return ""
    if repeats.kind == "while":
        return loop(f"loopCounter &lt; {repeats.rounds}", testBefore=str(repeats.before).lower())
    return _many(drawn, repeats)


def _many(drawn: Node, repeats: Repeats) -> str:
    items = ", ".join(f"&quot;{item}&quot;" for item in repeats.items)
    enough = f"nrOfCompletedInstances &gt;= {repeats.enough}" if repeats.enough is not None else None
    return many(
        f"<bpmn:completionCondition>{enough}</bpmn:completionCondition>" if enough else "",
        isSequential=str(repeats.kind == "in turn").lower(),
        planflow_collection=f"=[{items}]",
        planflow_elementVariable="who",
        planflow_outputElement=f"={repeats.output}",
        planflow_outputCollection=f"all_{drawn.id}",
    )

"""SpiffWorkflow and SpiffArena: the namespace ``spiffworkflow:``. Its Python expressions are read as Starlark."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.dialects.adoption import Adoption, catches, content, kind, refers
from engine.bpmn.dialects.translation import quoted
from engine.bpmn.support import BPMN, RULES

NAMESPACE = "http://spiffworkflow.org/bpmn/schema/1.0/core"
_CHANGING = {
    "preScript": "a script before the task",
    "postScript": "a script after the task",
    "messagePayload": "an expression for what a message carries",
    "messageVariable": "a variable for what a message carries",
    "payloadExpression": "an expression for what an event carries",
    "variableName": "a variable for what an event carries",
}
"""What would change the course of a process if it were left out."""


def adopt(adoption: Adoption) -> None:
    """Read what SpiffWorkflow says of the elements of a file."""
    _messages(adoption)
    for node in adoption.elements():
        _element(adoption, node)
    adoption.sweep(NAMESPACE, "spiffworkflow", ())


def _element(adoption: Adoption, node: etree._Element) -> None:
    match kind(node):
        case "serviceTask":
            _operator(adoption, node)
        case "businessRuleTask":
            _decision(adoption, node)
        case "scriptTask":
            if node.get("scriptFormat", "").lower() in ("python", "text/x-python"):
                del node.attrib["scriptFormat"]
        case "callActivity":
            adoption.everything(node, "input")
            adoption.everything(node, "output")
        case _:
            pass
    _instructions(adoption, node)
    for name, what in _CHANGING.items():
        found = adoption.extension(node, NAMESPACE, name)
        if found is not None and content(found):
            adoption.refuse(node, f"“spiffworkflow:{name}” is {what}, which has no equal here.")


def _operator(adoption: Adoption, node: etree._Element) -> None:
    """The operation of a service task, with its parameters as inputs and the variable that takes its answer."""
    operator = adoption.extension(node, NAMESPACE, "serviceTaskOperator")
    if operator is None:
        return
    adoption.option(node, "operation", operator.get("id"))
    for parameter in operator.iter(f"{{{NAMESPACE}}}parameter"):
        name, value = parameter.get("id") or parameter.get("name"), parameter.get("value")
        if name and value:
            adoption.mapping(node, "input", name, f"={value}")
    result = operator.get("resultVariable")
    if result:
        adoption.mapping(node, "output", result, "=result")


def _decision(adoption: Adoption, node: etree._Element) -> None:
    """The decision of a business rule task; each of its outputs becomes a variable, as there."""
    decision = adoption.extension(node, NAMESPACE, "calledDecisionId")
    if decision is not None:
        adoption.option(node, "decision", content(decision) or None)
        adoption.everything(node, "output")


def _instructions(adoption: Adoption, node: etree._Element) -> None:
    """What a person is told becomes the documentation of the task, unless it has one or is a template."""
    found = adoption.extension(node, NAMESPACE, "instructionsForEndUser")
    text = "" if found is None else content(found)
    if not text:
        return
    if "{{" in text or "{%" in text:
        adoption.warn(node, "“spiffworkflow:instructionsForEndUser” is a template and is not shown.")
    elif node.find(f"{{{BPMN}}}documentation") is not None:
        adoption.warn(node, "The task has a documentation; its instructions are not shown.")
    else:
        documentation = etree.Element(f"{{{BPMN}}}documentation")
        documentation.text = text
        node.insert(0, documentation)


def _messages(adoption: Adoption) -> None:
    """Correlation by variables of the process; who sends a message says the keys, so that none is read out of it."""
    for message in adoption.elements("message"):
        keys: dict[str, str] = {}
        for found in adoption.extensions(message, NAMESPACE, "processVariableCorrelation"):
            name = found.find(f"{{{NAMESPACE}}}propertyId")
            expression = found.find(f"{{{NAMESPACE}}}expression")
            if name is not None and expression is not None and content(name) and content(expression):
                keys[content(name)] = content(expression)
        adoption.extension(message, NAMESPACE, "processVariableCorrelation")
        _correlate(adoption, message.get("id") or "", keys)
        _receive(adoption, message)
    if "correlationProperty" not in RULES:
        _drop_retrieval(adoption)


def _correlate(adoption: Adoption, message: str, keys: dict[str, str]) -> None:
    written = ", ".join(f"{quoted(name)}: {expression}" for name, expression in keys.items())
    for _holder, event in _waiting_for(adoption, message) if keys else ():
        if kind(event) != "startEvent":
            adoption.option(event, "correlation", f"={{{written}}}")


def _receive(adoption: Adoption, message: etree._Element) -> None:
    """The variable for all that a message carries; it is named on the message, or where that is awaited."""
    common = adoption.extension(message, NAMESPACE, "messageVariable")
    for holder, event in _waiting_for(adoption, message.get("id") or ""):
        own = adoption.extension(holder, NAMESPACE, "messageVariable")
        variable = next((content(found) for found in (own, common) if found is not None), "")
        if variable:
            adoption.mapping(event, "output", variable, "=message")


def _waiting_for(adoption: Adoption, message: str) -> list[tuple[etree._Element, etree._Element]]:
    """What refers to a message, and the event or task that waits for it."""
    found = []
    for holder in adoption.elements("messageEventDefinition", "receiveTask"):
        event = holder if kind(holder) == "receiveTask" else holder.getparent()
        if event is not None and catches(event) and refers(holder, "messageRef", message):
            found.append((holder, event))
    return found


def _drop_retrieval(adoption: Adoption) -> None:
    for node in adoption.elements("correlationProperty", "correlationKey"):
        adoption.warn(node, "The sender of a message gives its keys: none is read out of what it carries.")
        parent = node.getparent()
        if parent is not None:
            parent.remove(node)


def is_spiff(root: etree._Element) -> bool:
    """Whether a file was drawn for SpiffWorkflow."""
    return NAMESPACE in root.nsmap.values()

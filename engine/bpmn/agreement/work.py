"""Who does an activity, what it calls, and how often: in BPMN's own terms or in options, not in both."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.bpmn.agreement.drawing import RULE
from engine.bpmn.reading import nodes
from engine.bpmn.reading.people import roles_of
from engine.bpmn.reading.references import References
from engine.bpmn.shape import Finding
from engine.bpmn.support import BPMN, RULES, local_id

_LOOP = {
    "collection": "loopDataInputRef",
    "elementVariable": "inputDataItem",
    "outputCollection": "loopDataOutputRef",
    "outputElement": "outputDataItem",
}
"""Each option of a multi-instance activity with the element that says the same."""

_FOR_PEOPLE = tuple(f"{{{BPMN}}}{kind}" for kind, rule in RULES.items() if "assignee" in rule.options)
_MESSAGE_TASKS = ("serviceTask", "sendTask", "receiveTask")


def work_findings(root: etree._Element) -> Iterator[Finding]:
    """Where an activity says two things at once."""
    references = References(root)
    for task in root.iter(*_FOR_PEOPLE):
        yield from _people(task, references)
    for loop in root.iter(f"{{{BPMN}}}multiInstanceLoopCharacteristics"):
        yield from _repetition(loop)
    for task in root.iter(*(f"{{{BPMN}}}{kind}" for kind in _MESSAGE_TASKS)):
        yield from _operation(task, references)
    for definition in root.iter(f"{{{BPMN}}}messageEventDefinition"):
        yield from _operation(definition, references)
    for process in nodes.children(root, "process"):
        if "startValues" in nodes.options(process) and "startForm" not in nodes.options(process):
            yield process, "planflow:startValues fill a planflow:startForm; there is none.", RULE, "error"


def _people(task: etree._Element, references: References) -> Iterator[Finding]:
    for option in sorted(roles_of(task, references).keys() & nodes.options(task).keys()):
        reason = f"planflow:{option} and a role of the task say who does it; only one can."
        yield task, reason, RULE, "error"
    owners = [nodes.text(e) or "" for owner in nodes.children(task, "potentialOwner") for e in owner.iter()]
    expressions = sum(text.startswith("=") for text in owners)
    if expressions and sum(bool(text) for text in owners) > 1:
        yield task, "An expression that gives groups stands alone among potential owners.", RULE, "error"


def _repetition(loop: etree._Element) -> Iterator[Finding]:
    for option, element in _LOOP.items():
        if option in nodes.options(loop) and nodes.child(loop, element) is not None:
            yield loop, f"planflow:{option} and {element} say the same; only one can.", RULE, "error"
    behavior = nodes.word(loop, "behavior") or "All"
    for kind, attribute in (("One", "oneBehaviorEventRef"), ("None", "noneBehaviorEventRef")):
        if (behavior == kind) != (loop.get(attribute) is not None):
            yield loop, f"{attribute} and behavior={kind} belong together.", RULE, "error"
    if (behavior == "Complex") != (nodes.child(loop, "complexBehaviorDefinition") is not None):
        yield loop, "complexBehaviorDefinition and behavior=Complex belong together.", RULE, "error"


def _operation(node: etree._Element, references: References) -> Iterator[Finding]:
    """A task names an operation or a message; where it names both, the operation is that of the message."""
    option, message = nodes.options(node).get("operation"), node.get("messageRef")
    operation = references.find(node.get("operationRef") or nodes.text_in(node, "operationRef"))
    if option is not None and (operation is not None or message is not None):
        yield node, "planflow:operation and a messageRef or operationRef say what is called.", RULE, "error"
    if operation is None or message is None:
        return
    if local_id(nodes.text_in(operation, "inMessageRef")) != local_id(message):
        yield node, "The messageRef is not the message of the operationRef.", RULE, "error"

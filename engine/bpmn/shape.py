"""What a BPMN file must be beside the table of its elements: ids, references, how often, and where text may stand.

The XML Schema of BPMN 2.0 says most of it; files are not checked against the schema, which knows no extensions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml import etree

from engine.bpmn.reading.nodes import text as own_text
from engine.bpmn.support import (
    ATTRIBUTE_REFERENCES,
    BPMN,
    EVENT_DEFINITIONS,
    EXPRESSIONS,
    FLOW_NODES,
    GLOBAL_TASKS,
    HOLD_TEXT,
    PLANFLOW,
    TEXT_REFERENCES,
    XPATH,
    XSI,
    local_id,
)

Finding = tuple[etree._Element, str, str, str]
"""Node, reason, rule, severity."""

LONGEST_ID = 200
"""Characters of an id; databases find processes and elements by them in indexes, whose entries are limited."""
_ID = re.compile(r"[\w][\w.\-]*")
_NEED_ID = (
    FLOW_NODES
    | set(GLOBAL_TASKS)
    | {"process", "sequenceFlow", "dataObject", "dataInput", "dataOutput", "correlationProperty"}
)
_AT_MOST_ONE = (
    *(frozenset({name}) for name in (
        "extensionElements", "conditionExpression", "script", "loopCardinality", "completionCondition", "condition",
        "collaboration", "childLaneSet", "ioSpecification", "loopDataInputRef", "loopDataOutputRef", "inputDataItem",
        "outputDataItem", "loopCondition", "activationCondition", "transformation", "from", "to", "messagePath",
        "dataPath", "dataState", "event", "operationRef", "inMessageRef", "outMessageRef", "targetRef",
        "participantMultiplicity", "auditing", "monitoring",
    )),
    frozenset({"resourceRef", "resourceAssignmentExpression"}),
    frozenset({"performer", "humanPerformer"}),
    frozenset({"expression", "formalExpression"}),
    frozenset({"multiInstanceLoopCharacteristics", "standardLoopCharacteristics"}),
    frozenset({"timeDate", "timeDuration", "timeCycle"}),
)  # fmt: skip
_NEEDED_ATTRIBUTES = {
    "messageFlow": ("sourceRef", "targetRef"),
    "sequenceFlow": ("sourceRef", "targetRef"),
    "correlationSubscription": ("correlationKeyRef",),
    "correlationPropertyBinding": ("correlationPropertyRef",),
    "correlationPropertyRetrievalExpression": ("messageRef",),
    "dataState": ("name",),
    "resource": ("name",),
}
_NEEDED_CHILDREN: dict[str, tuple[frozenset[str], ...]] = {
    "correlationPropertyBinding": (frozenset({"dataPath"}),),
    "correlationPropertyRetrievalExpression": (frozenset({"messagePath"}),),
    "resourceAssignmentExpression": (frozenset({"expression", "formalExpression"}),),
    "complexBehaviorDefinition": (frozenset({"condition"}), frozenset({"event"})),
    "event": (frozenset({*EVENT_DEFINITIONS, "eventDefinitionRef"}),),
    **{role: (frozenset({"resourceRef", "resourceAssignmentExpression"}),)
       for role in ("performer", "humanPerformer", "potentialOwner")},
}  # fmt: skip
_QUALIFIED = (*ATTRIBUTE_REFERENCES, "attachedToRef", "default", "sourceRef", "targetRef")
_THROWING = {"intermediateThrowEvent", "endEvent", "event"}
_CATCHING = {"startEvent", "intermediateCatchEvent", "boundaryEvent"}
_FOR_PEOPLE = {"userTask", "manualTask", "globalUserTask", "globalManualTask"}
_EXTENSION_OWNERS = {
    "inputs": {"serviceTask", "callActivity", "businessRuleTask", "sendTask", *_THROWING},
    "outputs": {"serviceTask", "callActivity", "businessRuleTask", "receiveTask", *_CATCHING},
    "outcomes": _FOR_PEOPLE,
    "facts": _FOR_PEOPLE,
}


def shape_findings(root: etree._Element) -> Iterator[Finding]:
    """Every finding in a file, in document order within each kind."""
    nodes = list(root.iter(f"{{{BPMN}}}*"))
    for node in nodes:
        yield from _id_findings(node)
        yield from _repeated(node)
        yield from _typed(node)
        yield from _stray_text(node)
        yield from _incomplete(node)
        yield from _other_files(node)
    yield from _twice(nodes)
    yield from _dangling(nodes)
    yield from _misplaced(root)


def _local(node: etree._Element) -> str:
    return etree.QName(node).localname


def _id_findings(node: etree._Element) -> Iterator[Finding]:
    element_id = node.get("id")
    if element_id is None:
        if _local(node) in _NEED_ID:
            yield node, f"A “{_local(node)}” has no id.", "bpmn.id", "error"
    elif _ID.fullmatch(element_id) is None:
        yield (
            node,
            f"“{element_id}” is not an id: letters, digits, “_”, “-” and “.” make one.",
            "bpmn.id",
            "error",
        )
    elif len(element_id) > LONGEST_ID:
        yield node, f"“{element_id[:40]}…” is longer than {LONGEST_ID} characters.", "bpmn.id", "error"


def _repeated(node: etree._Element) -> Iterator[Finding]:
    children = [_local(child) for child in node.iterchildren(f"{{{BPMN}}}*")]
    for group in _AT_MOST_ONE:
        found = [name for name in children if name in group]
        if len(found) > 1:
            yield node, f"Only one of {', '.join(found)} can be executed here.", "bpmn.repeated", "error"


def _typed(node: etree._Element) -> Iterator[Finding]:
    """``xsi:type`` may say of an expression that it is formal, and nothing else of anything."""
    given = node.get(f"{{{XSI}}}type")
    if given is not None and (_local(node) not in EXPRESSIONS or given.split(":")[-1] != "tFormalExpression"):
        yield node, f"“xsi:type={given}” of “{_local(node)}” is not executed.", "bpmn.not-executed", "error"
    language = (node.get("expressionLanguage") or "").strip()
    if language == XPATH:
        yield node, f"Expressions are read as Starlark, not as “{language}”.", "bpmn.language", "warning"


def _stray_text(node: etree._Element) -> Iterator[Finding]:
    if _local(node) in HOLD_TEXT:
        return
    said = " ".join(
        text.strip() for text in (node.text, *(child.tail for child in node)) if text and text.strip()
    )
    if said:
        yield node, f"The text “{said[:60]}” inside “{_local(node)}” is ignored.", "bpmn.text", "warning"


def _incomplete(node: etree._Element) -> Iterator[Finding]:
    """What the schema asks for, and without which the element would mean nothing."""
    local = _local(node)
    if local in EXPRESSIONS and own_text(node) is None:
        yield node, f"The expression in “{local}” is empty.", "bpmn.expression", "error"
    for attribute in _NEEDED_ATTRIBUTES.get(local, ()):
        if not node.get(attribute):
            yield node, f"“{local}” has no {attribute}.", "bpmn.incomplete", "error"
    found = {_local(child) for child in node.iterchildren(f"{{{BPMN}}}*")}
    for choice in _NEEDED_CHILDREN.get(local, ()):
        if not found & choice:
            yield node, f"“{local}” has no {' or '.join(sorted(choice))}.", "bpmn.incomplete", "error"


def _other_files(node: etree._Element) -> Iterator[Finding]:
    """References carry the prefix of the file's own namespace, or none: those to other files are not followed."""
    referred = {name: str(node.get(name)) for name in _QUALIFIED if node.get(name)}
    if _local(node) in TEXT_REFERENCES:
        referred[_local(node)] = node.text or ""
    own = node.getroottree().getroot().get("targetNamespace")
    for name, value in referred.items():
        prefix = value.strip().rpartition(":")[0]
        if prefix and node.nsmap.get(prefix) != own:
            yield node, f"{name} “{value}” leads into another file.", "bpmn.reference", "error"


def _twice(nodes: Iterable[etree._Element]) -> Iterator[Finding]:
    seen: set[str] = set()
    for node in nodes:
        element_id = node.get("id")
        if element_id is not None and element_id in seen:
            yield node, f"The id “{element_id}” is used twice.", "bpmn.duplicate-id", "error"
        seen.add(element_id or "")


def _dangling(nodes: Iterable[etree._Element]) -> Iterator[Finding]:
    kinds = {str(node.get("id")): _local(node) for node in nodes if node.get("id")}
    for node in nodes:
        for attribute, wanted in ATTRIBUTE_REFERENCES.items():
            target = node.get(attribute)
            if target is not None and kinds.get(local_id(target)) not in wanted:
                yield _no_such(node, attribute, target, wanted)
        named = TEXT_REFERENCES.get(_local(node))
        if named is not None and kinds.get(local_id(node.text)) not in named:
            yield _no_such(node, _local(node), (node.text or "").strip(), named)


def _no_such(node: etree._Element, where: str, target: str, wanted: tuple[str, ...]) -> Finding:
    kind = wanted[0] if len(wanted) == 1 else "fitting element"
    return node, f"{where} “{target}” is no {kind} of this file.", "bpmn.reference", "error"


def _misplaced(root: etree._Element) -> Iterator[Finding]:
    """Extensions of our own where nobody would look for them."""
    for node in root.iter(f"{{{PLANFLOW}}}*"):
        parent = node.getparent()
        if parent is None or etree.QName(parent).namespace == PLANFLOW:
            continue
        if parent.tag != f"{{{BPMN}}}extensionElements":
            yield (
                node,
                f"“planflow:{_local(node)}” belongs into extensionElements.",
                "bpmn.unknown-option",
                "error",
            )
            continue
        owner, owners = parent.getparent(), _EXTENSION_OWNERS.get(_local(node))
        if owners is not None and owner is not None and _local(owner) not in owners:
            reason = f"“planflow:{_local(node)}” has no meaning on “{_local(owner)}”."
            yield node, reason, "bpmn.unknown-option", "error"

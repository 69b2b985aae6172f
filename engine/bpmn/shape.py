"""What a BPMN file must be beside the table of its elements: ids, references, how often, and where text may stand.

The XML Schema of BPMN 2.0 says most of it; files are not checked against the schema, which knows no extensions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml import etree

from engine.bpmn.support import BPMN, FLOW_NODES, PLANFLOW, STARLARK, XSI

Finding = tuple[etree._Element, str, str, str]
"""Node, reason, rule, severity."""

LONGEST_ID = 200
"""Characters of an id; databases find processes and elements by them in indexes, whose entries are limited."""
_ID = re.compile(r"[\w][\w.\-]*")
_NEED_ID = FLOW_NODES | {"process", "sequenceFlow"}
_EVENT_DEFINITIONS = frozenset(
    {
        "messageEventDefinition", "timerEventDefinition", "errorEventDefinition", "escalationEventDefinition",
        "terminateEventDefinition",
    }
)  # fmt: skip
_AT_MOST_ONE = (
    *(frozenset({name}) for name in (
        "extensionElements", "conditionExpression", "script", "multiInstanceLoopCharacteristics",
        "loopCardinality", "completionCondition", "collaboration", "childLaneSet",
    )),
    _EVENT_DEFINITIONS,
    frozenset({"timeDate", "timeDuration", "timeCycle"}),
)  # fmt: skip
_EXPRESSIONS = frozenset(
    {"conditionExpression", "loopCardinality", "completionCondition", "timeDate", "timeDuration", "timeCycle"}
)
_HOLD_TEXT = _EXPRESSIONS | {"script", "documentation", "text", "flowNodeRef", "incoming", "outgoing"}
_REFERENCES = {
    "messageRef": ("message",),
    "errorRef": ("error",),
    "escalationRef": ("escalation",),
    "processRef": ("process",),
}
_EXTENSION_OWNERS = {
    "inputs": {"serviceTask", "callActivity", "businessRuleTask"},
    "outputs": {"serviceTask", "callActivity", "businessRuleTask"},
    "outcomes": {"userTask", "manualTask"},
    "facts": {"userTask", "manualTask"},
}


def shape_findings(root: etree._Element) -> Iterator[Finding]:
    """Every finding in a file, in document order within each kind."""
    nodes = list(root.iter(f"{{{BPMN}}}*"))
    for node in nodes:
        yield from _id_findings(node)
        yield from _repeated(node)
        yield from _typed(node)
        yield from _stray_text(node)
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
    if given is not None and (
        _local(node) not in _EXPRESSIONS or given.split(":")[-1] != "tFormalExpression"
    ):
        yield node, f"“xsi:type={given}” of “{_local(node)}” is not executed.", "bpmn.not-executed", "error"
    language = node.get("expressionLanguage", "starlark")
    if language not in STARLARK:
        yield node, f"Expressions are read as Starlark, not as “{language}”.", "bpmn.language", "warning"


def _stray_text(node: etree._Element) -> Iterator[Finding]:
    if _local(node) in _HOLD_TEXT:
        return
    said = " ".join(
        text.strip() for text in (node.text, *(child.tail for child in node)) if text and text.strip()
    )
    if said:
        yield node, f"The text “{said[:60]}” inside “{_local(node)}” is ignored.", "bpmn.text", "warning"


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
        for attribute, wanted in _REFERENCES.items():
            target = node.get(attribute)
            if target is not None and kinds.get(target) not in wanted:
                yield (
                    node,
                    f"{attribute} “{target}” is no {wanted[0]} of this file.",
                    "bpmn.reference",
                    "error",
                )
        if _local(node) == "flowNodeRef" and kinds.get((node.text or "").strip()) not in FLOW_NODES:
            yield (
                node,
                f"The lane refers to “{(node.text or '').strip()}”, which is not there.",
                "bpmn.reference",
                "error",
            )


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

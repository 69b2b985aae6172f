"""Data: sets name what is declared beside them, and associations begin or end in their own activity (§10.4)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.bpmn.agreement.drawing import RULE
from engine.bpmn.reading import nodes
from engine.bpmn.shape import Finding
from engine.bpmn.support import BPMN, local_id

_SETS = {
    "inputSet": ("dataInput", "dataInputRefs", "optionalInputRefs", "outputSetRefs", "outputSet"),
    "outputSet": ("dataOutput", "dataOutputRefs", "optionalOutputRefs", "inputSetRefs", "inputSet"),
}
"""Each kind of set with what it holds, how it names it, and the sets of the other kind."""


def data_findings(root: etree._Element) -> Iterator[Finding]:
    """Where data would not be brought or taken as it is written."""
    for kind in _SETS:
        for each in root.iter(f"{{{BPMN}}}{kind}"):
            yield from _set(each, kind)
    for association in root.iter(f"{{{BPMN}}}dataInputAssociation", f"{{{BPMN}}}dataOutputAssociation"):
        yield from _association(association)


def _set(each: etree._Element, kind: str) -> Iterator[Finding]:
    holder = each.getparent()
    if holder is None:
        return
    item, needed, optional, others, other = _SETS[kind]
    declared = {str(n.get("id")) for n in nodes.children(holder, item)}
    listed = [local_id(n.text) for n in nodes.children(each, needed)]
    named = set(listed)
    free = {local_id(n.text) for n in nodes.children(each, optional)}
    if not named | free <= declared:
        reason = (
            f"A set names only what is declared beside it: {', '.join(sorted((named | free) - declared))}."
        )
        yield each, reason, RULE, "error"
    elif free - named:
        reason = f"What is optional in a set is in the set: {', '.join(sorted(free - named))}."
        yield each, reason, RULE, "error"
    elif len(named) < len(listed):
        yield each, "A set names something twice.", RULE, "error"
    paired = [str(n.get("id")) for n in nodes.children(holder, other)]
    if any([local_id(n.text)] != paired for n in nodes.children(each, others)):
        reason = "Which output belongs to which input can be said only where there is one set of each."
        yield each, reason, "bpmn.not-executed", "error"


def _association(association: etree._Element) -> Iterator[Finding]:
    owner = association.getparent()
    if owner is None:
        return
    if (
        nodes.child(association, "transformation") is not None
        and nodes.child(association, "assignment") is not None
    ):
        yield (
            association,
            "Only one of transformation and assignment can be executed.",
            "bpmn.repeated",
            "error",
        )
    own = set(_own(owner))
    end = "targetRef" if nodes.local(association) == "dataInputAssociation" else "sourceRef"
    for each in nodes.children(association, end):
        if local_id(each.text) not in own:
            reason = f"“{(each.text or '').strip()}” is no data of this element."
            yield association, reason, "bpmn.data", "error"


def _own(owner: etree._Element) -> Iterator[str]:
    for holder in (owner, *nodes.children(owner, "ioSpecification")):
        for item in nodes.children(holder, "property", "dataInput", "dataOutput"):
            yield str(item.get("id"))

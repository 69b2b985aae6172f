"""What the elements of a file refer to by id: messages, signals, event definitions, data, operations."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.reading import nodes
from engine.bpmn.support import BPMN, local_id


class References:
    """Every element of a file by its id, and the names that messages get from message flows."""

    def __init__(self, root: etree._Element) -> None:
        self._by_id = {str(node.get("id")): node for node in root.iter(f"{{{BPMN}}}*") if node.get("id")}
        self._flow_names = dict(_names_from_flows(root, self))

    def find(self, reference: str | None) -> etree._Element | None:
        """The element that a reference names."""
        return self._by_id.get(local_id(reference)) if reference else None

    def name(self, reference: str | None) -> str | None:
        """The name of what a reference names, or its id where it has none."""
        found = self.find(reference)
        return None if found is None else found.get("name") or found.get("id")

    def message_of_flow(self, element: str | None) -> str | None:
        """The message that a message flow at this element carries (BPMN 2.0.2 §9.4), if one is drawn."""
        return self._flow_names.get(element or "")


def _names_from_flows(root: etree._Element, references: References) -> list[tuple[str, str]]:
    """Each end of a message flow with the name of the message: the flow's, that of one of its ends, or its id."""
    found: list[tuple[str, str]] = []
    for flow in root.iter(f"{{{BPMN}}}messageFlow"):
        ends = [local_id(flow.get("sourceRef")), local_id(flow.get("targetRef"))]
        names = [references.name(flow.get("messageRef")), *(_own_message(references, end) for end in ends)]
        name = next((name for name in names if name), flow.get("id") or "")
        found += [(end, name) for end in ends]
    return found


def _own_message(references: References, element: str) -> str | None:
    node = references.find(element)
    if node is None:
        return None
    for owner in (node, *nodes.children(node, "messageEventDefinition")):
        if name := references.name(owner.get("messageRef")):
            return name
    return None

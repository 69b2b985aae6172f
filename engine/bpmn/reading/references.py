"""What the elements of a file refer to by id: messages, signals, event definitions, data, operations."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.bpmn.reading import nodes
from engine.bpmn.support import BPMN, FLOW_NODES, local_id


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


def _names_from_flows(root: etree._Element, references: References) -> Iterator[tuple[str, str]]:
    """Each end of a message flow with the name of its message.

    It is that of one of the flows or ends that hang together, and otherwise the id of the first flow: what several
    send to one receiver is one message.
    """
    for flows, ends in _hanging_together(root, references):
        named = [references.name(flow.get("messageRef")) for flow in flows]
        named += [_own_message(references, end) for end in ends]
        names = list(dict.fromkeys(name for name in named if name)) or [flows[0].get("id") or ""]
        if len(names) == 1:  # of several, none is the one that is meant
            yield from ((end, names[0]) for end in ends)


def _hanging_together(
    root: etree._Element, references: References
) -> list[tuple[list[etree._Element], list[str]]]:
    """Message flows by the flow nodes that they share, with these. A pool does not tell what becomes of a message."""
    groups: list[tuple[list[etree._Element], list[str]]] = []
    for flow in root.iter(f"{{{BPMN}}}messageFlow"):
        ends = [local_id(flow.get("sourceRef")), local_id(flow.get("targetRef"))]
        ends = [end for end in ends if _is_flow_node(references.find(end))]
        joined = [group for group in groups if set(group[1]) & set(ends)]
        groups = [group for group in groups if group not in joined]
        flows = [each for group in joined for each in group[0]]
        before = [end for group in joined for end in group[1]]
        groups.append(([*flows, flow], list(dict.fromkeys([*before, *ends]))))
    return groups


def _is_flow_node(node: etree._Element | None) -> bool:
    return node is not None and nodes.local(node) in FLOW_NODES


def _own_message(references: References, element: str) -> str | None:
    node = references.find(element)
    if node is None:
        return None
    for owner in (node, *nodes.children(node, "messageEventDefinition")):
        if name := references.name(owner.get("messageRef")):
            return name
    return None

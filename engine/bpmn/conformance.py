"""Compares a BPMN file with the table of what is executed, element by element and attribute by attribute."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.bpmn.agreement import agreement_findings
from engine.bpmn.refusals import why_attribute, why_child, why_value
from engine.bpmn.shape import shape_findings
from engine.bpmn.support import (
    BPMN,
    DOCUMENTED_VALUES,
    DRAWING,
    HOLD_TEXT,
    PLANFLOW,
    RULES,
    XSI,
    Rule,
)
from engine.errors import Problem

EXTENSIONS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    # element: (accepted attributes, accepted children)
    "inputs": (frozenset(), frozenset({"input"})),
    "outputs": (frozenset(), frozenset({"output"})),
    "input": (frozenset({"name", "value"}), frozenset()),
    "output": (frozenset({"name", "value"}), frozenset()),
    "outcomes": (frozenset(), frozenset({"outcome"})),
    "outcome": (frozenset({"id", "name", "kind", "comment"}), frozenset()),
    "facts": (frozenset(), frozenset({"fact"})),
    "fact": (frozenset({"label", "value"}), frozenset()),
}


class Conformance:
    """Checks one file. Findings of severity ``error`` refuse it; foreign extensions are warnings."""

    def __init__(self, resource: str) -> None:
        self.resource = resource
        self.found: list[Problem] = []

    def check(self, root: etree._Element) -> list[Problem]:
        """Every finding in the file, in document order."""
        if root.tag != f"{{{BPMN}}}definitions":
            self._report(root, "This is not a BPMN 2.0 file: its root is not bpmn:definitions.", "bpmn.root")
            return self.found
        self._check_element(root)
        for node, reason, rule, severity in (*shape_findings(root), *agreement_findings(root)):
            self._report(node, reason, rule, severity)
        return self.found

    def _report(self, node: etree._Element, reason: str, rule: str, severity: str = "error") -> None:
        owner = _owner(node)
        self.found.append(Problem(self.resource, owner.get("id"), owner.get("name"), reason, rule, severity))

    def _check_element(self, node: etree._Element) -> None:
        local = etree.QName(node).localname
        rule = RULES[local]
        self._check_attributes(node, local, rule)
        for child in _elements(node):
            if local == "extensionElements":
                self._check_extension(child)
            else:
                self._check_child(local, child)

    def _check_child(self, local: str, child: etree._Element) -> None:
        name = etree.QName(child)
        if name.namespace == DRAWING and local == "definitions":
            return
        if name.namespace == BPMN:
            if name.localname in RULES[local].children:
                self._check_element(child)
            else:
                self._not_executed(
                    child, f"“{name.localname}” inside “{local}”", why_child(local, name.localname)
                )
        elif local in HOLD_TEXT - {"documentation", "text"}:
            self._not_executed(child, f"“{name.localname}” inside the text of “{local}”")
        elif name.namespace != PLANFLOW:  # ours belong into extensionElements; shape tells of them
            self._report(child, f"“{name.localname}” is not BPMN and is ignored.", "bpmn.foreign", "warning")

    def _not_executed(self, node: etree._Element, what: str, why: str = "") -> None:
        self._report(node, f"{what} is not executed. {why}".strip(), "bpmn.not-executed")

    def _check_attributes(self, node: etree._Element, local: str, rule: Rule) -> None:
        for key, value in node.attrib.items():
            name = etree.QName(str(key))
            if name.namespace is None:
                self._check_attribute(node, local, rule, name.localname, str(value))
            elif name.namespace == PLANFLOW:
                self._check_option(node, local, rule, name.localname, str(value))
            elif name.namespace != XSI:
                reason = f"The attribute “{name.localname}” of another tool is ignored."
                self._report(node, reason, "bpmn.foreign", "warning")
            elif name.localname != "type" and not (
                name.localname == "schemaLocation" and local == "definitions"
            ):
                self._not_executed(node, f"“xsi:{name.localname}” of “{local}”")

    def _check_option(self, node: etree._Element, local: str, rule: Rule, name: str, value: str) -> None:
        if name not in rule.options:
            self._report(node, f"“planflow:{name}” has no meaning on “{local}”.", "bpmn.unknown-option")
        elif not value.strip():
            self._report(node, f"“planflow:{name}” of “{local}” is empty.", "bpmn.unknown-option")
        elif name == "uniqueBusinessKey" and value not in ("true", "false"):
            self._report(node, f"“planflow:{name}” is true or false.", "bpmn.unknown-option")

    def _check_attribute(self, node: etree._Element, local: str, rule: Rule, name: str, value: str) -> None:
        if name in rule.documentation:
            accepted = DOCUMENTED_VALUES.get(name, ())
        elif name in rule.attributes:
            accepted = rule.attributes[name]
        else:
            self._not_executed(node, f"The attribute “{name}” of “{local}”", why_attribute(local, name))
            return
        if accepted and value.strip() not in accepted:
            self._not_executed(node, f"“{name}={value}” of “{local}”", why_value(name))

    def _check_extension(self, node: etree._Element) -> None:
        name = etree.QName(node)
        if name.namespace == BPMN:
            self._not_executed(node, f"“{name.localname}” inside “extensionElements”")
            return
        if name.namespace != PLANFLOW:
            self._report(
                node,
                f"The extension “{name.localname}” of another tool is ignored.",
                "bpmn.foreign",
                "warning",
            )
            return
        accepted = EXTENSIONS.get(name.localname)
        if accepted is None:
            self._report(node, f"There is no extension “planflow:{name.localname}”.", "bpmn.unknown-option")
            return
        for key in map(str, node.attrib):
            if key not in accepted[0]:
                self._report(
                    node, f"“{key}” has no meaning on “planflow:{name.localname}”.", "bpmn.unknown-option"
                )
        for child in _elements(node):
            if etree.QName(child).localname not in accepted[1]:
                self._report(
                    node,
                    f"“{etree.QName(child).localname}” has no meaning in “planflow:{name.localname}”.",
                    "bpmn.unknown-option",
                )
            else:
                self._check_extension(child)


def _elements(node: etree._Element) -> Iterator[etree._Element]:
    return (child for child in node if isinstance(child.tag, str))


def _owner(node: etree._Element) -> etree._Element:
    """The nearest element with an id, since that is what a designer can find in the diagram."""
    current: etree._Element | None = node
    while current is not None:
        if current.get("id") is not None:
            return current
        current = current.getparent()
    return node

"""Reads DMN 1.3 as dmn-js writes it. Whatever is not executed is refused by element; nothing is ignored."""

from __future__ import annotations

from collections import Counter

from lxml import etree

from engine.decisions.elements import NAMESPACE, Findings, local_name
from engine.decisions.feel import Literal
from engine.decisions.model import Decision, LiteralExpression, Table
from engine.decisions.table import TableReader
from engine.decisions.values import ValueType
from engine.errors import NotDeployable
from engine.xml import parse

_DIAGRAM = "https://www.omg.org/spec/DMN/20191111/DMNDI/"

_DRAWN = {
    "inputData",
    "knowledgeSource",
    "textAnnotation",
    "association",
    "group",
    "elementCollection",
    "organizationUnit",
    "performanceIndicator",
}
"""Parts of the requirements diagram that document a decision and say nothing about how it is made."""

_TOLD = {
    "question",
    "allowedAnswers",
    "authorityRequirement",
    "supportedObjective",
    "impactedPerformanceIndicator",
    "decisionMaker",
    "decisionOwner",
    "usingProcess",
    "usingTask",
}
"""Children of a decision that document it."""

_LOGIC = {"decisionTable", "literalExpression"}


def read_decisions(content: bytes, resource: str = "") -> list[Decision]:
    """The decisions of a DMN file, in its order. ``resource`` is the file's name, for the problems.

    Raises NotDeployable with a problem for each element that is wrong or not executed.
    """
    root = parse(content, resource)
    findings = Findings(resource)
    decisions = _FileReader(findings, root).read()
    if findings.problems:
        raise NotDeployable(findings.problems)
    return decisions


class _FileReader:
    """Reads the decisions of one file, each after those that it requires."""

    def __init__(self, findings: Findings, root: etree._Element) -> None:
        self._findings = findings
        self._root = root
        self._nodes: dict[str, etree._Element] = {}
        self._read: dict[str, Decision | None] = {}

    def read(self) -> list[Decision]:
        if etree.QName(self._root).namespace != NAMESPACE or local_name(self._root) != "definitions":
            self._findings.add(
                self._root, "version", f"This is not DMN 1.3 (a “definitions” of {NAMESPACE})."
            )
            return []
        self._findings.check_language(self._root)
        self._check_ids()
        for node in self._findings.children(self._without_diagram(), {"decision"}, silent=_DRAWN):
            self._nodes[node.get("id", "")] = node
        if not self._nodes:
            self._findings.add(self._root, "decision", "There is no decision in it.")
        found = [self._decision(key) for key in self._nodes]
        return [decision for decision in found if decision is not None]

    def _without_diagram(self) -> etree._Element:
        for child in list(self._root.iterchildren(tag=etree.Element)):
            if etree.QName(child).namespace == _DIAGRAM:
                self._root.remove(child)
        return self._root

    def _check_ids(self) -> None:
        every = Counter(node.get("id") for node in self._root.iter(f"{{{NAMESPACE}}}*"))
        for key, count in every.items():
            if key is not None and count > 1:
                self._findings.add(self._root, "id", f"The id “{key}” is there {count} times.")

    def _decision(self, key: str) -> Decision | None:
        """The decision with this id, or None when it is being read already: it requires itself then."""
        if key not in self._read:
            self._read[key] = None
            self._read[key] = self._read_decision(key, self._nodes[key])
        return self._read[key]

    def _read_decision(self, key: str, node: etree._Element) -> Decision:
        name = node.get("name") or key
        variable, wanted, requires = key, ValueType.ANY, []
        logic: list[etree._Element] = []
        for child in self._findings.children(
            node, {"variable", "informationRequirement", *_LOGIC}, silent=_TOLD
        ):
            match local_name(child):
                case "variable":
                    list(self._findings.children(child, set()))
                    variable, wanted = child.get("name") or key, self._findings.type_of(child)
                case "informationRequirement":
                    requires += self._required(child)
                case _:
                    logic.append(child)
        if not key:
            self._findings.add(node, "id", "The decision has no id.")
        return Decision(key, name, variable, self._logic(node, logic, variable, wanted), tuple(requires))

    def _required(self, node: etree._Element) -> list[Decision]:
        """The decisions that must be made first (DMN 1.3 §6.3); inputs are variables and need nothing."""
        required = []
        for child in self._findings.children(node, {"requiredDecision", "requiredInput"}):
            href = child.get("href", "")
            if local_name(child) == "requiredInput":
                continue
            if href.removeprefix("#") not in self._nodes:
                self._findings.add(
                    node, "requirement", f"The required decision “{href}” is not in this file."
                )
                continue
            decision = self._decision(href.removeprefix("#"))
            if decision is None:
                self._findings.add(
                    node, "requirement", f"The decisions require each other in a ring: “{href}”."
                )
            else:
                required.append(decision)
        return required

    def _logic(
        self, node: etree._Element, logic: list[etree._Element], variable: str, wanted: ValueType
    ) -> Table | LiteralExpression:
        if len(logic) != 1:
            reason = "It needs one decision table or literal expression."
            self._findings.add(node, "logic", reason)
            return LiteralExpression(Literal(None))
        if local_name(logic[0]) == "decisionTable":
            return TableReader(self._findings, logic[0], variable).read()
        return self._literal_expression(logic[0], wanted)

    def _literal_expression(self, node: etree._Element, wanted: ValueType) -> LiteralExpression:
        if node.get("typeRef"):
            wanted = self._findings.type_of(node)
        formula = self._findings.result(node, wanted, node.get("label") or "")
        if not self._findings.text(node):
            self._findings.add(node, "logic", "The literal expression is empty.")
        return LiteralExpression(formula, wanted)

"""Reads what a decision or a business knowledge model does: boxed expressions (DMN 1.3 §7.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lxml import etree

from engine.decisions.elements import Findings, local_name
from engine.decisions.feel import Literal
from engine.decisions.model import (
    Context,
    Entry,
    Invocation,
    KnowledgeModel,
    ListOf,
    LiteralExpression,
    Logic,
    Relation,
)
from engine.decisions.support import LOGIC
from engine.decisions.table import TableReader
from engine.decisions.values import ValueType

_NOTHING = LiteralExpression(Literal(None))


class LogicReader:
    """Reads boxed expressions of one decision. ``knowledge`` is what they may invoke, by name."""

    def __init__(self, findings: Findings, knowledge: Mapping[str, KnowledgeModel]) -> None:
        self._findings = findings
        self._knowledge = knowledge

    def only(
        self, node: etree._Element, found: Sequence[etree._Element], name: str, wanted: ValueType
    ) -> Logic:
        """The one piece of logic that an element must have. ``name`` is what a single output is called."""
        if len(found) != 1:
            reason = f"“{local_name(node)}” needs exactly one of: {', '.join(sorted(LOGIC))}."
            self._findings.add(node, "logic", reason)
            return _NOTHING
        return self.read(found[0], name, wanted)

    def read(self, node: etree._Element, name: str, wanted: ValueType = ValueType.ANY) -> Logic:
        """Logic of any kind."""
        match local_name(node):
            case "decisionTable":
                return TableReader(self._findings, node, name).read()
            case "literalExpression":
                return self._literal_expression(node, wanted)
            case "context":
                return self._context(node)
            case "list":
                return ListOf(tuple(self.read(child, name) for child in self._logic_in(node)))
            case "relation":
                return self._relation(node)
        return self._invocation(node)

    def _literal_expression(self, node: etree._Element, wanted: ValueType) -> LiteralExpression:
        if node.get("typeRef"):
            wanted = self._findings.type_of(node)
        formula = self._findings.result(node, wanted, node.get("label") or "")
        if not self._findings.text(node):
            self._findings.add(node, "logic", "The literal expression is empty.")
        return LiteralExpression(formula, wanted)

    def _context(self, node: etree._Element) -> Context:
        entries = [self._entry(child) for child in self._findings.children(node)]
        named = [entry.name for entry in entries]
        if len(set(named)) != len(named) or None in named[:-1] or not entries:
            reason = "Each entry of a context needs a name of its own; only the last, its result, has none."
            self._findings.add(node, "context", reason)
        return Context(tuple(entries))

    def _entry(self, node: etree._Element) -> Entry:
        children = list(self._findings.children(node))
        named = [child for child in children if local_name(child) == "variable"]
        name = named[0].get("name") if named else None
        wanted = self._findings.type_of(named[0]) if named else ValueType.ANY
        logic = [child for child in children if local_name(child) != "variable"]
        return Entry(name, self.only(node, logic, name or "result", wanted), wanted)

    def _relation(self, node: etree._Element) -> Relation:
        children = list(self._findings.children(node))
        columns = [child for child in children if local_name(child) == "column"]
        for column in columns:
            self._findings.type_of(column)
        rows = []
        for row in (child for child in children if local_name(child) == "row"):
            rows.append(tuple(self.read(cell, "") for cell in self._logic_in(row)))
            if len(rows[-1]) != len(columns):
                self._findings.add(row, "columns", "The row has not one cell for each column.")
        names = tuple(column.get("name") or "" for column in columns)
        if "" in names or len(set(names)) != len(names):
            self._findings.add(node, "columns", "Each column of a relation needs a name of its own.")
        return Relation(names, tuple(rows))

    def _invocation(self, node: etree._Element) -> Logic:
        children = list(self._findings.children(node))
        called = [self._findings.text(child) for child in children if local_name(child) != "binding"]
        model = self._knowledge.get(called[0]) if len(called) == 1 else None
        if model is None:
            reason = f"“{''.join(called)}” is no business knowledge model that is required here."
            self._findings.add(node, "invocation", reason)
            return _NOTHING
        bound = dict(self._binding(child) for child in children if local_name(child) == "binding")
        names = [parameter.name for parameter in model.parameters]
        for name in bound.keys() - set(names):
            self._findings.add(node, "invocation", f"“{model.name}” has no parameter “{name}”.")
        for name in sorted(set(names) - bound.keys()):
            self._findings.add(node, "invocation", f"The parameter “{name}” of “{model.name}” is not given.")
        return Invocation(model.name, tuple(bound.get(name, _NOTHING) for name in names))

    def _binding(self, node: etree._Element) -> tuple[str, Logic]:
        children = list(self._findings.children(node))
        names = [child.get("name") or "" for child in children if local_name(child) == "parameter"]
        logic = [child for child in children if local_name(child) != "parameter"]
        return "".join(names), self.only(node, logic, "", ValueType.ANY)

    def _logic_in(self, node: etree._Element) -> list[etree._Element]:
        return list(self._findings.children(node))

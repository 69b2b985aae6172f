"""What every part of a DMN file is read with: findings are collected, unknown elements and attributes are findings."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.decisions.feel import (
    ANYTHING,
    Anything,
    Between,
    Compares,
    Equals,
    Literal,
    Not,
    NotDate,
    NotFeel,
    UnaryTests,
    parse_simple_value,
    parse_unary_tests,
)
from engine.decisions.model import Expression, Formula
from engine.decisions.values import TYPE_REFS, ValueType, WrongType, as_output, is_of_type, show
from engine.errors import Problem

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
"""DMN 1.3."""

_LANGUAGES = {None, "feel", "FEEL", "https://www.omg.org/spec/DMN/20191111/FEEL/", "starlark"}

_COMMON = frozenset({"id", "label", "name"})
ATTRIBUTES = {
    "definitions": _COMMON
    | {"namespace", "expressionLanguage", "typeLanguage", "exporter", "exporterVersion"},
    "decisionTable": _COMMON | {"typeRef", "hitPolicy", "aggregation", "preferredOrientation", "outputLabel"},
    "informationRequirement": _COMMON,
    "requiredDecision": {"href"},
    "requiredInput": {"href"},
    "decision": _COMMON,
    "input": _COMMON,
    "rule": _COMMON,
}
"""The attributes that an element may have; every other element here holds or names a value."""

_OF_VALUES = _COMMON | {"typeRef", "expressionLanguage"}

DOCUMENTATION = frozenset({"description", "extensionElements"})
"""Children that any element may have, and that say nothing about what is to be done."""


def local_name(node: etree._Element) -> str:
    """The element's name without its namespace."""
    return etree.QName(node).localname


class Findings:
    """The problems of one file, found while it is read."""

    def __init__(self, resource: str) -> None:
        self._resource = resource
        self.problems: list[Problem] = []

    def add(self, node: etree._Element, rule: str, reason: str, name: str | None = None) -> None:
        """Note a problem of an element. An element without an id is named by the nearest one that has one."""
        bearer = next((each for each in (node, *node.iterancestors()) if each.get("id")), node)
        shown = name or node.get("name") or node.get("label")
        problem = Problem(self._resource, bearer.get("id"), shown, reason, f"dmn.{rule}")
        if problem not in self.problems:
            self.problems.append(problem)

    def children(
        self, node: etree._Element, known: set[str], silent: set[str] | None = None
    ) -> Iterator[etree._Element]:
        """The children that are to be read. ``silent`` ones are documentation; all others are findings."""
        self._check_attributes(node)
        for child in node.iterchildren(tag=etree.Element):
            name = local_name(child)
            if etree.QName(child).namespace == NAMESPACE and name in known:
                yield child
            elif etree.QName(child).namespace != NAMESPACE or name not in DOCUMENTATION | (silent or set()):
                self.add(child, "element", f"“{name}” is not executed in “{local_name(node)}”.")

    def text(self, node: etree._Element) -> str:
        """The text of an element that holds one, stripped; empty when there is none."""
        texts = [str(child.xpath("string()")) for child in self.children(node, {"text"})]
        self.check_language(node)
        return "".join(texts).strip()

    def check_language(self, node: etree._Element) -> None:
        """FEEL, or Starlark; where nothing is said, literals and paths are FEEL and all else is Starlark."""
        language = node.get("expressionLanguage")
        if language not in _LANGUAGES:
            self.add(node, "language", f"The expression language “{language}” is not executed.")

    def type_of(self, node: etree._Element) -> ValueType:
        """The element's ``typeRef``."""
        name = node.get("typeRef") or "Any"
        if name not in TYPE_REFS:
            self.add(node, "type", f"The type “{name}” is not executed; these are: {', '.join(TYPE_REFS)}.")
        return TYPE_REFS.get(name, ValueType.ANY)

    def tests(self, node: etree._Element, wanted: ValueType, place: str) -> UnaryTests:
        """The unary tests that an element holds, for values of a type."""
        text = self.text(node)
        try:
            tests = parse_unary_tests(text)
        except (NotFeel, WrongType) as error:
            self.add(node, "unary_test", f"“{text}” is not a test: {error}.", place)
            return ANYTHING
        for literal in literals(tests):
            if not _may_be_compared(literal, wanted):
                self.add(node, "cell_type", f"{show(literal.value)} is not {wanted.value}.", place)
        return tests

    def formula(self, node: etree._Element, place: str) -> Formula:
        """What gives a value: empty is null, a literal or a variable's path is itself, all else is Starlark."""
        text = self.text(node)
        try:
            known = parse_simple_value(text) if text else Literal(None)
        except NotDate as error:
            self.add(node, "literal", f"{error}.", place)
            return Literal(None)
        return known or Expression(node.get("id") or "", text)

    def result(self, node: etree._Element, wanted: ValueType, place: str) -> Formula:
        """A formula whose value, when it is written out, has to be of a type."""
        formula = self.formula(node, place)
        if isinstance(formula, Literal):
            try:
                as_output(formula.value, wanted)
            except WrongType as error:
                self.add(node, "cell_type", f"{error}.", place)
        return formula

    def _check_attributes(self, node: etree._Element) -> None:
        known = ATTRIBUTES.get(local_name(node), _OF_VALUES)
        for attribute in map(str, node.attrib):
            if not attribute.startswith("{") and attribute not in known:
                reason = f"The attribute “{attribute}” is unknown in “{local_name(node)}”."
                self.add(node, "attribute", reason)


def literals(tests: UnaryTests) -> Iterator[Literal]:
    """Every value that is written out in tests."""
    inner = tests.test if isinstance(tests, Not) else tests
    if isinstance(inner, Anything):
        return
    for test in inner.tests:
        match test:
            case Equals(endpoint=endpoint) | Compares(endpoint=endpoint):
                ends = [endpoint]
            case Between(low=low, high=high):
                ends = [low, high]
        yield from (end for end in ends if isinstance(end, Literal))


def _may_be_compared(literal: Literal, wanted: ValueType) -> bool:
    """A whole number may well be compared with 1.5, a date with a moment."""
    return is_of_type(literal.value, ValueType.NUMBER if wanted is ValueType.INTEGER else wanted)

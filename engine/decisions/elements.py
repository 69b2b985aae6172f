"""What every part of a DMN file is read with: findings are collected, unknown elements and attributes are findings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from engine.decisions.feel import (
    ANYTHING,
    Anything,
    Between,
    Compares,
    Equals,
    Literal,
    Node,
    Not,
    NotDate,
    NotFeel,
    UnaryTests,
    Vocabulary,
    parse_expression,
    parse_unary_tests,
)
from engine.decisions.model import Expression, Formula
from engine.decisions.support import (
    DRAWINGS,
    EDITORS,
    EVERYWHERE,
    EXECUTED,
    FEEL,
    LANGUAGES,
    NAMESPACES,
    REFUSED,
    STARLARK,
    TOLD,
    Support,
)
from engine.decisions.values import TYPE_REFS, NoValue, ValueType, as_output, is_of_type, show
from engine.errors import Problem

_MOST_PROBLEMS = 500
_WORD = re.compile(r"[^\W\d]\w*")


def local_name(node: etree._Element) -> str:
    """The element's name without its namespace."""
    return etree.QName(node).localname


class Findings:
    """What was found in one file while it is read: problems, and what is left out without harm."""

    def __init__(self, resource: str, language: str | None = None) -> None:
        self._resource = resource
        self._language = language
        self._said: set[Problem] = set()
        self._given: dict[etree._Element, bool] = {}
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.vocabulary = Vocabulary()

    def add(self, node: etree._Element, rule: str, reason: str, name: str | None = None) -> None:
        """Note a problem of an element. An element without an id is named by the nearest one that has one."""
        if len(self.problems) < _MOST_PROBLEMS:
            self._note(self.problems, node, rule, reason, name, "error")

    def warn(self, node: etree._Element, rule: str, reason: str) -> None:
        """Note what is left out, and does not keep the decision from being made as it is drawn."""
        if len(self.warnings) < _MOST_PROBLEMS:
            self._note(self.warnings, node, rule, reason, None, "warning")

    def _note(
        self,
        noted: list[Problem],
        node: etree._Element,
        rule: str,
        reason: str,
        name: str | None,
        severity: str,
    ) -> None:
        bearer = next((each for each in (node, *node.iterancestors()) if each.get("id")), node)
        shown = name or node.get("name") or node.get("label")
        problem = Problem(self._resource, bearer.get("id"), shown, reason, f"dmn.{rule}", severity)
        if problem not in self._said:
            self._said.add(problem)
            noted.append(problem)

    def children(self, node: etree._Element) -> Iterator[etree._Element]:
        """The children that say what is to be done. Documentation is left out; all others are findings."""
        support = EXECUTED[local_name(node)]
        self._given[node] = True
        self._check_attributes(node, support)
        for child in node.iterchildren(tag=etree.Element):
            if self._is_dmn(child) and local_name(child) in support.executed:
                self._given.setdefault(child, False)
                yield child
            else:
                self._leave_out(node, child, support)

    def finish(self) -> None:
        """Look into every element that was given out and not looked into: a name or a type was all it was read for."""
        left = [node for node, looked_into in self._given.items() if not looked_into]
        while left:
            left += self.children(left.pop())

    def leave_out(self, node: etree._Element) -> None:
        """Check an element that only documents, and all in it: what the schema does not know is a finding."""
        for each in node.iter(etree.Element):
            if self._is_dmn(each) and local_name(each) == "extensionElements":
                continue
            support = TOLD.get(local_name(each), Support(frozenset()))
            self._check_attributes(each, support)
            for child in each.iterchildren(tag=etree.Element):
                if not self._is_dmn(child) or local_name(child) not in support.told | EVERYWHERE:
                    self._unknown(each, child)

    def _leave_out(self, node: etree._Element, child: etree._Element, support: Support) -> None:
        name = local_name(child)
        if not self._is_dmn(child):
            if not (name == "DMNDI" and etree.QName(child).namespace in DRAWINGS):
                self._unknown(node, child)
        elif name == "extensionElements":
            self._check_extensions(child)
        elif name in support.told | EVERYWHERE:
            self.leave_out(child)
        else:
            self._unknown(node, child)

    def _unknown(self, node: etree._Element, child: etree._Element) -> None:
        name = local_name(child)
        reason = f"“{name}” is not executed in “{local_name(node)}”"
        why = REFUSED.get(name) if self._is_dmn(child) else None
        self.add(child, "element", f"{reason}: {why}." if why else f"{reason}.")

    def _check_extensions(self, node: etree._Element) -> None:
        for child in node.iterchildren(tag=etree.Element):
            name = etree.QName(child)
            if name.namespace not in EDITORS:
                self.warn(node, "vendor", f"The extension “{name.localname}” ({name.namespace}) is left out.")

    def _is_dmn(self, node: etree._Element) -> bool:
        return etree.QName(node).namespace in NAMESPACES

    def text(self, node: etree._Element) -> str:
        """The text of an element that holds one, stripped; empty when there is none."""
        return "".join(str(child.xpath("string()")) for child in self.children(node)).strip()

    def language(self, node: etree._Element) -> str | None:
        """FEEL or Starlark; None where nothing is said. What is not executed is a finding."""
        said = node.get("expressionLanguage") or self._language
        if said is None:
            return None
        if said not in LANGUAGES:
            self.add(node, "language", f"The expression language “{said}” is not executed.")
        return LANGUAGES.get(said, FEEL)

    def type_of(self, node: etree._Element) -> ValueType:
        """The element's ``typeRef``."""
        name = (node.get("typeRef") or "Any").removeprefix("feel:")
        if name not in TYPE_REFS:
            self.add(node, "type", f"The type “{name}” is not executed; these are: {', '.join(TYPE_REFS)}.")
        return TYPE_REFS.get(name, ValueType.ANY)

    def tests(self, node: etree._Element, wanted: ValueType, place: str) -> UnaryTests:
        """The unary tests that an element holds, for values of a type."""
        text = self.text(node)
        if self.language(node) == STARLARK and node.get("expressionLanguage"):
            self.add(node, "language", "Tests are written in FEEL, not in Starlark.", place)
        try:
            tests = parse_unary_tests(text, self.vocabulary)
        except (NotFeel, NoValue) as error:
            self.add(node, "unary_test", f"“{_excerpt(text)}” is not a test: {error}.", place)
            return ANYTHING
        for literal in literals(tests):
            if not _may_be_compared(literal, wanted):
                self.add(node, "cell_type", f"{show(literal.constant)} is not {wanted.value}.", place)
        return tests

    def formula(self, node: etree._Element, place: str) -> Formula:
        """What gives a value: empty is null; where no language is said, what is not FEEL is Starlark."""
        text, language = self.text(node), self.language(node)
        if not text:
            return Literal(None)
        if language == STARLARK:
            return self._starlark(node, text, place)
        try:
            return parse_expression(text, self.vocabulary, certain=language == FEEL)
        except NotDate as error:
            self.add(node, "literal", f"{error}.", place)
        except NotFeel as error:
            if language is None:
                return self._starlark(node, text, place)
            self.add(node, "expression", f"“{_excerpt(text)}” is not FEEL that is executed: {error}.", place)
        return Literal(None)

    def _starlark(self, node: etree._Element, text: str, place: str) -> Formula:
        called = set(_WORD.findall(text)) & self.vocabulary.functions.keys()
        for name in sorted(called):
            self.add(node, "expression", f"“{name}” can be called in FEEL only, and this is not FEEL.", place)
        return Expression(node.get("id") or _bearer_id(node), text)

    def result(self, node: etree._Element, wanted: ValueType, place: str) -> Formula:
        """A formula whose value, when it is written out, has to be of a type."""
        formula = self.formula(node, place)
        if isinstance(formula, Literal):
            try:
                as_output(formula.constant, wanted)
            except NoValue as error:
                self.add(node, "cell_type", f"{error}.", place)
        return formula

    def _check_attributes(self, node: etree._Element, support: Support) -> None:
        for attribute in node.attrib:
            name = etree.QName(str(attribute))
            if name.namespace is None and name.localname not in support.attributes:
                reason = f"The attribute “{name.localname}” is unknown in “{local_name(node)}”."
                self.add(node, "attribute", reason)
            elif name.namespace in NAMESPACES:
                reason = f"The attribute “{name.localname}” of “{local_name(node)}” is not executed."
                self.add(node, "attribute", reason)
            elif name.namespace is not None and name.namespace not in EDITORS | _HARMLESS:
                reason = f"The attribute “{name.localname}” ({name.namespace}) of another tool is left out."
                self.warn(node, "vendor", reason)


_HARMLESS = frozenset(
    {
        "http://www.w3.org/2001/XMLSchema-instance",
        "http://www.w3.org/XML/1998/namespace",
        "http://camunda.org/schema/modeler/1.0",
    }
)
"""Where the schema lies, the language of texts, and for which version of an engine a modeler drew it."""


def literals(tests: UnaryTests) -> Iterator[Literal]:
    """Every value that is written out in tests and that the input is compared with."""
    inner = tests.test if isinstance(tests, Not) else tests
    if isinstance(inner, Anything):
        return
    for test in inner.tests:
        ends: list[Node] = []
        match test:
            case Equals(endpoint=endpoint) | Compares(endpoint=endpoint):
                ends = [endpoint]
            case Between(low=low, high=high):
                ends = [low, high]
        yield from (end for end in ends if isinstance(end, Literal))


def names_in(known: Mapping[str, object]) -> frozenset[str]:
    """Those names that consist of several words, which a parser must be told of."""
    return frozenset(name for name in known if not _WORD.fullmatch(name))


def _may_be_compared(literal: Literal, wanted: ValueType) -> bool:
    """A whole number may well be compared with 1.5, a date with a moment."""
    return is_of_type(literal.constant, ValueType.NUMBER if wanted is ValueType.INTEGER else wanted)


def _bearer_id(node: etree._Element) -> str:
    return next((each.get("id") or "" for each in node.iterancestors() if each.get("id")), "")


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:59] + "…"

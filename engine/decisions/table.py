"""Reads a decision table (DMN 1.3 §8.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lxml import etree

from engine.decisions.elements import Findings, literals, local_name
from engine.decisions.feel import ANYTHING, ANYWHERE, Anything, Equals, Literal, OneOf
from engine.decisions.model import Aggregation, Formula, HitPolicy, Input, Output, Rule, Table
from engine.decisions.values import NoValue, Value, ValueType

_PARTS = ("input", "output", "rule")
_NUMERIC = {ValueType.NUMBER, ValueType.INTEGER, ValueType.ANY}


class TableReader:
    """Reads one table; what is wrong with it goes to the findings."""

    def __init__(self, findings: Findings, node: etree._Element, result_name: str) -> None:
        self._findings = findings
        self._node = node
        self._result_name = result_name
        parts = list(findings.children(node))
        self._parts = {tag: [part for part in parts if local_name(part) == tag] for tag in _PARTS}

    def read(self) -> Table:
        inputs = [self._input(node) for node in self._parts["input"]]
        outputs = [self._output(node) for node in self._parts["output"]]
        self._check_names(outputs)
        rules = [
            self._rule(node, number, inputs, outputs) for number, node in enumerate(self._parts["rule"], 1)
        ]
        hit_policy, aggregation = self._hit_policy(outputs)
        if hit_policy.ranks:
            self._check_ranks(outputs, rules)
        table = self._node.get("id", "")
        return Table(table, tuple(inputs), tuple(outputs), tuple(rules), hit_policy, aggregation)

    def _input(self, node: etree._Element) -> Input:
        label = node.get("label") or ""
        formula: Formula = Literal(None)
        wanted, allowed, expressed = ValueType.ANY, None, False
        for child in self._findings.children(node):
            if local_name(child) == "inputExpression":
                expressed = bool(self._findings.text(child))
                wanted = self._findings.type_of(child)
                formula = self._findings.formula(child, label)
                label = label or self._findings.text(child)
            else:
                allowed = child
        if not expressed:
            self._findings.add(node, "input_expression", "The input has no expression.", label)
        tests = ANYTHING if allowed is None else self._findings.tests(allowed, wanted, label)
        return Input(node.get("id", ""), label, formula, wanted, tests)

    def _output(self, node: etree._Element) -> Output:
        name = node.get("name") or ""
        if not name and len(self._parts["output"]) == 1:
            name = self._result_name  # DMN 1.3 §8.1: a single output needs no name
        label = node.get("label") or name
        wanted = self._findings.type_of(node)
        default: Formula | None = None
        allowed: OneOf | Anything = ANYTHING
        for child in self._findings.children(node):
            if local_name(child) == "defaultOutputEntry":
                default = self._findings.result(child, wanted, label)
            else:
                allowed = self._output_values(child, wanted, label)
        ranking = tuple(literal.constant for literal in literals(allowed))
        return Output(node.get("id", ""), name, label, wanted, allowed, ranking, default)

    def _output_values(self, node: etree._Element, wanted: ValueType, label: str) -> OneOf | Anything:
        """Output values are a list of values, in the order of their priority (DMN 1.3 §8.2.6)."""
        tests = self._findings.tests(node, wanted, label)
        if isinstance(tests, OneOf) and all(
            isinstance(test, Equals) and isinstance(test.endpoint, Literal) for test in tests.tests
        ):
            return tests
        if not isinstance(tests, Anything):
            self._findings.add(node, "output_values", "Output values have to be a list of values.", label)
        return ANYTHING

    def _rule(
        self, node: etree._Element, number: int, inputs: Sequence[Input], outputs: Sequence[Output]
    ) -> Rule:
        cells: dict[str, list[etree._Element]] = {"inputEntry": [], "outputEntry": [], "annotationEntry": []}
        for cell in self._findings.children(node):
            cells[local_name(cell)].append(cell)
        entries, results = cells["inputEntry"], cells["outputEntry"]
        if (len(entries), len(results)) != (len(inputs), len(outputs)):
            reason = f"Rule {number} has not one cell for each column."
            self._findings.add(node, "columns", reason)
            return Rule(node.get("id", ""), number, (), ())
        tests = [
            self._findings.tests(cell, column.type, f"Rule {number}, input {column.label}")
            for cell, column in zip(entries, inputs, strict=True)
        ]
        formulas = [
            self._result(cell, column, f"Rule {number}, output {column.label}")
            for cell, column in zip(results, outputs, strict=True)
        ]
        label = self._rule_label(node, cells["annotationEntry"])
        return Rule(node.get("id") or f"{number}", number, tuple(tests), tuple(formulas), label)

    def _rule_label(self, node: etree._Element, annotations: Sequence[etree._Element]) -> str:
        told = [self._findings.text(annotation) for annotation in annotations]
        described = str(node.findtext("{*}description") or "")
        return next((" ".join(text.split()) for text in (node.get("label"), described, *told) if text), "")

    def _result(self, cell: etree._Element, column: Output, place: str) -> Formula:
        formula = self._findings.result(cell, column.type, place)
        if isinstance(formula, Literal) and not _is_allowed(formula.constant, column):
            self._findings.add(cell, "output_values", "This is none of the output's allowed values.", place)
        return formula

    def _hit_policy(self, outputs: Sequence[Output]) -> tuple[HitPolicy, Aggregation | None]:
        name, function = self._node.get("hitPolicy", "UNIQUE"), self._node.get("aggregation")
        try:
            policy, aggregation = HitPolicy(name), Aggregation(function) if function else None
        except ValueError:
            reason = f"The hit policy “{name}” with the aggregation “{function or '–'}” is unknown."
            self._findings.add(self._node, "hit_policy", reason)
            return HitPolicy.UNIQUE, None
        for reason in _hit_policy_problems(policy, aggregation, outputs):
            self._findings.add(self._node, "hit_policy", reason)
        return policy, aggregation

    def _check_ranks(self, outputs: Sequence[Output], rules: Sequence[Rule]) -> None:
        """A result that is written out must have its place among the output values (DMN 1.3 §8.2.11)."""
        for rule, node in zip(rules, self._parts["rule"], strict=True):
            for column, formula in zip(outputs, rule.results, strict=False):
                if column.ranking and formula == Literal(None):
                    reason = "An empty result has no place among the output values, which give the priority."
                    self._findings.add(node, "output_values", reason, f"Rule {rule.number}, {column.label}")

    def _check_names(self, outputs: Sequence[Output]) -> None:
        if not outputs:
            self._findings.add(self._node, "output", "The table has no output.")
        for column, node in zip(outputs, self._parts["output"], strict=True):
            if not column.name:
                self._findings.add(node, "output_name", "Several outputs each need a name.")
        for name, count in Counter(column.name for column in outputs).items():
            if name and count > 1:
                self._findings.add(self._node, "output_name", f"Several outputs are named “{name}”.")


def _hit_policy_problems(
    policy: HitPolicy, aggregation: Aggregation | None, outputs: Sequence[Output]
) -> list[str]:
    problems = []
    if policy in (HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER) and not any(
        column.ranking for column in outputs
    ):
        problems.append(f"{policy.value} needs output values, in the order of their priority.")
    if aggregation and policy is not HitPolicy.COLLECT:
        problems.append(f"Only COLLECT aggregates, not {policy.value}.")
    if aggregation and len(outputs) != 1:
        problems.append("Only a table with one output aggregates.")
    if aggregation is Aggregation.SUM and any(column.type not in _NUMERIC for column in outputs):
        problems.append("Only numbers have a sum.")
    return problems


def _is_allowed(value: Value, column: Output) -> bool:
    if value is None:
        return True
    try:
        return bool(column.allowed.holds(value, ANYWHERE))
    except NoValue:
        return True  # said of the cell's type already

"""Makes a decision: which rules match, and what the hit policy makes of them (DMN 1.3 §8.2.11)."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.decisions.feel import Literal, Reference
from engine.decisions.model import (
    Aggregation,
    Decision,
    Expression,
    Formula,
    HitPolicy,
    Input,
    LiteralExpression,
    Output,
    Rule,
    Table,
)
from engine.decisions.values import Value, WrongType, as_input, as_output, equal, is_number, show
from engine.errors import PlanFlowError
from engine.messages import translatable as _

EvaluateExpression = Callable[[str, Mapping[str, Any]], Any]
"""Evaluates a Starlark expression over variables. May raise a PlanFlowError or a BpmnError."""

Outputs = dict[str, Value]


class DecisionFailed(PlanFlowError):
    """A decision gave no result: its rules contradict each other, or a value is not what the table wants."""

    status = 422
    code = "decision_failed"


@dataclass(frozen=True)
class DecisionResult:
    """The result, and the ids of the rules that gave it.

    ``outputs``: a dict by output name, or None when no rule matched; a list of such dicts for COLLECT, RULE
    ORDER and OUTPUT ORDER; a dict again when COLLECT aggregates; the value itself for a literal expression.
    """

    outputs: Any
    matched_rules: list[str]


def evaluate(
    decision: Decision, variables: Mapping[str, Any], evaluate_expression: EvaluateExpression
) -> DecisionResult:
    """Make the decision over ``variables``, after those that it requires.

    Raises DecisionFailed, and BpmnError when an expression throws one.
    """
    known: dict[str, Any] = {}
    for required in decision.requires:
        value = _as_seen(required, evaluate(required, variables, evaluate_expression).outputs)
        known[required.variable] = known[required.id] = value
    run = _Run(decision, ChainMap(known, dict(variables)), evaluate_expression)
    if isinstance(decision.logic, LiteralExpression):
        return DecisionResult(run.literal_expression(decision.logic), [])
    return run.table(decision.logic)


def _as_seen(decision: Decision, outputs: Any) -> Any:
    """A required decision's result: with a single output its value, without the name (DMN 1.3 §8.1)."""
    if isinstance(decision.logic, LiteralExpression) or len(decision.logic.outputs) != 1:
        return outputs
    name = decision.logic.outputs[0].name
    if isinstance(outputs, list):
        return [row[name] for row in outputs]
    return None if outputs is None else outputs[name]


class _Run:
    """One evaluation of one decision."""

    def __init__(
        self, decision: Decision, variables: Mapping[str, Any], evaluate_expression: EvaluateExpression
    ) -> None:
        self._decision = decision
        self._variables = variables
        self._evaluate_expression = evaluate_expression

    def literal_expression(self, logic: LiteralExpression) -> Value:
        try:
            return as_output(self._value(logic.formula), logic.type)
        except (WrongType, PlanFlowError) as error:
            raise self._failed(_("“%(decision)s”: %(reason)s"), reason=str(error)) from error

    def table(self, table: Table) -> DecisionResult:
        values = [self._input(column) for column in table.inputs]
        matching = self._matching(table, values)
        if not matching:
            return DecisionResult(self._without_match(table), [])
        results = [self._outputs(table, rule) for rule in matching]
        return self._choose(table, matching, results)

    def _input(self, column: Input) -> Value:
        try:
            value = as_input(self._value(column.formula), column.type)
            allowed = value is None or column.allowed.holds(value, self._resolve)
        except (WrongType, PlanFlowError) as error:
            template = _("“%(decision)s”, input “%(input)s”: %(reason)s")
            raise self._failed(template, input=column.label, reason=str(error)) from error
        if not allowed:
            template = _("“%(decision)s”, input “%(input)s”: %(value)s is none of its allowed values.")
            raise self._failed(template, input=column.label, value=show(value))
        return value

    def _matching(self, table: Table, values: Sequence[Value]) -> list[Rule]:
        matching = []
        for rule in table.rules:
            if self._matches(rule, values):
                matching.append(rule)
                if table.hit_policy is HitPolicy.FIRST:
                    break
        return matching

    def _matches(self, rule: Rule, values: Sequence[Value]) -> bool:
        try:
            return all(
                test.holds(value, self._resolve) for test, value in zip(rule.tests, values, strict=True)
            )
        except (WrongType, PlanFlowError) as error:
            template = _("“%(decision)s”, rule %(rule)s: %(reason)s")
            raise self._failed(template, rule=rule.number, reason=str(error)) from error

    def _outputs(self, table: Table, rule: Rule) -> Outputs:
        return {
            column.name: self._output(column, formula, str(rule.number))
            for column, formula in zip(table.outputs, rule.results, strict=True)
        }

    def _output(self, column: Output, formula: Formula, place: str) -> Value:
        try:
            value = self._value(formula)
            allowed = value is None or column.allowed.holds(value, self._resolve)
            result = as_output(value, column.type)
        except (WrongType, PlanFlowError) as error:
            template = _("“%(decision)s”, rule %(rule)s, output “%(output)s”: %(reason)s")
            raise self._failed(template, rule=place, output=column.label, reason=str(error)) from error
        if not allowed:
            template = _(
                "“%(decision)s”, rule %(rule)s, output “%(output)s”: %(value)s is none of its allowed values."
            )
            raise self._failed(template, rule=place, output=column.label, value=show(value))
        return result

    def _choose(self, table: Table, rules: list[Rule], results: list[Outputs]) -> DecisionResult:
        ids = [rule.id for rule in rules]
        match table.hit_policy:
            case HitPolicy.UNIQUE if len(rules) > 1:
                template = _("“%(decision)s”: rules %(rules)s match together, but only one may (UNIQUE).")
                raise self._failed(template, rules=_numbers(rules))
            case HitPolicy.ANY if any(result != results[0] for result in results):
                template = _("“%(decision)s”: rules %(rules)s match together with different results (ANY).")
                raise self._failed(template, rules=_numbers(rules))
            case HitPolicy.PRIORITY:
                best = min(range(len(rules)), key=lambda place: _rank(table, results[place]))
                return DecisionResult(results[best], [ids[best]])
            case HitPolicy.OUTPUT_ORDER:
                order = sorted(range(len(rules)), key=lambda place: _rank(table, results[place]))
                return DecisionResult([results[place] for place in order], [ids[place] for place in order])
            case HitPolicy.COLLECT if table.aggregation is not None:
                return DecisionResult(self._aggregate(table, rules, results), ids)
        return DecisionResult(results if table.hit_policy.gives_a_list else results[0], ids)

    def _aggregate(self, table: Table, rules: list[Rule], results: list[Outputs]) -> Outputs:
        """One value of all results; of none for SUM, MIN and MAX when every result is null."""
        (column,) = table.outputs
        values = [result[column.name] for result in results if result[column.name] is not None]
        match table.aggregation:
            case Aggregation.COUNT:
                return {column.name: len(results)}
            case Aggregation.SUM if all(map(is_number, values)):
                return {column.name: sum(values) if values else None}
            case Aggregation.MIN if _are_alike(values):
                return {column.name: min(values, default=None)}
            case Aggregation.MAX if _are_alike(values):
                return {column.name: max(values, default=None)}
        template = _("“%(decision)s”: the results of rules %(rules)s cannot be aggregated.")
        raise self._failed(template, rules=_numbers(rules))

    def _without_match(self, table: Table) -> Any:
        """The default outputs where there are any (DMN 1.3 §8.2.12), else nothing."""
        if any(column.default is not None for column in table.outputs):
            default = {
                column.name: self._output(column, column.default, "–") if column.default is not None else None
                for column in table.outputs
            }
            as_list = table.hit_policy.gives_a_list and table.aggregation is None
            return [default] if as_list else default
        if table.aggregation is Aggregation.COUNT:
            return {table.outputs[0].name: 0}
        if table.aggregation is not None:
            return {table.outputs[0].name: None}
        return [] if table.hit_policy.gives_a_list else None

    def _value(self, formula: Formula) -> Value:
        match formula:
            case Literal() | Reference():
                return formula.resolve(self._resolve)
            case Expression(source=source):
                return self._evaluate_expression(source, self._variables)

    def _resolve(self, path: tuple[str, ...]) -> Value:
        """The part of a variable; a part that is not there is null, a variable that is not there an error."""
        first, *rest = path
        if first not in self._variables:
            raise DecisionFailed(_("there is no variable “%(variable)s”"), variable=first)
        value = self._variables[first]
        for name in rest:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value

    def _failed(self, template: str, **params: Any) -> DecisionFailed:
        return DecisionFailed(template, decision=self._decision.name, **params)


def _rank(table: Table, result: Outputs) -> list[int]:
    """The places of the outputs in their lists of values, which are ordered by priority (DMN 1.3 §8.2.11)."""
    return [
        next(
            (place for place, value in enumerate(column.ranking) if _same(value, result[column.name])), 10**6
        )
        for column in table.outputs
        if column.ranking
    ]


def _same(ranked: Value, value: Value) -> bool:
    try:
        return equal(ranked, value)
    except WrongType:
        return False


def _are_alike(values: Sequence[Value]) -> bool:
    return all(map(is_number, values)) or all(isinstance(value, str) for value in values)


def _numbers(rules: Sequence[Rule]) -> str:
    return ", ".join(str(rule.number) for rule in rules)

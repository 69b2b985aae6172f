"""Makes a decision after those that it requires: which rules match, and what comes of them (DMN 1.3 §6 to §8)."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.decisions.feel import Scope
from engine.decisions.hit_policies import Outputs, Violation, choose
from engine.decisions.model import (
    Aggregation,
    Context,
    Decision,
    Expression,
    Formula,
    HitPolicy,
    Input,
    Invocation,
    KnowledgeModel,
    ListOf,
    LiteralExpression,
    Logic,
    Output,
    Relation,
    Rule,
    Table,
)
from engine.decisions.values import NoValue, Value, ValueType, WrongType, as_input, as_json, as_output, show
from engine.errors import PlanFlowError
from engine.messages import translatable as _

EvaluateExpression = Callable[[str, Mapping[str, Any]], Any]
"""Evaluates a Starlark expression over variables. May raise a PlanFlowError or a BpmnError."""

MAX_STEPS = 300_000
"""Rules and expressions that may be gone through for one decision, so that models cannot call each other for ever."""

_CONSULTATION = 50
"""What calling a business knowledge model counts for beside its rules; it takes about as long as so many of them."""


class DecisionFailed(PlanFlowError):
    """A decision gave no result: its rules contradict each other, or a value is not what the table wants."""

    status = 422
    code = "decision_failed"


@dataclass(frozen=True)
class Made:
    """A decision that was made on the way: its result as ``DecisionResult`` has it, and the ids of its rules."""

    decision: str
    outputs: Any
    matched_rules: tuple[str, ...]


@dataclass(frozen=True)
class DecisionResult:
    """The result, the ids of the rules that gave it, and the decisions that were made before, in their order.

    ``outputs``: a dict by output name, or None when no rule matched; a list of such dicts for COLLECT, RULE
    ORDER and OUTPUT ORDER; a dict again when COLLECT aggregates; the value itself for other logic than a table.
    ``matched_rules`` has the rules of the tables inside business knowledge models and contexts, too.
    """

    outputs: Any
    matched_rules: list[str]
    required: tuple[Made, ...] = ()


def evaluate(
    decision: Decision, variables: Mapping[str, Any], evaluate_expression: EvaluateExpression
) -> DecisionResult:
    """Make the decision over ``variables``, after those that it requires, each of them once.

    Raises DecisionFailed, and BpmnError when an expression throws one.
    """
    work = _Work(dict(variables), evaluate_expression)
    work.make(decision)
    *required, made = work.made.values()
    return DecisionResult(made.outputs, list(made.matched_rules), tuple(required))


class _Work:
    """One evaluation: what was made so far, and how much it took."""

    def __init__(self, variables: dict[str, Any], evaluate_expression: EvaluateExpression) -> None:
        self._variables = variables
        self.evaluate_expression = evaluate_expression
        self.made: dict[int, Made] = {}
        self._steps = 0

    def make(self, decision: Decision) -> Made:
        """Make a decision unless it was made before. Chains are bounded by the reader."""
        if id(decision) not in self.made:
            known = self._results_for(decision)
            run = _Run(self, decision.name, ChainMap(known, self._variables), decision.knowledge)
            outputs = run.decide(decision.logic)
            self.made[id(decision)] = Made(decision.id, outputs, tuple(run.matched_rules))
        return self.made[id(decision)]

    def _results_for(self, decision: Decision) -> dict[str, Any]:
        """The results of required decisions, by the names under which they are seen."""
        known: dict[str, Any] = {}
        for required in decision.requires:
            value = _as_value(required.decision.logic, self.make(required.decision).outputs)
            seen = dict.fromkeys(required.decision.names, value)
            if required.under is None:
                known |= {name: result for name, result in seen.items() if name not in known}
            else:
                known[required.under] = known.get(required.under, {}) | seen
        return known

    def step(self, count: int = 1) -> None:
        """Count a rule or expression. Raises WrongType when there were too many."""
        self._steps += count
        if self._steps > MAX_STEPS:
            raise WrongType(f"it takes more than {MAX_STEPS} steps")


def _as_value(logic: Logic, outputs: Any) -> Any:
    """A table's result as others see it: with a single output its value, without the name (DMN 1.3 §8.1)."""
    if not isinstance(logic, Table) or len(logic.outputs) != 1 or outputs is None:
        return outputs
    name = logic.outputs[0].name
    return [row[name] for row in outputs] if isinstance(outputs, list) else outputs[name]


class _Run:
    """One evaluation of the logic of a decision, or of a business knowledge model."""

    def __init__(
        self,
        work: _Work,
        name: str,
        variables: Mapping[str, Any],
        knowledge: Mapping[str, KnowledgeModel],
        matched_rules: list[str] | None = None,
    ) -> None:
        self._work = work
        self._name = name
        self._variables = variables
        self._knowledge = {key: self._consultation(model) for key, model in knowledge.items()}
        self._scope = Scope(variables, self._knowledge)
        self.matched_rules = [] if matched_rules is None else matched_rules

    def decide(self, logic: Logic) -> Any:
        """The result as JSON."""
        try:
            return as_json(self._table(logic) if isinstance(logic, Table) else self._logic(logic))
        except (NoValue, RecursionError) as error:
            raise self._failed(_("“%(decision)s”: %(reason)s"), reason=str(error)) from error

    def value(self, logic: Logic) -> Any:
        """The value of logic inside other logic, as JSON."""
        return _as_value(logic, self.decide(logic))

    def _logic(self, logic: LiteralExpression | Context | ListOf | Relation | Invocation) -> Value:
        self._work.step()
        match logic:
            case LiteralExpression():
                return self._literal_expression(logic)
            case Context():
                return self._context(logic)
            case ListOf():
                return [self.value(item) for item in logic.items]
            case Relation():
                rows = [[self.value(cell) for cell in row] for row in logic.rows]
                return [dict(zip(logic.columns, row, strict=True)) for row in rows]
            case Invocation():
                return self._knowledge[logic.model]([self.value(each) for each in logic.arguments])

    def _literal_expression(self, logic: LiteralExpression) -> Value:
        try:
            return as_output(self._formula(logic.formula), logic.type)
        except (NoValue, PlanFlowError) as error:
            raise self._failed(_("“%(decision)s”: %(reason)s"), reason=str(error)) from error

    def _context(self, context: Context) -> Value:
        known: dict[str, Any] = {}
        inner = _Run(self._work, self._name, ChainMap(known, dict(self._variables)), {}, self.matched_rules)
        inner._knowledge.update(self._knowledge)
        for entry in context.entries:
            value = inner.value(entry.logic)
            if entry.type is not ValueType.ANY:
                value = as_json(as_output(value, entry.type))
            if entry.name is None:
                return value
            known[entry.name] = value
        return known

    def _consultation(self, model: KnowledgeModel) -> Callable[[Sequence[Value]], Value]:
        """A model as a function. It sees its parameters and nothing else (DMN 1.3 §10.3.2.13)."""

        def consult(arguments: Sequence[Value]) -> Value:
            self._work.step(_CONSULTATION)
            given = {
                parameter.name: as_json(as_input(as_json(value), parameter.type))
                for parameter, value in zip(model.parameters, arguments, strict=True)
            }
            run = _Run(self._work, model.name, given, model.knowledge, self.matched_rules)
            return as_output(run.value(model.logic), model.type)

        return consult

    def _table(self, table: Table) -> Any:
        values = [self._input(column) for column in table.inputs]
        matching = self._matching(table, values)
        if not matching:
            return self._without_match(table)
        try:
            result, rules = choose(table, matching, lambda rule: self._outputs(table, rule))
        except Violation as violation:
            raise self._failed(violation.template, rules=violation.rules) from None
        self.matched_rules += [rule.id for rule in rules]
        return result

    def _input(self, column: Input) -> Value:
        try:
            value = as_input(self._formula(column.formula), column.type)
            allowed = value is None or column.allowed.holds(value, self._scope)
        except (NoValue, PlanFlowError) as error:
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
        self._work.step()
        try:
            return all(test.holds(value, self._scope) for test, value in zip(rule.tests, values, strict=True))
        except (NoValue, PlanFlowError) as error:
            template = _("“%(decision)s”, rule %(rule)s: %(reason)s")
            raise self._failed(template, rule=rule, reason=str(error)) from error

    def _outputs(self, table: Table, rule: Rule) -> Outputs:
        return {
            column.name: self._output(column, formula, str(rule))
            for column, formula in zip(table.outputs, rule.results, strict=True)
        }

    def _output(self, column: Output, formula: Formula, place: str) -> Value:
        try:
            result = as_output(self._formula(formula), column.type)
            allowed = result is None or column.allowed.holds(result, self._scope)
        except (NoValue, PlanFlowError) as error:
            template = _("“%(decision)s”, rule %(rule)s, output “%(output)s”: %(reason)s")
            raise self._failed(template, rule=place, output=column.label, reason=str(error)) from error
        if not allowed:
            template = _(
                "“%(decision)s”, rule %(rule)s, output “%(output)s”: %(value)s is none of its allowed values."
            )
            raise self._failed(template, rule=place, output=column.label, value=show(result))
        return result

    def _without_match(self, table: Table) -> Any:
        """The default outputs where there are any (DMN 1.3 §8.2.12), else nothing."""
        if any(column.default is not None for column in table.outputs):
            default = {
                column.name: self._output(column, column.default, "–") if column.default is not None else None
                for column in table.outputs
            }
            return [default] if table.gives_a_list else default
        if table.aggregation is not None:
            count = 0 if table.aggregation is Aggregation.COUNT else None
            return {column.name: count for column in table.outputs}
        return [] if table.gives_a_list else None

    def _formula(self, formula: Formula) -> Value:
        if isinstance(formula, Expression):
            return self._work.evaluate_expression(formula.source, self._variables)
        return formula.value(self._scope)

    def _failed(self, template: str, **params: Any) -> DecisionFailed:
        return DecisionFailed(template, decision=self._name, **params)

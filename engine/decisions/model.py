"""A decision as it was read: immutable, checked, with everything parsed that can be parsed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from engine.decisions.feel import ANYTHING, Literal, Reference, UnaryTests
from engine.decisions.values import Value, ValueType


class HitPolicy(Enum):
    """Which of the rules that match give the result (DMN 1.3 §8.2.11)."""

    UNIQUE = "UNIQUE"
    FIRST = "FIRST"
    PRIORITY = "PRIORITY"
    ANY = "ANY"
    COLLECT = "COLLECT"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"

    @property
    def gives_a_list(self) -> bool:
        """Whether several rules may give a result each. An aggregation makes one value of them again."""
        return self in (HitPolicy.COLLECT, HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER)


class Aggregation(Enum):
    """What COLLECT makes of the results (DMN 1.3 §8.2.11)."""

    SUM = "SUM"
    COUNT = "COUNT"
    MIN = "MIN"
    MAX = "MAX"


@dataclass(frozen=True)
class Expression:
    """A Starlark expression of the decision, and the element that holds it."""

    element: str
    source: str


Formula = Literal | Reference | Expression
"""Where a value comes from: written out, a variable's path, or computed."""


@dataclass(frozen=True)
class Input:
    """A column of conditions. ``label`` is what people call it; ``allowed`` are its input values, if any."""

    id: str
    label: str
    formula: Formula
    type: ValueType = ValueType.ANY
    allowed: UnaryTests = ANYTHING


@dataclass(frozen=True)
class Output:
    """A column of results. ``name`` is its key in the result.

    ``ranking`` are the output values from the highest priority to the lowest, ``allowed`` the same as a test.
    """

    id: str
    name: str
    label: str
    type: ValueType = ValueType.ANY
    allowed: UnaryTests = ANYTHING
    ranking: tuple[Value, ...] = ()
    default: Formula | None = None


@dataclass(frozen=True)
class Rule:
    """A row: a test for each input, a formula for each output. ``number`` counts from 1, as dmn-js shows it."""

    id: str
    number: int
    tests: tuple[UnaryTests, ...]
    results: tuple[Formula, ...]


@dataclass(frozen=True)
class Table:
    """The logic of most decisions."""

    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    hit_policy: HitPolicy = HitPolicy.UNIQUE
    aggregation: Aggregation | None = None


@dataclass(frozen=True)
class LiteralExpression:
    """A decision that is one expression (DMN 1.3 §7.3)."""

    formula: Formula
    type: ValueType = ValueType.ANY


@dataclass(frozen=True)
class Decision:
    """A decision with the decisions it requires, which are made first.

    ``variable`` is the name under which a decision that requires this one sees its result.
    """

    id: str
    name: str
    variable: str
    logic: Table | LiteralExpression
    requires: tuple[Decision, ...] = ()

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Every Starlark expression in it, so that a deployment can check them."""
        if isinstance(self.logic, LiteralExpression):
            formulas = [self.logic.formula]
        else:
            formulas = [column.formula for column in self.logic.inputs]
            formulas += [result for rule in self.logic.rules for result in rule.results]
            formulas += [column.default for column in self.logic.outputs if column.default is not None]
        return tuple(formula for formula in formulas if isinstance(formula, Expression))

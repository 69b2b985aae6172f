"""Unary tests: what a cell under an input says of its value (DMN 1.3 §9 and §10.3.2.8)."""

from __future__ import annotations

from dataclasses import dataclass

from engine.decisions.feel.nodes import Node, Scope, lies, truth
from engine.decisions.values import Value, compare, equal, same


@dataclass(frozen=True)
class Anything:
    """``-``, or an empty cell: holds for every value, null too (DMN 1.3 §8.2.8)."""

    def holds(self, value: Value, scope: Scope) -> bool | None:  # noqa: ARG002
        return True


ANYTHING = Anything()


@dataclass(frozen=True)
class Equals:
    """A value alone: holds when the input equals it, or is in it when it is a list."""

    endpoint: Node

    def holds(self, value: Value, scope: Scope) -> bool | None:
        wanted = self.endpoint.value(scope)
        if isinstance(wanted, list) and not isinstance(value, list):
            return any(same(value, item) for item in wanted)
        return equal(value, wanted)


@dataclass(frozen=True)
class Compares:
    """``< <= > >=``: unknown, so that the rule does not match, when the input is null."""

    sign: str
    endpoint: Node

    def holds(self, value: Value, scope: Scope) -> bool | None:
        order = compare(value, self.endpoint.value(scope))
        return None if order is None else lies(self.sign, order)


@dataclass(frozen=True)
class Between:
    """An interval; ``(`` and ``]`` before the start, ``)`` and ``[`` after the end leave the endpoint out."""

    low: Node
    high: Node
    with_low: bool
    with_high: bool

    def holds(self, value: Value, scope: Scope) -> bool | None:
        from_low = compare(value, self.low.value(scope))
        to_high = compare(value, self.high.value(scope))
        if from_low is None or to_high is None:
            return None
        above = from_low > 0 or (self.with_low and from_low == 0)
        return above and (to_high < 0 or (self.with_high and to_high == 0))


@dataclass(frozen=True)
class Condition:
    """An expression with ``?`` for the input: ``contains(?, "x")``."""

    expression: Node

    def holds(self, value: Value, scope: Scope) -> bool | None:
        return truth(self.expression.value(Scope(scope.variables, scope.knowledge, value)))


PositiveTest = Equals | Compares | Between | Condition


@dataclass(frozen=True)
class OneOf:
    """Tests with commas between them: holds when one of them does."""

    tests: tuple[PositiveTest, ...]

    def holds(self, value: Value, scope: Scope) -> bool | None:
        results = [test.holds(value, scope) for test in self.tests]
        return True if True in results else None if None in results else False


@dataclass(frozen=True)
class Not:
    """``not(…)``: unknown stays unknown."""

    test: OneOf

    def holds(self, value: Value, scope: Scope) -> bool | None:
        result = self.test.holds(value, scope)
        return None if result is None else not result


UnaryTests = Anything | OneOf | Not

"""FEEL expressions as trees of frozen nodes, each of which knows its value (DMN 1.3 §10.3.2).

Where FEEL makes null of an error (a text times two, a division by zero), these fail with the reason instead: a
decision must not go wrong in silence. Null itself stays null, as FEEL says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Protocol

from engine.decisions.feel.arithmetic import calculate, negate
from engine.decisions.feel.functions import FUNCTIONS, part_of
from engine.decisions.values import NoVariable, Value, WrongType, compare, equal, show

if TYPE_CHECKING:
    from engine.decisions.feel.unary import PositiveTest

Knowledge = Mapping[str, Callable[[Sequence[Value]], Value]]
"""Business knowledge models by name; each is called with its arguments in order."""


@dataclass(frozen=True)
class Scope:
    """What names mean at one place. ``tested`` is what ``?`` stands for in a cell: the value of its input."""

    variables: Mapping[str, Any] = field(default_factory=dict)
    knowledge: Knowledge = field(default_factory=dict)
    tested: Value = None

    def resolve(self, path: Sequence[str]) -> Value:
        """The part of a variable; a part that is not there is null. Raises NoVariable."""
        first, *rest = path
        if first not in self.variables:
            raise NoVariable(first)
        value = self.variables[first]
        for name in rest:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value


ANYWHERE = Scope()
"""Where there are no variables; enough for constants."""


class Node(Protocol):
    """An expression."""

    def value(self, scope: Scope) -> Value:
        """What it comes to. Raises NoValue."""


@dataclass(frozen=True)
class Literal:
    """A value that is written out."""

    constant: Value

    def value(self, scope: Scope) -> Value:  # noqa: ARG002
        return self.constant


@dataclass(frozen=True)
class Reference:
    """A variable, or a part of one: ``goal.owner``."""

    path: tuple[str, ...]

    def value(self, scope: Scope) -> Value:
        return scope.resolve(self.path)


@dataclass(frozen=True)
class Tested:
    """``?``: the value of the input that a cell tests."""

    def value(self, scope: Scope) -> Value:
        return scope.tested


@dataclass(frozen=True)
class Part:
    """A part of something that was computed: ``date("2027-03-31").year``."""

    whole: Node
    name: str

    def value(self, scope: Scope) -> Value:
        return part_of(self.whole.value(scope), self.name)


@dataclass(frozen=True)
class Items:
    """``[1, 2]``"""

    items: tuple[Node, ...]

    def value(self, scope: Scope) -> Value:
        return [item.value(scope) for item in self.items]


@dataclass(frozen=True)
class Negative:
    """``-x``"""

    operand: Node

    def value(self, scope: Scope) -> Value:
        return negate(self.operand.value(scope))


@dataclass(frozen=True)
class Arithmetic:
    """``+ - * / **``"""

    sign: str
    left: Node
    right: Node

    def value(self, scope: Scope) -> Value:
        return calculate(self.sign, self.left.value(scope), self.right.value(scope))


@dataclass(frozen=True)
class Comparison:
    """``= != < <= > >=``; with null only ``=`` and ``!=`` have an answer."""

    sign: str
    left: Node
    right: Node

    def value(self, scope: Scope) -> Value:
        left, right = self.left.value(scope), self.right.value(scope)
        if self.sign in ("=", "!="):
            return equal(left, right) is (self.sign == "=")
        order = compare(left, right)
        return None if order is None else lies(self.sign, order)


@dataclass(frozen=True)
class Logic:
    """``and``, ``or`` in three-valued logic; ``decisive`` is the value that settles it: true for ``or``."""

    decisive: bool
    left: Node
    right: Node

    def value(self, scope: Scope) -> Value:
        left = truth(self.left.value(scope))
        if left is self.decisive:
            return left
        right = truth(self.right.value(scope))
        return right if right is self.decisive or left is not None else None


@dataclass(frozen=True)
class Among:
    """``x in (…)`` and ``x between a and b``: whether a unary test holds."""

    operand: Node
    tests: tuple[PositiveTest, ...]

    def value(self, scope: Scope) -> Value:
        value = self.operand.value(scope)
        results = [test.holds(value, scope) for test in self.tests]
        return True if True in results else None if None in results else False


@dataclass(frozen=True)
class Choice:
    """``if a then b else c``"""

    condition: Node
    then: Node
    otherwise: Node

    def value(self, scope: Scope) -> Value:
        met = truth(self.condition.value(scope))
        return (self.then if met else self.otherwise).value(scope)


@dataclass(frozen=True)
class Call:
    """A call of one of FEEL's functions."""

    function: str
    arguments: tuple[Node, ...]

    def value(self, scope: Scope) -> Value:
        return FUNCTIONS[self.function].call([argument.value(scope) for argument in self.arguments])


@dataclass(frozen=True)
class Consult:
    """A call of a business knowledge model (DMN 1.3 §6.2.3)."""

    model: str
    arguments: tuple[Node, ...]

    def value(self, scope: Scope) -> Value:
        return scope.knowledge[self.model]([argument.value(scope) for argument in self.arguments])


def lies(sign: str, order: int) -> bool:
    """Whether a comparison that came to -1, 0 or 1 is what the sign says."""
    match sign:
        case "<":
            return order < 0
        case "<=":
            return order <= 0
        case ">":
            return order > 0
    return order >= 0


def truth(value: Value) -> bool | None:
    """True, false or null. Raises WrongType for anything else."""
    if value is None or isinstance(value, bool):
        return value
    raise WrongType(f"{show(value)} is not true or false")


def walk(node: object) -> Iterator[object]:
    """A node or test and everything below it."""
    left = [node]
    while left:
        found = left.pop()
        yield found
        for each in fields(found):  # type: ignore[arg-type]  # every node is a dataclass
            inner = getattr(found, each.name)
            parts = inner if isinstance(inner, tuple) else (inner,)
            left += [part for part in parts if hasattr(part, "value") or hasattr(part, "holds")]


def is_constant(node: object) -> bool:
    """Whether a node or test comes to the same whatever the variables are."""
    return not any(isinstance(each, Reference | Consult) for each in walk(node))

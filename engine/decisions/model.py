"""A decision as it was read: immutable, checked, with everything parsed that can be parsed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum

from engine.decisions.feel import ANYTHING, Node, UnaryTests
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

    @property
    def ranks(self) -> bool:
        """Whether results are ordered by the output values."""
        return self in (HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER)


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


Formula = Node | Expression
"""Where a value comes from: FEEL, or Starlark."""


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
    """A row: a test for each input, a formula for each output.

    ``number`` counts from 1, as dmn-js shows it. ``label`` is its label, description or first annotation.
    """

    id: str
    number: int
    tests: tuple[UnaryTests, ...]
    results: tuple[Formula, ...]
    label: str = ""

    def __str__(self) -> str:
        return f"{self.number} ({self.id}, “{self.label}”)" if self.label else f"{self.number} ({self.id})"


@dataclass(frozen=True)
class Table:
    """The logic of most decisions."""

    id: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    hit_policy: HitPolicy = HitPolicy.UNIQUE
    aggregation: Aggregation | None = None

    @property
    def gives_a_list(self) -> bool:
        """Whether its result is a list."""
        return self.hit_policy.gives_a_list and self.aggregation is None


@dataclass(frozen=True)
class LiteralExpression:
    """Logic that is one expression (DMN 1.3 §7.3.1)."""

    formula: Formula
    type: ValueType = ValueType.ANY


@dataclass(frozen=True)
class Entry:
    """A named part of a context. The entry without a name is the context's result."""

    name: str | None
    logic: Logic
    type: ValueType = ValueType.ANY


@dataclass(frozen=True)
class Context:
    """Entries that each see those before them (DMN 1.3 §7.3.4)."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class ListOf:
    """A boxed list (DMN 1.3 §7.3.5)."""

    items: tuple[Logic, ...]


@dataclass(frozen=True)
class Relation:
    """A list of objects with the same keys, one for each row (DMN 1.3 §7.3.6)."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Logic, ...], ...]


@dataclass(frozen=True)
class Invocation:
    """A call of a business knowledge model; arguments in the order of its parameters (DMN 1.3 §7.3.3)."""

    model: str
    arguments: tuple[Logic, ...]


Logic = Table | LiteralExpression | Context | ListOf | Relation | Invocation


@dataclass(frozen=True)
class Parameter:
    """What a business knowledge model is given."""

    name: str
    type: ValueType = ValueType.ANY


@dataclass(frozen=True)
class KnowledgeModel:
    """A function that decisions may call (DMN 1.3 §6.3.9), with the others that it calls itself, by name."""

    id: str
    name: str
    parameters: tuple[Parameter, ...]
    logic: Logic
    type: ValueType = ValueType.ANY
    knowledge: Mapping[str, KnowledgeModel] = field(default_factory=dict)


@dataclass(frozen=True)
class Required:
    """A decision that is made first. ``under`` is the name of the import it came by, if it has one."""

    decision: Decision
    under: str | None = None


@dataclass(frozen=True)
class Decision:
    """A decision with the decisions it requires, which are made first, and the knowledge it may consult.

    ``names`` are those under which a decision that requires this one sees its result: its variable, id and name.
    """

    id: str
    name: str
    names: tuple[str, ...]
    logic: Logic
    requires: tuple[Required, ...] = ()
    knowledge: Mapping[str, KnowledgeModel] = field(default_factory=dict)

    @property
    def expressions(self) -> tuple[Expression, ...]:
        """Every Starlark expression in it and in the knowledge it consults, so that a deployment can check them."""
        return tuple(
            each for logic in self.all_logic for each in parts(logic) if isinstance(each, Expression)
        )

    @property
    def all_logic(self) -> tuple[Logic, ...]:
        """Its own logic, and that of all knowledge it consults."""
        return (self.logic, *(model.logic for model in self._models()))

    def _models(self) -> list[KnowledgeModel]:
        found: dict[str, KnowledgeModel] = {}
        left = list(self.knowledge.values())
        while left:
            model = left.pop()
            if model.id not in found:
                found[model.id] = model
                left += model.knowledge.values()
        return list(found.values())


def parts(logic: Logic) -> Iterator[object]:
    """The logic and everything in it, in the order of the file."""
    left: list[object] = [logic]
    while left:
        found = left.pop()
        yield found
        for each in reversed(fields(found)):  # type: ignore[arg-type]  # only dataclasses are put in
            left += reversed(list(_within(getattr(found, each.name))))


def _within(value: object) -> Iterator[object]:
    if isinstance(value, tuple):
        for item in value:
            yield from _within(item)
    elif type(value).__module__ == __name__ and not isinstance(value, Enum):
        yield value

"""The inputs of a table cut into parts in which no test changes its mind, one value standing for each part.

What a rule says of a value is asked of the rule itself, so whatever is found here is also what would happen.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cmp_to_key
from itertools import pairwise

from engine.decisions.feel import (
    ANYTHING,
    ANYWHERE,
    Anything,
    Between,
    Compares,
    Equals,
    Literal,
    Not,
    PositiveTest,
    UnaryTests,
)
from engine.decisions.feel.nodes import walk
from engine.decisions.model import Input, Table
from engine.decisions.values import NoValue, Value, ValueType, as_input, compare, is_number, same

OTHER_TEXT = "(another text)"
"""Stands for all texts that no rule names."""

_MOST_QUESTIONS = 100_000
_MOST_ANSWERS = 5_000_000


class TooLarge(Exception):
    """The table has too many rules and columns to be looked through."""


@dataclass(frozen=True)
class Sample:
    """A value that stands for a part of an input. Bit n of the masks is rule n.

    ``certain``: the rules whose test holds; ``possible``: also those that depend on variables.
    """

    value: Value
    certain: int
    possible: int


@dataclass(frozen=True)
class Dimension:
    """An input in its parts. ``expects_null``: some rule asks for null, so that null is a value like others."""

    label: str
    samples: tuple[Sample, ...]
    expects_null: bool

    @property
    def expected(self) -> list[Sample]:
        """The parts in which values are expected: null only where some rule asks for it."""
        return [sample for sample in self.samples if sample.value is not None or self.expects_null]


def dimensions(table: Table) -> list[Dimension]:
    """One for each input. Raises TooLarge."""
    if len(table.inputs) * len(table.rules) ** 2 > _MOST_ANSWERS:
        raise TooLarge
    columns = [
        (column, [rule.tests[place] for rule in table.rules]) for place, column in enumerate(table.inputs)
    ]
    axes = [_Axis(column, _values(column, tests)) for column, tests in columns]
    if (
        sum(
            axis.cost(_different(tests).values())
            for axis, (_column, tests) in zip(axes, columns, strict=True)
        )
        > _MOST_QUESTIONS
    ):
        raise TooLarge
    return [_dimension(axis, tests) for axis, (_column, tests) in zip(axes, columns, strict=True)]


def _different(tests: Sequence[UnaryTests]) -> dict[str, UnaryTests]:
    """The tests, each once. They are told apart as they are written: to Python ``1`` and ``true`` are equal."""
    return {repr(test): test for test in tests}


class _Axis:
    """The values of one input, in order where they have one, and which of them a test holds for, as a mask."""

    def __init__(self, column: Input, values: Sequence[Value]) -> None:
        self.column = column
        self.values = values
        ordered = [value for value in values if value is not None]
        self._in_order = ordered if not any(isinstance(each, bool | str) for each in ordered) else []

    def cost(self, tests: Collection[UnaryTests]) -> int:
        """How many questions have to be put to the tests one by one."""
        return len(self.values) * sum(self._stretches(test) is None for test in tests)

    def masks(self, test: UnaryTests) -> tuple[int, int]:
        """The values that the test holds for, and those beside them for which that depends on variables."""
        stretches = self._stretches(test)
        if stretches is not None:
            certain = 0
            for begin, end in stretches:
                certain |= (1 << end) - (1 << begin) if end > begin else 0
            count = len(self._in_order)
            if isinstance(test, Not):
                certain ^= (1 << count) - 1
            on_null = _answer(test, None, self.column.type) is True
            return certain | on_null << count, 0
        answers = [_answer(test, value, self.column.type) for value in self.values]
        certain = sum(1 << place for place, answer in enumerate(answers) if answer)
        return certain, sum(1 << place for place, answer in enumerate(answers) if answer is None)

    def _stretches(self, test: UnaryTests) -> list[tuple[int, int]] | None:
        """From where to where a test of plain comparisons holds in the order; None for any other test."""
        if isinstance(test, Anything):
            return [(0, len(self._in_order))] if self._in_order else None
        found = []
        for each in (test.test if isinstance(test, Not) else test).tests if self._in_order else (None,):
            ends = self._ends(each)
            if ends is None:
                return None
            found.append(ends)
        return found

    def _ends(self, test: PositiveTest | None) -> tuple[int, int] | None:
        last = len(self._in_order)
        match test:
            case Equals(Literal(value)) if self._has_order(value):
                return self._place(value), self._place(value, after=True)
            case Between(Literal(low), Literal(high), with_low, with_high) if self._has_order(low, high):
                return self._place(low, after=not with_low), self._place(high, after=with_high)
            case Compares("<" | "<=" as sign, Literal(value)) if self._has_order(value):
                return 0, self._place(value, after=sign == "<=")
            case Compares(sign, Literal(value)) if self._has_order(value):
                return self._place(value, after=sign == ">"), last
        return None

    def _has_order(self, *ends: Value) -> bool:
        kind = type(self._in_order[0])
        return all(type(end) is kind or (is_number(end) and is_number(self._in_order[0])) for end in ends)

    def _place(self, value: Value, after: bool = False) -> int:
        """How many values lie before it, itself among them with ``after``."""
        found = bisect_right if after else bisect_left
        return found(self._in_order, value)


def _dimension(axis: _Axis, tests: Sequence[UnaryTests]) -> Dimension:
    known = {key: axis.masks(test) for key, test in _different(tests).items()}
    masks = [(1 << rule, *known[repr(test)]) for rule, test in enumerate(tests)]
    samples: dict[tuple[int, int, bool], Sample] = {}
    for place, value in enumerate(axis.values):
        certain = sum(rule for rule, holds, _depends in masks if holds >> place & 1)
        possible = certain | sum(rule for rule, _holds, depends in masks if depends >> place & 1)
        samples.setdefault((certain, possible, value is None), Sample(value, certain, possible))
    expects_null = any(each is None for test in tests for each in _constants(test))
    return Dimension(axis.column.label, tuple(samples.values()), expects_null)


def _answer(test: UnaryTests, value: Value, wanted: ValueType) -> bool | None:
    """Whether a test holds; None when that depends on variables. A test that is unknown does not hold."""
    try:
        return test.holds(as_input(value, wanted), ANYWHERE) is True
    except NoValue:
        return None


def _values(column: Input, tests: Sequence[UnaryTests]) -> list[Value]:
    """A value for each part, null among them; those that the column does not allow are left out."""
    every = [*dict.fromkeys([*tests, column.allowed])]
    known = _sorted([each for test in every for each in _constants(test) if each is not None])
    if column.type is ValueType.BOOLEAN or any(isinstance(each, bool) for each in known):
        values: list[Value] = [True, False]
    elif not known:
        values = [OTHER_TEXT] if column.type is ValueType.STRING else [_example(column.type)]
    elif isinstance(known[0], str):
        values = [*known, *_other_texts(known, every)]
    else:
        values = list(_along(known, column.type))
    return [*(value for value in values if column.allowed is ANYTHING or _is_allowed(column, value)), None]


def _is_allowed(column: Input, value: Value) -> bool:
    return _answer(column.allowed, value, column.type) is not False


def _constants(test: UnaryTests) -> Iterator[Value]:
    for each in walk(test):
        if isinstance(each, Literal):
            yield from each.constant if isinstance(each.constant, list) else (each.constant,)


def _sorted(values: Sequence[Value]) -> list[Value]:
    """In order, each once. Of values that cannot be compared with the first, none."""
    alike: list[Value] = []
    for value in values:
        if isinstance(value, bool):
            return [value]
        try:
            compare(value, values[0])
        except NoValue:
            continue
        alike.append(value)
    alike.sort(key=cmp_to_key(lambda left, right: compare(left, right) or 0))
    return [value for place, value in enumerate(alike) if place == 0 or not same(value, alike[place - 1])]


def _other_texts(known: Sequence[str], tests: Sequence[UnaryTests]) -> Iterator[str]:
    yield next(text for text in _another(set(known)))
    if any(isinstance(each, Compares | Between) for test in tests for each in walk(test)):
        yield ""
        yield from (f"{text}a" for text in known)


def _another(known: set[str]) -> Iterator[str]:
    text = OTHER_TEXT
    while text in known:
        text += "'"
    yield text


def _along(points: Sequence[Value], wanted: ValueType) -> Iterator[Value]:
    """The points, what lies before, between and after them."""
    step = _step(points[0])
    yield from _safely(points[0], -step)
    for low, high in pairwise(points):
        yield low
        yield from _between(low, high, wanted)
    yield points[-1]
    yield from _safely(points[-1], step)


def _step(point: Value) -> Value:
    if is_number(point):
        return 1
    if isinstance(point, date | timedelta):
        return timedelta(days=1)
    return None if not hasattr(point, "count") else type(point)(1)


def _safely(point: Value, step: Value) -> Iterator[Value]:
    try:
        yield point + step
    except (OverflowError, TypeError):
        return


def _between(low: Value, high: Value, wanted: ValueType) -> Iterator[Value]:
    between: Value
    try:
        if wanted is ValueType.INTEGER:
            between = int(low // 1) + 1
        elif isinstance(low, date) and not isinstance(low, datetime):
            between = low + timedelta(days=1)
        elif is_number(low):
            whole = int(low // 1) + 1
            between = whole if whole < high else (low + high) / 2
        else:
            between = low + (high - low) / 2
    except (TypeError, OverflowError):
        return
    if (compare(low, between) or 0) < 0 and (compare(between, high) or 0) < 0:
        yield between


def _example(wanted: ValueType) -> Value:
    match wanted:
        case ValueType.NUMBER | ValueType.INTEGER | ValueType.ANY:
            return 0
        case ValueType.DATE | ValueType.DATE_TIME:
            return datetime(2027, 1, 1, tzinfo=UTC)
        case ValueType.TIME:
            return "00:00:00"
        case ValueType.DAYS_DURATION:
            return "P1D"
    return "P1M"
